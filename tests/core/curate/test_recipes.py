"""A recipe as a value: read from JSON, written to it, told in words."""

from __future__ import annotations

from typing import Any

import pytest

from core.curate.recipe_words import differences, left_out_in_words, settings_in_words
from core.curate.recipes import Balance, Recipe, parse_recipe, recipe_as_json, recipe_from
from core.errors import Invalid

WHOLE = {
    "take": "random:40",
    "clean": ["drop_boilerplate", "mend_mojibake"],
    "min_score": 0.5,
    "flags_out": ["secret"],
    "flags_allowed": ["too_short"],
    "tags": ["login"],
    "tags_out": ["internal"],
    "sources": ["s_1"],
    "written_from": "2024-01-01",
    "written_to": "2024-12-31",
    "balance": {"by": "tag", "at_most": 50},
    "per_cluster": 2,
    "max_length_tokens": 512,
    "facts_masked": ["price", "link"],
    "facts_moved": ["policy"],
}


@pytest.mark.parametrize("text", ["best", "random", "random:0", "random:-1", "longest:x", ""])
def test_an_unknown_base_names_those_there_are(text: str) -> None:
    with pytest.raises(Invalid, match="is not a recipe"):
        parse_recipe(text)


def test_a_recipe_goes_to_json_and_back() -> None:
    recipe = recipe_from(WHOLE)
    assert recipe_from(recipe_as_json(recipe)) == recipe
    assert (recipe.base, recipe.size, recipe.clean) == ("random", 40, ("mend_mojibake", "drop_boilerplate"))


def test_what_is_missing_has_its_default() -> None:
    assert recipe_from({}) == Recipe() == parse_recipe("recommended")
    assert Recipe().cap_of_cluster == 1
    assert parse_recipe("everything").cap_of_cluster == 0


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"size": 3}, "no setting 'size'"),
        ({"min_score": 2}, "min_score is 2"),
        ({"min_score": True}, "min_score is True"),
        ({"clean": ["wash"]}, "'wash' is not a cleaning step"),
        ({"clean": "mend_mojibake"}, "clean is 'mend_mojibake', which is no list"),
        ({"tags": [1]}, "tags is"),
        ({"written_from": "June"}, "written_from is 'June', which is no day"),
        ({"written_from": "2024-02-01", "written_to": "2024-01-01"}, "ends before it begins"),
        ({"balance": {"by": "colour", "at_most": 1}}, "balanced by 'colour'"),
        ({"balance": {"by": "tag"}}, "has no limit"),
        ({"balance": {"by": "tag", "at_most": 1, "share": 0.5}}, "has two limits"),
        ({"balance": ["tag"]}, "balance .* cannot be read"),
        ({"per_cluster": 1.5}, "per_cluster is 1.5"),
        ({"max_length_tokens": 10}, "max_length_tokens is 10"),
        ({"take": 7}, "take is 7"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(setting: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        recipe_from(setting)


def test_only_what_differs_is_told() -> None:
    older, newer = Recipe(), Recipe(min_score=0.6, balance=Balance("tag", at_most=50), sources=("s_1",))
    assert differences(older, older, {}) == []
    assert differences(older, newer, {"s_1": "posts"}) == [
        "Score: at least 0.60, unless a person kept it; before: any.",
        "Sources: posts; before: all.",
        "Balance: at most 50 records of each tag; before: none.",
    ]


def test_every_setting_of_a_recipe_is_told_in_words() -> None:
    words = settings_in_words(recipe_from(WHOLE), {"s_1": "posts"})
    base = settings_in_words(Recipe(), {})
    assert [name for name in words if words[name] == base[name]] == []


def test_why_records_are_left_out_is_told_by_what_is_wrong_with_them() -> None:
    reasons = {
        "truncated": 600,
        "placeholder": 300,
        "mojibake": 10,
        "too_short": 5,
        "near_duplicate": 3,
        "duplicate": 2_000,
    }
    reasons |= {"deferred": 1, "low_score": 40, "other_tag": 2, "not_drawn": 5, "too_many_tokens": 99}
    assert left_out_in_words(reasons) == (
        "2,003 say what another one says, 915 have a defect (600 truncated, 300 placeholder, 10 mojibake, 5 others), 40 below the score, "
        "7 by its other filters, 1 was put off or rejected"
    )
    assert left_out_in_words({"too_many_tokens": 4}) == ""

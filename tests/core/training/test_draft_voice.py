"""How near drafts come to a voice: written by three systems for the same requests, measured on the way from the base model to the authors."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.nouns import Example
from core.training.chat_format import ChatFormat
from core.training.draft_voice import FEWEST_REQUESTS, NEW_TOKENS, drafts_of_held_out, voice_of_drafts
from core.training.models import load_base, with_new_adapter
from core.training.nearest_passages import nearest_passages
from core.training.progress import Silent
from core.training.shots import N_SHOTS, shots_of
from tests.core.training.test_training import CONFIG
from tests.core.training.tiny import examples

OURS = [
    "we",
    "ride",
    "the",
    "old",
    "bikes",
    "home",
    "and",
    "mend",
    "them",
    "with",
    "care",
    "by",
    "the",
    "canal",
    "while",
    "it",
    "rains",
    "on",
    "the",
    "quiet",
    "shop",
]
THEIRS = [
    "Pursuant",
    "to",
    "regulation",
    "stakeholders",
    "must",
    "leverage",
    "synergies;",
    "deliverables,",
    "therefore,",
    "notwithstanding,",
    "shall",
    "be",
    "operationalised!",
]


def written(words: list[str], n: int, seed: int) -> str:
    draw = random.Random(seed)
    spoken = [draw.choice(words) for _ in range(n)]
    return " ".join(" ".join(spoken[i : i + 9]) + "." for i in range(0, n, 9))


def answering(n: int, text: str) -> Example:
    messages = ({"role": "user", "content": f"Request {n}"}, {"role": "assistant", "content": text})
    return Example(f"r{n}:0", f"r{n}", f"e{n}", "", messages)


@pytest.fixture(scope="module")
def held_out() -> list[Example]:
    return [answering(n, written(OURS, 160, n)) for n in range(12)]


def entry(one: Example, **texts: str) -> dict[str, Any]:
    drafts = {name: {"text": text, "n_tokens": 1, "nearest": None} for name, text in texts.items()}
    return {"example_id": one.id, "reference": one.messages[-1]["content"], "drafts": drafts}


def voice(
    held_out: list[Example], tuned: list[str], base: list[str], shots: list[str], n: int
) -> dict[str, Any] | None:
    """Of drafts whose words are drawn from those given for each system."""
    entries = [
        entry(
            one, tuned=written(tuned, 120, 100 + i), base=written(base, 120, 200 + i), base_fewshot=written(shots, 120, 300 + i)
        )
        for i, one in enumerate(held_out[:n])
    ]  # fmt: skip
    return voice_of_drafts(entries, held_out)


def test_the_authors_words_are_all_the_way_and_the_base_models_none(held_out: list[Example]) -> None:
    told = voice(held_out, OURS, THEIRS, OURS + THEIRS, 8)
    assert told is not None
    assert told["n"] == 8
    assert told["base"]["share"] == pytest.approx(0.0)
    assert told["tuned"]["share"] == pytest.approx(1.0, abs=0.1)
    assert 0.05 < told["base_fewshot"]["share"] < 0.95
    assert told["tuned"]["share_low"] <= told["tuned"]["share"] <= told["tuned"]["share_high"]
    assert told["author"]["distance"] == pytest.approx(told["tuned"]["distance"], rel=0.1)


def test_a_model_that_goes_away_from_the_voice_has_less_than_none_of_the_way(held_out: list[Example]) -> None:
    told = voice(held_out, THEIRS, OURS + THEIRS, OURS, 8)
    assert told is not None
    assert told["tuned"]["share_high"] < 0


def test_where_the_base_model_is_as_near_there_is_no_way_to_go(held_out: list[Example]) -> None:
    told = voice(held_out, THEIRS, OURS, OURS, 8)
    assert told is not None
    assert told["tuned"]["share"] is None


def test_a_way_that_chance_may_have_made_is_not_measured_along(held_out: list[Example]) -> None:
    """In one request of six the base model is far off, in the others as near as the authors are."""
    some = [
        entry(one, tuned=written(OURS, 120, i), base=written(THEIRS if i == 0 else OURS, 120, 50 + i), base_fewshot=written(OURS, 120, 90 + i))
        for i, one in enumerate(held_out[:6])
    ]  # fmt: skip
    told = voice_of_drafts(some, held_out)
    assert told is not None
    assert told["base"]["distance"] > 1.2 * told["author"]["distance"]
    assert told["tuned"]["share"] is None


def test_a_draft_that_repeats_the_answer_to_its_request_is_not_nearer_for_it(held_out: list[Example]) -> None:
    """With that answer among the reference its own rare words would count as usual ones."""
    rare = [answering(n, f"{written(OURS, 80, n)} " + " ".join(f"zyx{n}q{k}" for k in range(30))) for n in range(10)]
    repeated = [
        entry(one, **dict.fromkeys(("tuned", "base", "base_fewshot"), one.messages[-1]["content"])) for one in rare
    ]
    told = voice_of_drafts(repeated, rare)
    assert told is not None
    assert told["tuned"]["distance"] == pytest.approx(told["author"]["distance"])


def test_too_few_or_too_short_drafts_tell_nothing(held_out: list[Example]) -> None:
    assert voice(held_out, OURS, THEIRS, OURS, FEWEST_REQUESTS - 1) is None
    short = [entry(one, **dict.fromkeys(("tuned", "base", "base_fewshot"), "Two words.")) for one in held_out]
    assert voice_of_drafts(short, held_out) is None


def test_each_request_is_answered_by_all_three_and_the_same_again(tiny: Path, form: ChatFormat) -> None:
    some = examples(20)
    model = with_new_adapter(load_base(tiny), CONFIG)

    def write(n: int) -> list[dict[str, Any]]:
        return drafts_of_held_out(
            model, form, train=some[:10], held_out=some[10:], n_requests=n, seed=3, max_position=256, progress=Silent()
        )

    told = write(3)
    assert [one["example_id"] for one in told] == [some[10].id, some[13].id, some[16].id]
    assert all(list(one["drafts"]) == ["tuned", "base", "base_fewshot"] for one in told)
    assert all(
        one["request"] == example.messages[0]["content"] for one, example in zip(told, some[10::3], strict=False)
    )
    assert told == write(3)
    assert write(0) == []


def test_a_request_that_leaves_no_room_for_an_answer_is_not_asked(tiny: Path, form: ChatFormat) -> None:
    some = examples(4)
    long = replace(some[0], messages=({"role": "user", "content": "bike " * 200}, some[0].messages[-1]))
    told = drafts_of_held_out(
        with_new_adapter(load_base(tiny), CONFIG), form, train=some, held_out=[long, some[1]], n_requests=5, seed=3,
        max_position=NEW_TOKENS + 60, progress=Silent(),
    )  # fmt: skip
    assert [one["example_id"] for one in told] == [some[1].id]


def test_what_begins_with_an_answer_is_asked_for_nowhere(tiny: Path, form: ChatFormat) -> None:
    some = examples(4)
    unasked = replace(some[0], id="unasked", messages=some[0].messages[1:])
    told = drafts_of_held_out(
        with_new_adapter(load_base(tiny), CONFIG), form, train=some, held_out=[unasked, some[1]], n_requests=5, seed=3,
        max_position=256, progress=Silent(),
    )  # fmt: skip
    assert [one["example_id"] for one in told] == [some[1].id]


def test_shots_are_short_examples_drawn_by_the_seed(form: ChatFormat) -> None:
    some = examples(10)
    shots = shots_of(some, form, seed=5)
    assert len(shots) == 2 * N_SHOTS
    assert shots == shots_of(some, form, seed=5) != shots_of(some, form, seed=6)
    long = replace(
        some[0], messages=({"role": "user", "content": "bike"}, {"role": "assistant", "content": "door " * 900})
    )
    assert shots_of([long], form, seed=5) == []


def test_the_longest_shared_stretch_is_found_with_its_text() -> None:
    texts = [
        ("a", "The red van stands by the old gate every night."),
        ("b", "Nobody knows why the red van stands by the old mill, or who drives it."),
    ]
    drafts = ["I think THE RED VAN, stands by the old mill today.", "Nothing of that kind stands there."]
    first, second = nearest_passages(drafts, texts)
    assert first is not None
    assert (first.example_id, first.n_words, first.passage) == ("b", 8, "THE RED VAN, stands by the old mill")
    assert second is None


def test_four_words_in_a_row_are_a_turn_of_phrase() -> None:
    assert nearest_passages(["one two three four seven"], [("a", "one two three four five")]) == [None]
    (found,) = nearest_passages(["one two three four five"], [("a", "zero one two three four five")])
    assert found is not None
    assert found.n_words == 5

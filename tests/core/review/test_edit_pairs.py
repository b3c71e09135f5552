"""The labelled pairs of the benchmark are those that the data gives today, and no text of theirs stands in the repository."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks import edit_classes, edit_pairs

LABELS = json.loads(edit_classes.READ.read_text(encoding="utf-8"))["labels"]


@pytest.mark.skipif(not edit_pairs.BLOG.exists(), reason="the revised posts are not beside the repository")
def test_every_pair_has_a_label_and_the_ratios_are_spread() -> None:
    pairs = edit_pairs.chosen_pairs()
    assert {pair.id for pair in pairs} == set(LABELS)
    assert len({pair.post for pair in pairs}) == edit_pairs.N_PAIRS
    ratios = sorted(pair.ratio for pair in pairs)
    assert (ratios[0], sum(ratio <= 0.1 for ratio in ratios)) == (0.0, 25)
    assert 0.55 < ratios[-1] < 0.65


def test_the_result_counts_the_labels_that_are_stored() -> None:
    result = json.loads(edit_classes.RESULT.read_text(encoding="utf-8"))
    told = list(LABELS.values())
    assert result["labels"] == {label: told.count(label) for label in result["labels"]}
    assert sum(n for counts in result["confusion"].values() for n in counts.values()) == result["n"] == len(told)
    assert sum(depth["n"] for depth in result["revised_posts"].values()) == 161


def test_addresses_and_tags_are_left_out_where_only_reading_counts() -> None:
    text = 'See [the page](https://a.example/x "t") and [it][4], https://b.example, <b>bold</b> {{ image | url }} or {: .left}.'
    assert edit_classes.without_addresses('[page](/x) <a href="y">it</a>').split() == ["[page]", "it"]
    assert "b.example" not in edit_classes.without_addresses(text)
    assert "image" not in edit_classes.without_addresses(text)
    assert "[it]" in edit_classes.without_addresses(text)

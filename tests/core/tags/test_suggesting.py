"""Suggested tags: from neighbours and classifier, with a confidence that is kept low where there is nothing to know."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.tags.enough import BINS, bin_of, share_right
from core.tags.suggesting import Learnt, Suggestion, learn

TOPICS = ("billing / refunds", "diary", "privacy")


def vectors(n: int, *, seed: int, spread: float) -> tuple[npt.NDArray[np.float32], list[list[str]]]:
    """n unit vectors in 16 dimensions around one direction a topic, and their tags."""
    draw = np.random.default_rng(seed)
    topics = draw.integers(len(TOPICS), size=n)
    found = np.eye(16)[topics] + spread * draw.normal(size=(n, 16)) / 4
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found.astype(np.float32), [[TOPICS[t]] for t in topics]


def learnt(*, n: int = 90, spread: float = 0.4) -> Learnt:
    found = learn(*vectors(n, seed=1, spread=spread), seed=3)
    assert isinstance(found, Learnt)
    return found


def test_topics_that_lie_apart_are_suggested_with_confidence_and_reason() -> None:
    others, tags = vectors(60, seed=2, spread=0.4)
    first = [suggestions[0] for suggestions in learnt().suggest(others)]
    assert [[s.tag] for s in first] == tags
    assert all(s.confidence > 0.8 and s.place == 1 for s in first)
    assert {s.source for s in first} == {"both"}
    assert all(s.n_asked == 20 and s.n_near > 10 for s in first)


def test_where_tags_say_nothing_no_suggestion_is_sure() -> None:
    known, tags = vectors(90, seed=1, spread=0.4)
    shuffled = [tags[i] for i in np.random.default_rng(5).permutation(len(tags))]
    found = learn(known, shuffled, seed=3)
    assert isinstance(found, Learnt)
    suggestions = [one for row in found.suggest(vectors(60, seed=2, spread=0.4)[0]) for one in row]
    assert max(s.confidence for s in suggestions) < 0.6
    assert found.evaluation["top1"] < 0.5


def test_the_confidence_is_about_the_share_that_is_right() -> None:
    others, tags = vectors(600, seed=2, spread=1.6)
    suggestions = [row[0] for row in learnt(n=300, spread=1.6).suggest(others)]
    right = np.array([[s.tag] == t for s, t in zip(suggestions, tags, strict=True)])
    confidence = np.array([s.confidence for s in suggestions])
    assert 0.4 < right.mean() < 0.95
    assert confidence.mean() == pytest.approx(right.mean(), abs=0.08)


def test_the_evaluation_counts_every_tagged_record_once_and_names_what_was_left_out() -> None:
    known, tags = vectors(60, seed=1, spread=0.4)
    tags[0], tags[1] = ["rare"], [*tags[1], "rare"]
    found = learn(known, tags, seed=3)
    assert isinstance(found, Learnt)
    assert found.tags == TOPICS
    assert found.evaluation["left_out"] == [{"tag": "rare", "n": 2}]
    assert sum(one["n"] for one in found.evaluation["bins"]) == 60
    assert sum(one["n_right"] for one in found.evaluation["bins"]) == round(found.evaluation["top1"] * 60) == 59


def test_too_little_is_said_to_be_too_little() -> None:
    known, tags = vectors(19, seed=1, spread=0.4)
    few: Any = learn(known, tags, seed=3)
    assert (few["n_tags"], few["n_tagged"], few["top1"]) == (0, 19, None)
    known, tags = vectors(30, seed=1, spread=0.4)
    one: Any = learn(known, [["diary"] for _ in tags], seed=3)
    assert one["n_tags"] == 0


def test_nothing_to_suggest_for_is_no_error() -> None:
    assert learnt().suggest(np.zeros((0, 16), dtype=np.float32)) == []
    row = learnt().suggest(np.zeros((1, 16), dtype=np.float32))[0]
    assert [s.place for s in row] == [1, 2, 3]
    assert isinstance(row[0], Suggestion)


def test_how_often_a_confidence_was_right_is_only_said_of_enough_cases() -> None:
    assert [bin_of(c) for c in (0.0, 0.29, 0.3, 0.85, 0.9, 1.0)] == [0, 0, 1, 4, 5, 5]
    bins = [{"low": low, "high": 1.0, "n": n, "n_right": n} for low, n in zip(BINS, (0, 0, 0, 9, 10, 0), strict=True)]
    assert share_right(bins, 0.75) is None
    assert share_right(bins, 0.85) == bins[4]

"""Passages found by their words, by their meaning, and by both; without a model, since vectors are given."""

from __future__ import annotations

import numpy as np
import pytest

from core.facts.retrieval import PassageIndex

TEXTS = [
    "The Pro plan costs $12 a month.",
    "Refunds are given within 14 days.",
    "Our office is in Leeds.",
    "Pro users get refunds at once.",
]


def vectors(*rows: tuple[float, float]) -> np.ndarray:
    found = np.array(rows, dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def index() -> PassageIndex:
    return PassageIndex(TEXTS, vectors((1, 0), (0, 1), (1, 1), (1, 2)))


def test_any_word_of_the_request_counts_and_rare_ones_most(index: PassageIndex) -> None:
    assert index.by_words("refunds for Pro")[0] == 3
    assert index.by_words("In which town is the office, Leeds?")[0] == 2
    assert index.by_words("REFUNDS 14") == [1, 3]
    assert index.by_words("xylophone") == []
    assert index.by_words("!?") == []


def test_the_nearest_by_meaning_comes_first(index: PassageIndex) -> None:
    assert index.by_meaning(vectors((0, 1))[0]) == [1, 3, 2, 0]
    assert index.by_meaning(vectors((0, 1))[0], limit=2) == [1, 3]


def test_what_is_high_in_both_orders_wins(index: PassageIndex) -> None:
    hits = index.search("refunds for Pro", vectors((0, 1))[0], limit=3)
    assert hits[0].place == 3
    assert len(hits) == 3
    assert hits[0].cosine == pytest.approx(2 / np.sqrt(5))


def test_a_request_without_a_known_word_is_found_by_meaning_alone(index: PassageIndex) -> None:
    assert [hit.place for hit in index.search("xylophone", vectors((1, 0))[0], limit=2)] == [0, 2]


def test_an_index_of_nothing_finds_nothing() -> None:
    empty = PassageIndex([], np.zeros((0, 2), dtype=np.float32))
    assert empty.search("refunds", vectors((1, 0))[0], limit=5) == []

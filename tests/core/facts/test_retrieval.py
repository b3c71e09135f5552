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
    def places(request: str) -> list[int]:
        return [place for place, _ in index.by_words(request)]

    assert places("refunds for Pro")[0] == 3
    assert places("In which town is the office, Leeds?")[0] == 2
    assert places("REFUNDS 14") == [1, 3]
    assert places("xylophone") == []
    assert places("!?") == []


def test_small_words_find_nothing(index: PassageIndex) -> None:
    assert index.by_words("what is in the and of our") == []


def test_words_turn_two_that_are_near_by_meaning(index: PassageIndex) -> None:
    vector = vectors((1, 1.9))[0]
    assert [hit.place for hit in index.search("", vector, limit=2)] == [3, 2]
    assert [hit.place for hit in index.search("Leeds office", vector, limit=2)] == [2, 3]


def test_what_is_high_in_both_wins(index: PassageIndex) -> None:
    hits = index.search("refunds for Pro", vectors((1, 4))[0], limit=3)
    assert hits[0].place == 3
    assert len(hits) == 3
    assert hits[0].cosine == pytest.approx(9 / np.sqrt(5 * 17))


def test_a_request_without_a_known_word_is_found_by_meaning_alone(index: PassageIndex) -> None:
    assert [hit.place for hit in index.search("xylophone", vectors((1, 0))[0], limit=2)] == [0, 2]


def test_an_index_of_nothing_finds_nothing() -> None:
    empty = PassageIndex([], np.zeros((0, 2), dtype=np.float32))
    assert empty.search("refunds", vectors((1, 0))[0], limit=5) == []

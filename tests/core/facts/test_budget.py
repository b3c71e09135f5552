"""Which passages go into a prompt."""

from __future__ import annotations

from core.facts.budget import LEAST_COSINE, within_budget
from core.facts.retrieval import Hit

TEXTS = ["a " * 50, "b " * 20, "c " * 70, "d " * 10]


def chosen(hits: list[Hit], **options: int) -> list[int]:
    return within_budget(hits, TEXTS, lambda text: len(text.split()), **options)


def test_the_best_that_fit_are_taken_and_a_smaller_one_after_one_that_does_not() -> None:
    hits = [Hit(place, 0.9) for place in (0, 2, 1, 3)]
    assert chosen(hits, tokens=100) == [0, 1, 3]
    assert chosen(hits, tokens=5) == []


def test_what_is_about_something_else_is_left_out() -> None:
    assert chosen([Hit(0, LEAST_COSINE - 0.01), Hit(1, LEAST_COSINE)]) == [1]


def test_no_more_than_so_many() -> None:
    assert chosen([Hit(place, 0.9) for place in range(4)], most=2) == [0, 1]

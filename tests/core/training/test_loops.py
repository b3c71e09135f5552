"""Texts that go round in circles end after one round."""

from __future__ import annotations

import pytest
import torch

from core.training.loops import CHECK_EVERY, LEAST_TOKENS, StopsLoops, loop_start


@pytest.mark.parametrize(
    ("before", "round_", "times"), [([1, 2, 3], [7], 40), ([1, 2, 3], [7, 8], 20), ([], [5, 6, 7, 8, 9, 4, 3, 2, 1], 4), ([9] * 5, [1, 2] * 9, 4)]
)  # fmt: skip
def test_the_text_ends_after_the_first_round(before: list[int], round_: list[int], times: int) -> None:
    end = loop_start([*before, *round_ * times])
    assert end is not None
    shortest = next(p for p in range(1, len(round_) + 1) if round_ == round_[:p] * (len(round_) // p))
    assert end == len(before) + shortest


def test_what_begins_in_the_middle_of_a_round_is_still_a_loop() -> None:
    assert loop_start([1, 2, *[7, 8, 9] * 15, 7]) == 5


@pytest.mark.parametrize(
    "tokens",
    [[], [1] * (LEAST_TOKENS - 1), list(range(200)), [*([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] * 3), 12], [*[7] * 60, 8]],
)
def test_what_repeats_too_little_or_goes_on_is_no_loop(tokens: list[int]) -> None:
    assert loop_start(tokens) is None


def test_only_the_row_that_loops_is_done() -> None:
    stops = StopsLoops(n_given=3)
    rows = torch.tensor([[0, 0, 0, *[7, 8] * 20], [0, 0, 0, *range(40)]])
    assert 40 % CHECK_EVERY == 0
    assert stops(rows, None).tolist() == [True, False]

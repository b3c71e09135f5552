"""How many drafts settle it."""

from __future__ import annotations

import pytest

from core.review.planning import n_for_half_width, n_to_clear
from core.review.sequential import sequence_interval
from core.review.statistics import wilson_interval


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.73, 1.0])
def test_the_number_is_the_first_that_is_enough(rate: float) -> None:
    n = n_for_half_width(rate)
    wide = [wilson_interval(rate * size, size) for size in (n - 1, n)]
    assert (wide[0][1] - wide[0][0]) / 2 > 0.05 >= (wide[1][1] - wide[1][0]) / 2


@pytest.mark.parametrize(("rate", "target"), [(0.73, 0.6), (0.73, 0.7), (0.4, 0.7), (1.0, 0.7), (0.0, 0.7)])
def test_the_target_is_left_out_by_the_first_number_that_is_enough(rate: float, target: float) -> None:
    n = n_to_clear(rate, target)
    assert n is not None
    low, high = sequence_interval(rate * n, n)
    assert not low <= target <= high
    low, high = sequence_interval(rate * (n - 1), n - 1)
    assert low <= target <= high


def test_a_rate_that_lies_at_the_target_is_never_settled() -> None:
    assert n_to_clear(0.7, 0.7) is None
    assert n_to_clear(0.7001, 0.7) is None

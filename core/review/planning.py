"""How many more verdicts would settle it."""

from __future__ import annotations

import math

from core.review.sequential import sequence_interval
from core.review.statistics import wilson_interval

# An interval of ten points: what a brand lead can tell.
HALF_WIDTH = 0.05
MOST = 20_000


def n_for_half_width(rate: float, half_width: float = HALF_WIDTH) -> int:
    """Drafts in all after which the 95 % interval reaches so far to each side on average, if the rate stays as it is."""
    low, high = 1, MOST
    while low < high:
        middle = (low + high) // 2
        below, above = wilson_interval(rate * middle, middle)
        if (above - below) / 2 <= half_width:
            high = middle
        else:
            low = middle + 1
    return low


def n_to_clear(rate: float, target: float) -> int | None:
    """Drafts in all after which the rate is told from the target, if it stays as it is; None above MOST.

    By the interval that holds however often one looks: who waits for this looks again and again.
    """
    if math.isclose(rate, target):
        return None
    low, high = 1, MOST
    if _holds(rate, high, target):
        return None
    while low < high:
        middle = (low + high) // 2
        if _holds(rate, middle, target):
            low = middle + 1
        else:
            high = middle
    return low


def _holds(rate: float, n: int, target: float) -> bool:
    below, above = sequence_interval(rate * n, n)
    return below <= target <= above

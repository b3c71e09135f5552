"""Two rankings made one."""

from __future__ import annotations

from collections.abc import Sequence

# The usual constant: a first place outweighs a second a little, not a lot.
DAMPING = 60


def fuse(*rankings: Sequence[str]) -> list[str]:
    """All ids of the rankings by the sum of 1 / (60 + place), the best first; ties by the first ranking's order.

    Source: reciprocal rank fusion, Cormack, Clarke and Buettcher 2009.
    """
    sums: dict[str, float] = {}
    for ranking in rankings:
        for place, one in enumerate(ranking, start=1):
            sums[one] = sums.get(one, 0.0) + 1.0 / (DAMPING + place)
    return sorted(sums, key=lambda one: -sums[one])

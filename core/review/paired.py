"""Two systems on the same briefs: how much more often one passes, with the interval of the difference, and whether chance explains it.

The same brief is as hard for both, so comparing brief by brief says more than two rates side by side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.review.statistics import wilson_interval


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """both, ours, theirs, neither: briefs by which system's draft passed. difference: our rate less theirs, in [-1, 1].

    low, high: its 95 % interval. p_value: of so uneven a split of the briefs on which one alone passed, or a more uneven one,
    if both passed equally often.
    """

    both: int
    ours: int
    theirs: int
    neither: int
    difference: float
    low: float
    high: float
    p_value: float

    @property
    def n(self) -> int:
        return self.both + self.ours + self.theirs + self.neither


def compare_pairs(passed: Iterable[tuple[bool, bool]]) -> PairedComparison | None:
    """passed: of each brief, whether our draft passed and whether theirs did. None without a brief.

    Sources: the interval of the difference by Newcombe 1998 (paired, method 10), from Wilson's; McNemar's test, exact.
    """
    pairs = list(passed)
    if not pairs:
        return None
    both, ours, theirs, neither = (
        sum(pair == kind for pair in pairs) for kind in ((True, True), (True, False), (False, True), (False, False))
    )
    low, high = newcombe_interval(both, ours, theirs, neither)
    return PairedComparison(both, ours, theirs, neither, (ours - theirs) / len(pairs), low, high, mcnemar(ours, theirs))


def mcnemar(ours: int, theirs: int) -> float:
    """The exact two-sided probability of so uneven a split of these briefs, or a more uneven one, by the throw of a coin.

    Written out, because the library that has it takes longer to load than the page that shows it may take.
    """
    n = ours + theirs
    # By logarithms: the numbers themselves have hundreds of digits.
    ways = (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(min(ours, theirs) + 1))
    return min(1.0, 2 * math.fsum(math.exp(way - n * math.log(2)) for way in ways))


def newcombe_interval(
    both: int, ours: int, theirs: int, neither: int, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Bounds of our rate less theirs, over briefs that both answered. At least one of the counts is above 0.

    Over rates from 0.1 to 0.95 and correlations from 0 to 0.6 the 95 % interval covers the true difference in 94.5 to 99.8 % of cases with 50
    briefs (exactly computed), and with 240 in 93.7 % of a thousand drawn tables at the least.
    """
    n = both + ours + theirs + neither
    first, second = (both + ours) / n, (both + theirs) / n
    low_1, high_1 = wilson_interval(both + ours, n, confidence=confidence)
    low_2, high_2 = wilson_interval(both + theirs, n, confidence=confidence)
    phi = _correlation(both, ours, theirs, neither)

    def spread(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))

    difference = first - second
    low = difference - spread(first - low_1, high_2 - second)
    high = difference + spread(high_1 - first, second - low_2)
    return max(-1.0, low), min(1.0, high)


def _correlation(both: int, ours: int, theirs: int, neither: int) -> float:
    """Phi of the two outcomes, corrected for continuity as the method asks; 0 where one outcome is always the same."""
    margins = (both + ours) * (theirs + neither) * (both + theirs) * (ours + neither)
    if not margins:
        return 0.0
    n, cross = both + ours + theirs + neither, both * neither - ours * theirs
    return (max(cross - n / 2, 0.0) if cross > 0 else cross) / math.sqrt(margins)

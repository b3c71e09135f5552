"""How many independent drafts the drafts on some briefs are worth: several drafts of one brief pass and fail together.

An interval that takes twenty briefs with five drafts each for a hundred independent drafts is far too narrow. Here the number of
drafts is divided by the design effect, which is estimated from the briefs (Kish 1965; the variance of a ratio, Cochran 1977, 6.4), and an
interval of a share is computed for what is left (Korn and Graubard 1998; with Wilson's interval Dean and Pagano 2015). Of few
briefs the effect is told poorly, and not at all where all drafts pass; so it is estimated with two briefs more, one of
which passes whole and the other fails whole (Agresti and Coull 1998 add drafts in this manner). They weigh much beside six briefs
and little beside sixty, and always towards the wider interval.

Simulated for 6, 20, 48 and 60 briefs with 3 or 5 drafts each, true rates from 0.1 to 0.95 and correlations within a brief from 0 to 0.9,
the 95 % interval covers the rate in 94.6 % of cases at the least; plain Wilson's, of all drafts, falls to 51 %.
"""

from __future__ import annotations

from collections.abc import Sequence


def effective_n(passed: Sequence[float], sizes: Sequence[int]) -> float:
    """Of how many independent drafts the rate is as sure. passed, sizes: by brief, how many of its drafts passed, and how many there are.

    The number of drafts where each brief has one; never more than that, and never fewer than `least_n`.
    """
    n = sum(sizes)
    if max(sizes) == 1:
        return float(n)
    mean = n / len(sizes)
    both_passed, both_sizes = [*passed, mean, 0.0], [*sizes, mean, mean]
    total = sum(both_sizes)
    rate = sum(both_passed) / total
    k = len(both_sizes)
    spread = sum((one - rate * size) ** 2 for one, size in zip(both_passed, both_sizes, strict=True)) * k / (k - 1)
    design_effect = spread / (total * rate * (1 - rate))
    return min(float(n), max(n / design_effect, least_n(sizes)))


def least_n(sizes: Sequence[int]) -> float:
    """As many as there would be if all drafts of a brief passed or failed as one: the number of briefs where each has equally many."""
    return sum(sizes) ** 2 / sum(size * size for size in sizes)

"""Drafts measured by what the team's own texts reach: the ceiling, with the same reviewers on both sides.

A lenient reviewer passes much of everything. Comparing within each reviewer takes that out: of each the difference between the
two pass rates, weighed by how much that reviewer says of it (Mantel-Haenszel's weights). A draft that several people judged is
one draft: it counts among those of each of them by its part, and so once in all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from core.review.statistics import wilson_interval


@dataclass(frozen=True, slots=True)
class Stratum:
    """One reviewer: of n_ours texts ours passed, of n_theirs theirs. Not whole where texts have several reviewers."""

    ours: float
    n_ours: float
    theirs: float
    n_theirs: float


@dataclass(frozen=True, slots=True)
class SameReviewers:
    """difference: our rate less theirs within reviewers, in [-1, 1]; low, high: its 95 % interval.

    n_ours, n_theirs: drafts that reviewers of both judged, each once; n_reviewers: how many those are.
    """

    difference: float
    low: float
    high: float
    n_ours: int
    n_theirs: int
    n_reviewers: int


def within_reviewers(
    strata: Iterable[Stratum], *, worth: tuple[float, float] = (1.0, 1.0), confidence: float = 0.95
) -> SameReviewers | None:
    """None where nobody judged both. Source: Yan and Su 2010, Newcombe's interval by strata, with Mantel-Haenszel's weights.

    worth: of ours and of theirs, how many independent texts one is, in (0, 1]; less than one where several are on one brief.
    """
    both = [one for one in strata if one.n_ours and one.n_theirs]
    if not both:
        return None
    weights = [one.n_ours * one.n_theirs / (one.n_ours + one.n_theirs) for one in both]
    weights = [weight / sum(weights) for weight in weights]
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    ours = _Rate(weights, [one.ours for one in both], [one.n_ours for one in both], worth[0], z)
    theirs = _Rate(weights, [one.theirs for one in both], [one.n_theirs for one in both], worth[1], z)
    difference = ours.share - theirs.share
    return SameReviewers(
        difference=difference,
        low=max(-1.0, difference - math.hypot(ours.share - ours.low, theirs.high - theirs.share)),
        high=min(1.0, difference + math.hypot(ours.high - ours.share, theirs.share - theirs.low)),
        n_ours=round(sum(one.n_ours for one in both)),
        n_theirs=round(sum(one.n_theirs for one in both)),
        n_reviewers=len(both),
    )


class _Rate:
    """A weighed mean of shares, with its Wilson interval by strata."""

    def __init__(self, weights: list[float], passed: list[float], n: list[float], worth: float, z: float) -> None:
        # Parts of drafts add up to a hair more than all of them.
        self.share = min(1.0, sum(w * x / size for w, x, size in zip(weights, passed, n, strict=True)))
        # As many texts as would give this mean the same variance in one stratum.
        size = worth / sum(w * w / one for w, one in zip(weights, n, strict=True))
        confidence = 2 * NormalDist().cdf(z) - 1
        low, high = wilson_interval(self.share * size, size, confidence=confidence)
        self.low, self.high = min(low, self.share), max(high, self.share)

"""Pass rates with their interval, and when there is too little to say one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from core.errors import NotEnoughReviews
from core.nouns import PASSING_CLASSES, ReviewClass
from core.review.sequential import sequence_interval

MIN_REVIEWS = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reviewer's class for one draft."""

    draft: str
    reviewer: str
    review_class: ReviewClass


@dataclass(frozen=True, slots=True)
class RateEstimate:
    """rate and bounds in [0, 1]; n: drafts decided, passed: of those."""

    n: int
    passed: int
    rate: float
    low: float
    high: float

    @property
    def is_enough(self) -> bool:
        return self.n >= MIN_REVIEWS

    @property
    def at_any_time(self) -> tuple[float, float]:
        """Bounds for whoever looks after every draft and stops when it pleases; low and high are for one look."""
        return sequence_interval(self.passed, self.n)


def wilson_interval(passed: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Bounds of the share passed / n. confidence: two-sided, in (0, 1).

    Source: Wilson 1927; preferred over the normal interval for small n (Brown, Cai, DasGupta 2001).
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = passed / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # At 0 and n the bound is exact; rounding must not carry it past.
    low = 0.0 if passed == 0 else (centre - spread) / scale
    high = 1.0 if passed == n else (centre + spread) / scale
    return low, high


def pass_rate(verdicts: Sequence[Verdict], *, confidence: float = 0.95) -> RateEstimate:
    """Share of drafts that passed without a rewrite, with its Wilson score interval.

    verdicts: one per draft and reviewer; several reviewers of one draft count once, by majority, and a tie is no pass.
    Every decided draft counts, the rejected ones included. Raises NotEnoughReviews when there is none.
    """
    if not verdicts:
        raise NotEnoughReviews("There are no reviews yet.", remedy="Review some drafts first.")
    votes: dict[str, list[bool]] = {}
    for verdict in verdicts:
        votes.setdefault(verdict.draft, []).append(verdict.review_class in PASSING_CLASSES)
    passed = sum(2 * sum(v) > len(v) for v in votes.values())
    low, high = wilson_interval(passed, len(votes), confidence=confidence)
    return RateEstimate(len(votes), passed, passed / len(votes), low, high)

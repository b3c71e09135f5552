"""Pass rates with their interval, and when there is too little to say one.

Drafts of one brief are not independent of one another; how many independent ones they are worth stands in clustered.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from core.errors import NotEnoughReviews
from core.nouns import PASSING_CLASSES, ReviewClass
from core.review.clustered import effective_n, least_n
from core.review.sequential import sequence_interval

MIN_REVIEWS = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reviewer's class for one draft. brief: empty where the draft is the only one of its brief."""

    draft: str
    reviewer: str
    review_class: ReviewClass
    brief: str = ""


@dataclass(frozen=True, slots=True)
class RateEstimate:
    """rate and bounds in [0, 1]; n: drafts decided, passed: of those.

    n_briefs: on how many briefs they are, None where nothing is told by brief; n_effective: of how many independent drafts low and high are;
    n_least: as many where all drafts of a brief pass or fail as one. The latter two are None where each draft has a brief of its own.
    """

    n: int
    passed: int
    rate: float
    low: float
    high: float
    n_briefs: int | None = None
    n_effective: float | None = None
    n_least: float | None = None

    @property
    def is_enough(self) -> bool:
        return self.n >= MIN_REVIEWS

    @property
    def at_any_time(self) -> tuple[float, float]:
        """Bounds for whoever looks after every draft and stops when it pleases; low and high are for one look.

        Where a brief has several drafts it counts as one, by the share of them that passed: the bound holds for any correlation
        within a brief, as a bet on a share wins no more than the mean of what bets on its drafts win. Exact where each brief has equally many.
        """
        if self.n_least is None:
            return sequence_interval(self.passed, self.n)
        return sequence_interval(self.rate * self.n_least, self.n_least)

    @property
    def shares_briefs(self) -> bool:
        return self.n_briefs is not None and self.n_briefs < self.n


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
    Every decided draft counts, the rejected ones included. Where briefs have several drafts the interval is of as many drafts as those are
    worth. Raises NotEnoughReviews when there is none.
    """
    if not verdicts:
        raise NotEnoughReviews("There are no reviews yet.", remedy="Review some drafts first.")
    votes: dict[str, list[bool]] = {}
    briefs: dict[str, str] = {}
    for verdict in verdicts:
        votes.setdefault(verdict.draft, []).append(verdict.review_class in PASSING_CLASSES)
        briefs[verdict.draft] = verdict.brief or verdict.draft
    return rate_by_brief([(briefs[draft], 2 * sum(v) > len(v)) for draft, v in votes.items()], confidence=confidence)


def rate_by_brief(drafts: Sequence[tuple[str, bool]], *, confidence: float = 0.95) -> RateEstimate:
    """drafts: at least one, each with its brief and whether it passed."""
    of_brief: dict[str, list[bool]] = {}
    for brief, passes in drafts:
        of_brief.setdefault(brief, []).append(passes)
    n, passed = len(drafts), sum(passes for _, passes in drafts)
    sizes = [len(found) for found in of_brief.values()]
    if len(sizes) == n:
        return RateEstimate(n, passed, passed / n, *wilson_interval(passed, n, confidence=confidence), n)
    worth = effective_n([sum(found) for found in of_brief.values()], sizes)
    bounds = wilson_interval(passed / n * worth, worth, confidence=confidence)
    return RateEstimate(n, passed, passed / n, *bounds, len(sizes), worth, least_n(sizes))

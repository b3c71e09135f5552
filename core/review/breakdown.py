"""The pass rate of groups of drafts: by tag, by week or month, by reviewer, by dataset version."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from core.nouns import PASSING_CLASSES, System
from core.review.ceiling import SameReviewers, Stratum, within_reviewers
from core.review.statistics import RateEstimate, Verdict, pass_rate

# Up to here weeks are told apart; of a longer time, months.
MOST_WEEKS = 16


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict with what it can be grouped by. tags: of the record that the brief was taken from; version: of the run."""

    verdict: Verdict
    system: System
    tags: tuple[str, ...]
    version: str
    reviewed_at: datetime
    seconds: float

    @property
    def passes(self) -> bool:
        return self.verdict.review_class in PASSING_CLASSES


@dataclass(frozen=True, slots=True)
class ReviewerLoad:
    """What one reviewer did. tuned: of the tuned drafts whose rate is told. tuned, human: None without a verdict on such a draft.

    minutes: of all verdicts; seconds: the median of one.
    """

    reviewer: str
    n: int
    minutes: float
    seconds: float
    tuned: RateEstimate | None
    human: RateEstimate | None


def by_tag(judged: Sequence[Judged]) -> dict[str, RateEstimate]:
    """A draft with several tags counts under each; one without any under none. Most drafts first."""
    found = _rates(judged, lambda one: one.tags)
    return dict(sorted(found.items(), key=lambda item: (-item[1].n, item[0])))


def by_version(judged: Sequence[Judged]) -> dict[str, RateEstimate]:
    """In the order in which the versions were first reviewed."""
    first: dict[str, datetime] = {}
    for one in judged:
        first[one.version] = min(one.reviewed_at, first.get(one.version, one.reviewed_at))
    found = _rates(judged, lambda one: (one.version,))
    return {version: found[version] for version in sorted(first, key=lambda version: (first[version], version))}


def by_period(judged: Sequence[Judged]) -> dict[str, RateEstimate]:
    """By week of the verdict, or by month where that is more than MOST_WEEKS apart. Oldest first; days are those of UTC."""
    if not judged:
        return {}
    days = [one.reviewed_at for one in judged]
    is_short = max(days) - min(days) < timedelta(weeks=MOST_WEEKS)

    def period(one: Judged) -> tuple[str]:
        day = one.reviewed_at.date()
        return (f"week of {day - timedelta(days=day.weekday())}" if is_short else f"{day:%Y-%m}",)

    return dict(sorted(_rates(judged, period).items()))


def by_reviewer(judged: Sequence[Judged], ours: System = System.TUNED) -> list[ReviewerLoad]:
    """Most verdicts first. ours: which tuned drafts are told of."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.verdict.reviewer].append(one)
    loads = [
        ReviewerLoad(
            reviewer,
            len(theirs),
            sum(one.seconds for one in theirs) / 60,
            median(one.seconds for one in theirs),
            _rate(theirs, ours),
            _rate(theirs, System.HUMAN),
        )
        for reviewer, theirs in groups.items()
    ]
    return sorted(loads, key=lambda load: (-load.n, load.reviewer))


def strata(judged: Iterable[Judged], ours: System, theirs: System) -> list[Stratum]:
    """Of each reviewer who judged both systems, how many drafts of either passed. Of a draft that n of them judged, each has an n-th part."""
    found: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.system in (ours, theirs):
            found[one.verdict.reviewer].append(one)
    both = [verdicts for verdicts in found.values() if {one.system for one in verdicts} == {ours, theirs}]
    n_verdicts = Counter(one.verdict.draft for verdicts in both for one in verdicts)

    def parts(verdicts: list[Judged], system: System, *, passed: bool = False) -> float:
        return sum(
            1 / n_verdicts[one.verdict.draft] for one in verdicts if one.system is system and (one.passes or not passed)
        )

    return [
        Stratum(parts(v, ours, passed=True), parts(v, ours), parts(v, theirs, passed=True), parts(v, theirs))
        for v in both
    ]


def ceiling(judged: Sequence[Judged], ours: System, theirs: System) -> SameReviewers | None:
    """Ours against theirs in the eyes of those who judged both; None where nobody did. Drafts of one brief are worth less than as many others."""

    def worth(system: System) -> float:
        rate = _rate(judged, system)
        return rate.n_effective / rate.n if rate is not None and rate.n_effective is not None else 1.0

    return within_reviewers(strata(judged, ours, theirs), worth=(worth(ours), worth(theirs)))


def _rates(judged: Iterable[Judged], groups_of: Callable[[Judged], tuple[str, ...]]) -> dict[str, RateEstimate]:
    verdicts: dict[str, list[Verdict]] = defaultdict(list)
    for one in judged:
        for group in groups_of(one):
            verdicts[group].append(one.verdict)
    return {group: pass_rate(found) for group, found in verdicts.items()}


def _rate(judged: Iterable[Judged], system: System) -> RateEstimate | None:
    verdicts = [one.verdict for one in judged if one.system is system]
    return pass_rate(verdicts) if verdicts else None

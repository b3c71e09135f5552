"""Groups of verdicts: which drafts count where."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.nouns import ReviewClass, System
from core.review.breakdown import MOST_WEEKS, Judged, by_period, by_reviewer, by_tag, by_version, strata
from core.review.ceiling import Stratum
from core.review.statistics import Verdict

MONDAY = datetime(2026, 11, 2, 9)
PASS, FAIL = ReviewClass.LIGHT_EDIT, ReviewClass.REWRITTEN


def judged(
    draft: str, review_class: ReviewClass = PASS, *, reviewer: str = "Ann", system: System = System.TUNED,
    tags: tuple[str, ...] = (), version: str = "v1", days: float = 0.0, seconds: float = 30.0,
) -> Judged:  # fmt: skip
    return Judged(Verdict(draft, reviewer, review_class), system, tags, version, MONDAY + timedelta(days=days), seconds)


def test_a_draft_counts_under_each_of_its_tags() -> None:
    found = by_tag([judged("a", tags=("billing", "refund")), judged("b", FAIL, tags=("refund",)), judged("c")])
    assert {tag: (rate.n, rate.passed) for tag, rate in found.items()} == {"refund": (2, 1), "billing": (1, 1)}
    assert list(found) == ["refund", "billing"]


def test_versions_stand_in_the_order_in_which_they_were_reviewed() -> None:
    found = by_version(
        [judged("a", version="v2", days=3), judged("b", version="v10", days=5), judged("c", version="v1")]
    )
    assert list(found) == ["v1", "v2", "v10"]


def test_weeks_begin_on_monday() -> None:
    found = by_period([judged("a", days=6), judged("b", FAIL, days=7), judged("c", days=0)])
    assert {name: rate.n for name, rate in found.items()} == {"week of 2026-11-02": 2, "week of 2026-11-09": 1}
    assert by_period([]) == {}


def test_a_longer_time_is_told_by_month() -> None:
    found = by_period([judged("a"), judged("b", days=7 * MOST_WEEKS)])
    assert list(found) == ["2026-11", "2027-02"]


def test_two_reviewers_of_one_draft_count_once_in_a_group() -> None:
    found = by_tag([judged("a", tags=("t",)), judged("a", FAIL, reviewer="Bo", tags=("t",))])
    assert (found["t"].n, found["t"].passed) == (1, 0), "a tie is no pass"


def test_a_reviewers_load_tells_time_and_leniency() -> None:
    loads = by_reviewer(
        [
            judged("a", seconds=10),
            judged("b", FAIL, seconds=20),
            judged("h", system=System.HUMAN, seconds=60),
            judged("c", reviewer="Bo", system=System.BASE),
        ]
    )
    ann, bo = loads
    assert (ann.reviewer, ann.n, ann.minutes, ann.seconds) == ("Ann", 3, 1.5, 20)
    assert ann.tuned is not None
    assert ann.human is not None
    assert (ann.tuned.passed, ann.tuned.n, ann.human.passed, ann.human.n) == (1, 2, 1, 1)
    assert (bo.tuned, bo.human) == (None, None)


def test_strata_are_reviewers() -> None:
    found = strata(
        [judged("a"), judged("b", FAIL), judged("h", system=System.HUMAN), judged("c", reviewer="Bo")],
        System.TUNED,
        System.HUMAN,
    )
    assert found == [Stratum(1, 2, 1, 1), Stratum(1, 1, 0, 0)]

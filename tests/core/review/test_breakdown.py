"""Groups of verdicts: which drafts count where."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.nouns import ReviewClass, System
from core.review.breakdown import MOST_WEEKS, Judged, by_period, by_reviewer, by_tag, by_version, ceiling, strata
from core.review.ceiling import Stratum
from core.review.statistics import Verdict

MONDAY = datetime(2026, 11, 2, 9)
PASS, FAIL = ReviewClass.LIGHT_EDIT, ReviewClass.REWRITTEN


def judged(
    draft: str, review_class: ReviewClass = PASS, *, reviewer: str = "Ann", system: System = System.TUNED,
    tags: tuple[str, ...] = (), version: str = "v1", days: float = 0.0, seconds: float = 30.0, brief: str = "",
) -> Judged:  # fmt: skip
    return Judged(
        Verdict(draft, reviewer, review_class, brief), system, tags, version, MONDAY + timedelta(days=days), seconds
    )


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


def test_strata_are_the_reviewers_who_judged_both() -> None:
    found = strata(
        [judged("a"), judged("b", FAIL), judged("h", system=System.HUMAN), judged("c", reviewer="Bo")],
        System.TUNED,
        System.HUMAN,
    )
    assert found == [Stratum(1, 2, 1, 1)]


def test_a_draft_with_several_reviewers_counts_once_in_the_ceiling() -> None:
    """Three people judge the same 40 tuned drafts and 20 texts, and agree throughout: that says no more than one of them would."""
    alone = [judged(f"t{n}", PASS if n < 28 else FAIL) for n in range(40)]
    alone += [judged(f"h{n}", PASS if n < 18 else FAIL, system=System.HUMAN) for n in range(20)]
    together = [
        replace(one, verdict=replace(one.verdict, reviewer=who)) for who in ("Ann", "Bo", "Cy") for one in alone
    ]
    one, three = (ceiling(found, System.TUNED, System.HUMAN) for found in (alone, together))
    assert one is not None
    assert three is not None
    assert (three.n_ours, three.n_theirs, three.n_reviewers) == (40, 20, 3)
    assert (three.difference, three.low, three.high) == pytest.approx((one.difference, one.low, one.high))


def test_of_a_draft_that_one_judged_alone_the_other_has_no_part() -> None:
    found = strata(
        [
            judged("a"), judged("a", FAIL, reviewer="Bo"), judged("b"), judged("h", system=System.HUMAN),
            judged("h", system=System.HUMAN, reviewer="Bo"),
        ],
        System.TUNED, System.HUMAN,
    )  # fmt: skip
    assert found == [Stratum(1.5, 1.5, 0.5, 0.5), Stratum(0, 0.5, 0.5, 0.5)]


def test_several_drafts_of_a_brief_widen_the_ceilings_interval() -> None:
    def both(*, briefs: int) -> list[Judged]:
        tuned = [judged(f"t{n}", PASS if n % briefs % 3 else FAIL, brief=f"b{n % briefs}") for n in range(60)]
        return tuned + [judged(f"h{n}", system=System.HUMAN, brief=f"h{n}") for n in range(30)]

    apart, shared = (ceiling(both(briefs=n), System.TUNED, System.HUMAN) for n in (60, 12))
    assert apart is not None
    assert shared is not None
    assert shared.difference == pytest.approx(apart.difference)
    assert shared.low < apart.low < apart.high < shared.high
    assert shared.n_ours == 60


def test_a_reviewers_leniency_is_told_of_the_system_whose_rate_is_told() -> None:
    (load,) = by_reviewer(
        [judged("a"), judged("b", FAIL, system=System.TUNED_FACTS), judged("c", system=System.TUNED_FACTS)],
        System.TUNED_FACTS,
    )
    assert load.tuned is not None
    assert (load.tuned.passed, load.tuned.n) == (1, 2)

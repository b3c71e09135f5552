"""Reasons to train again: when each holds, and its figures."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.review.retrain import drift_reason, kept_reason, rate_reason, source_reasons
from core.review.sequential import sequence_interval


def rate(passed: int, n: int) -> dict[str, Any]:
    return {
        "n": n,
        "passed": passed,
        "rate": passed / n,
        "is_enough": n >= 20,
        "any_time": list(sequence_interval(passed, n)),
    }


def test_a_rate_is_a_reason_once_its_interval_for_any_time_lies_below_the_target() -> None:
    assert rate_reason("r", rate(15, 30), 0.7) is None, "30 drafts at 50 % do not tell yet"
    found = rate_reason("r", rate(24, 60), 0.7)
    assert found is not None
    assert found.sentence.startswith(
        "Drafts of r pass 40% of the time, below your target of 70% however often you looked ("
    )
    assert rate_reason("r", rate(24, 60), 0.4) is None
    assert rate_reason("r", rate(0, 10), 0.9) is None, "ten are too few for any sentence"


def test_a_rate_is_a_reason_under_the_name_of_its_drafts_and_with_its_caution() -> None:
    found = rate_reason("r", rate(24, 60), 0.7, drafts="tuned drafts with facts", caution="An uneven choice.")
    assert found is not None
    assert found.sentence.startswith("Tuned drafts with facts of r pass 40% of the time")
    assert found.sentence.endswith(", 60 drafts). An uneven choice.")


@pytest.mark.parametrize(
    ("n_new", "n_held", "is_reason"), [(19, 10, False), (20, 10, True), (29, 300, False), (30, 300, True)]
)
def test_enough_new_records_are_twenty_and_a_tenth(n_new: int, n_held: int, is_reason: bool) -> None:
    assert (kept_reason("v", n_new, n_held) is not None) is is_reason


def test_sources_are_told_from_a_month_before_they_end() -> None:
    today = date(2026, 5, 1)
    ends = {"gone": date(2026, 4, 30), "soon": date(2026, 5, 31), "later": date(2026, 6, 1), "never": None}
    found = source_reasons("v1", [{"name": name, "expires_on": day, "n_records": 1 if name == "gone" else 40} for name, day in ends.items()], today)  # fmt: skip
    assert [reason.sentence for reason in found] == [
        "The source gone expired on 2026-04-30, so the model may not be used as it is: v1 holds 1 record of it.",
        "The source soon expires on 2026-05-31, after which the model may not be used as it is: v1 holds 40 records of it.",
    ]


def test_drift_asks_for_enough_records_a_share_and_an_interval_above_what_lies_there_by_itself() -> None:
    assert drift_reason("v", n_held=49, n_new=100, n_far=90) is None
    assert drift_reason("v", n_held=50, n_new=29, n_far=29) is None
    assert drift_reason("v", n_held=400, n_new=400, n_far=59) is None, "under 15 %"
    assert drift_reason("v", n_held=400, n_new=30, n_far=4) is None
    assert drift_reason("v", n_held=400, n_new=30, n_far=5) is not None
    found = drift_reason("v", n_held=400, n_new=80, n_far=31)
    assert found is not None
    assert "31 of 80 new records (39%, 95% interval 29% to 50%) lie farther" in found.sentence

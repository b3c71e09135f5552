"""Special categories with their condition, and periods with their end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.privacy.lawful import checked_retention, checked_special, earlier, retention_ends

START = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("written", "spelled", "ends"),
    [
        ("", "", None),
        ("none", "", None),
        ("1d", "1 day", date(2026, 2, 1)),
        ("90 Days", "90 days", date(2026, 5, 1)),
        ("1 month", "1 month", date(2026, 2, 28)),
        ("24m", "24 months", date(2028, 1, 31)),
        ("3 years", "3 years", date(2029, 1, 31)),
        ("99999 years", "99999 years", None),
    ],
)
def test_a_period_has_one_spelling_and_one_end(written: str, spelled: str, ends: date | None) -> None:
    assert checked_retention(written) == spelled
    assert retention_ends(spelled, START) == ends


@pytest.mark.parametrize("written", ["0 days", "-1 m", "soon", "3 weeks", "1.5 years", "123456 days"])
def test_what_is_no_period_is_refused(written: str) -> None:
    with pytest.raises(Invalid, match="is no period"):
        checked_retention(written)


@given(
    n=st.integers(1, 300),
    unit=st.sampled_from(["day", "month", "year"]),
    start=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
)
def test_a_period_ends_after_it_began_and_a_longer_one_not_before(n: int, unit: str, start: date) -> None:
    shorter, longer = (retention_ends(checked_retention(f"{k} {unit}s"), start) for k in (n, n + 1))
    assert shorter is not None
    assert longer is not None
    assert start < shorter <= longer
    assert shorter - start >= timedelta(days=n)


def test_special_categories_and_their_condition_come_together() -> None:
    assert checked_special(["health", "genetic_data"], "explicit_consent") == (
        ("genetic_data", "health"),
        "explicit_consent",
    )
    assert checked_special(None, "") == ((), "")
    with pytest.raises(Invalid, match="names no condition"):
        checked_special(["health"], "")
    with pytest.raises(Invalid, match="no special category that it is for"):
        checked_special([], "explicit_consent")
    with pytest.raises(Invalid, match="'mood' is not a special category"):
        checked_special(["mood"], "explicit_consent")
    with pytest.raises(Invalid, match="not a condition of Art"):
        checked_special(["health"], "because")


def test_never_is_later_than_any_day() -> None:
    assert earlier(None, None) is None
    assert earlier(None, START) == earlier(START, None) == earlier(START, START + timedelta(days=1)) == START

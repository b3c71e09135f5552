"""What the law asks of a source beside its basis: special categories with their condition, and until when its rows are used.

Pure rules on values; which source has which terms is the store's. GDPR Art. 9 (special categories), Art. 5(1)(e) (storage limitation).
The end of a period ends the use; whether the source is erased then is a term of its own.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta

from core.errors import Invalid
from core.nouns import AtEnd, SpecialCategory, SpecialCondition

RETENTION = re.compile(r"([1-9]\d{0,4})\s*(d|days?|m|months?|y|years?)")
UNITS = {"d": "day", "m": "month", "y": "year"}
LAST_YEAR = 9_000


def checked_special(categories: Sequence[str] | None, condition: str) -> tuple[tuple[str, ...], str]:
    """The categories in the law's order, and their condition; both empty where none is known. Raises Invalid."""
    chosen = set(categories or ())
    unknown = sorted(chosen - set(SpecialCategory))
    if unknown:
        raise Invalid(
            f"{unknown[0]!r} is not a special category.", remedy=f"Choose among {', '.join(SpecialCategory)}; none where none is known."
        )  # fmt: skip
    if condition and condition not in list(SpecialCondition):
        raise Invalid(f"{condition!r} is not a condition of Art. 9(2).", remedy=f"Choose one of {', '.join(SpecialCondition)}.")  # fmt: skip
    if chosen and not condition:
        raise Invalid(
            f"The source holds {', '.join(sorted(chosen))} and names no condition that allows it.",
            remedy=f"Choose one of {', '.join(SpecialCondition)}.",
        )
    if condition and not chosen:
        raise Invalid(
            f"The condition {condition} is named, and no special category that it is for.", remedy="Name the categories, or leave the condition out."
        )  # fmt: skip
    return tuple(one.value for one in SpecialCategory if one in chosen), condition


def checked_retention(text: str) -> str:
    """A period in one spelling, as "24 months"; empty for none. Raises Invalid."""
    asked = " ".join(text.lower().split())
    if asked in ("", "none"):
        return ""
    found = RETENTION.fullmatch(asked)
    if found is None:
        raise Invalid(
            f"{text[:40]!r} is no period.",
            remedy="Write a number with days, months or years: 90 days, 24 months, 3 years.",
        )
    n, unit = int(found[1]), UNITS[found[2][0]]
    return f"{n} {unit}{'' if n == 1 else 's'}"


def retention_ends(retention: str, start: date) -> date | None:
    """The last day on which rows that came in on `start` are used; None where no period is set, or it ends beyond any calendar."""
    if not retention:
        return None
    n, unit = int(retention.split()[0]), retention.split()[1].rstrip("s")
    if unit == "day":
        return start + timedelta(days=n)
    months = start.month - 1 + n * (12 if unit == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    if year > LAST_YEAR:
        return None
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def checked_at_end(asked: str, retention: str) -> str:
    """What becomes of a source at its end; where nothing is asked for, one that has a retention is erased. Raises Invalid."""
    if not asked:
        return AtEnd.ERASE.value if retention else AtEnd.KEEP.value
    if asked not in list(AtEnd):
        raise Invalid(f"{asked[:40]!r} cannot become of a source at its end.", remedy=f"Choose one of {', '.join(AtEnd)}.")  # fmt: skip
    return asked


def erased_on(at_end: str, expires_on: date | None) -> date | None:
    """The day on which a source is erased, the one after its last; None where it is kept, or never ends."""
    return expires_on + timedelta(days=1) if at_end == AtEnd.ERASE and expires_on is not None else None


def at_end_in_words(at_end: str, expires_on: date | None) -> str:
    """What becomes of a source at its end, as registers and documents say it."""
    day = erased_on(at_end, expires_on)
    if day is not None:
        return f"erased on {day.isoformat()}"
    return "erased, but it never expires" if at_end == AtEnd.ERASE else "kept, unused"


def earlier(one: date | None, other: date | None) -> date | None:
    """The first of two ends; None is never."""
    return min((day for day in (one, other) if day is not None), default=None)

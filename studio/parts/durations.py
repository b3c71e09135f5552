"""Times in words, as a person says them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


def in_words(seconds: float | None) -> str:
    """About 40 s, about 4 min, about 2 h; nothing for None."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    if seconds < 5_400:
        return f"about {round(seconds / 60)} min"
    return f"about {seconds / 3600:.1f} h"


def minutes(value: float) -> str:
    """Under 1 min, 12 min, 2.5 h."""
    if value < 1:
        return "under 1 min"
    return f"{value:.0f} min" if value < 90 else f"{value / 60:.1f} h"


def date_words(day: date | None) -> str:
    """26 Nov 2026; nothing for None."""
    return day.strftime("%-d %b %Y") if day else ""


def day(moment: datetime | None) -> str:
    """A stored time (UTC) as the clock of this browser shows it; with UTC behind it where the browser does not say its zone."""
    if moment is None:
        return ""
    try:
        zone = ZoneInfo(st.context.timezone or "")
    except (ZoneInfoNotFoundError, ValueError):
        return moment.strftime("%-d %b %Y, %H:%M UTC")
    return moment.replace(tzinfo=UTC).astimezone(zone).strftime("%-d %b %Y, %H:%M")

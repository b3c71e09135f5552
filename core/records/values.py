"""Values from outside as plain JSON values that every store can hold, and as text, flags and times.

Facts about a record (author, address, tags, what was not mapped) are mended rather than refused:
NUL characters go, half a character pair becomes a question mark. Texts to learn from are not
mended here but checked by `encoding.clean_text`, which refuses the row.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

VALUE_SHOWN = 120
MAX_DEPTH = 100
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
SPACE_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)|\s+(?=Z$)")
ZONE_NAME = re.compile(r"\s*(?:UTC|GMT)$")
RFC_2822 = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}")
# 2001-09-09 to 2286-11-20 as seconds, and the same as milliseconds.
EPOCH_SECONDS = (1_000_000_000, 9_999_999_999)
NO_WORDS = frozenset({"", "nan", "0", "false", "no", "n", "none", "null", "never"})


class ErrorCell(str):
    """The name of the error that a formula ended in, such as #N/A: it stands in a cell and is no text of anybody's."""

    __slots__ = ()


def storable(text: str) -> str:
    """The text without NUL characters and lone surrogates, which no database or file would take."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def shown(value: object) -> str:
    """The start of an offending value, as text that can be stored."""
    try:
        text = str(value)
    except RecursionError:
        text = f"a deeply nested {type(value).__name__}"
    return storable(text[: 2 * VALUE_SHOWN])[:VALUE_SHOWN]


def plain(value: Any, depth: int = 0) -> Any:
    """The value as JSON holds it: dates as ISO text, other kinds and numbers that JSON lacks as text."""
    if isinstance(value, str):
        return storable(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= MAX_DEPTH:
        return shown(value)
    if isinstance(value, dict):
        return {storable(str(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return storable(value.decode("utf-8", "replace"))
    return storable(str(value))


def as_text(value: Any) -> str:
    """The value as text, not yet cleaned; nothing for none. A whole number stays whole (5.0 is 5, an id of pandas)."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list | bytes):
        simple = plain(value)
        return simple if isinstance(simple, str) else json.dumps(simple, ensure_ascii=False)
    return str(value)


def as_list(value: Any) -> list[Any] | None:
    """A list, also one written as JSON into a cell; none for anything else. Nothing at all is the empty list."""
    if isinstance(value, list):
        return value
    if value is None:
        return []
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, list) else None
    return None


def as_tags(value: Any) -> list[str]:
    """Tags from a list, or from a text that separates them by commas or semicolons; each once, in order."""
    listed = as_list(value)
    parts = listed if listed is not None else re.split(r"[,;]", as_text(value))
    return list(dict.fromkeys(tag for part in parts if (tag := storable(as_text(part)).strip())))


def as_flag(value: Any) -> bool:
    """Whether a flag is set: true, a count that is not nought, a date, any word that does not say no."""
    if isinstance(value, bool):
        return value
    number = as_number(value)
    if number is not None or isinstance(value, float):
        return bool(number)
    return as_text(value).strip().lower() not in NO_WORDS


def as_number(value: Any) -> float | None:
    """A finite number, also one written as text; none for anything else."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_time(value: Any) -> str:
    """A point in time as ISO 8601: a day, or seconds with Z where the zone is known. Others stay as they are.

    Understood are ISO forms, e-mail dates, and seconds or milliseconds since 1970. Days written
    as 01/02/2024 stay: nothing says which number is the month.
    """
    if isinstance(value, datetime):
        return _utc(value)
    text = storable(as_text(value.isoformat() if isinstance(value, date) else value)).strip()
    if ISO_DAY.fullmatch(text) or not text:
        return text
    try:
        if text.isdecimal() and len(text) in (10, 13):
            seconds = int(text) / (1000 if len(text) == 13 else 1)
            low, high = EPOCH_SECONDS
            return _utc(datetime.fromtimestamp(seconds, UTC)) if low <= seconds <= high else text
        if ISO_LIKE.match(text):
            iso = ZONE_NAME.sub("Z", SPACE_BEFORE_OFFSET.sub("", text))
            return _utc(datetime.fromisoformat(iso))
        return _utc(parsedate_to_datetime(text)) if RFC_2822.match(text) else text
    except (ValueError, OverflowError, IndexError, TypeError):
        return text


def is_time(value: Any) -> bool:
    """Whether `as_time` understands the value as a point in time."""
    return bool(re.match(r"\d{4}-\d{2}-\d{2}(?:T|$)", as_time(value)))


def _utc(moment: datetime) -> str:
    if moment.tzinfo is None:
        return moment.isoformat(timespec="seconds")
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

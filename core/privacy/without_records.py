"""A value of JSON without what it says of some records: for figures and files of runs, which name a record and quote it in one object.

Pure. What names a record is a text that is its number, or begins with it, as the ids of examples do.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from core.privacy.read_back import RECORD_ID


def names_one(text: str, record_ids: Collection[str]) -> bool:
    """Whether a text holds the number of one of these records."""
    return "r_" in text and any(found in record_ids for found in RECORD_ID.findall(text))


def without_records(value: Any, record_ids: Collection[str]) -> Any:
    """The value without them: an object that names one goes whole, and so does an item of a list; a text at the top loses its field's value alone."""
    if isinstance(value, dict):
        return {key: _field(one, record_ids) for key, one in value.items()}
    if isinstance(value, list):
        return [without_records(one, record_ids) for one in value if not _is_of_one(one, record_ids)]
    return value


def _field(value: Any, record_ids: Collection[str]) -> Any:
    if isinstance(value, str):
        return "" if names_one(value, record_ids) else value
    return None if _is_of_one(value, record_ids) else without_records(value, record_ids)


def _is_of_one(value: Any, record_ids: Collection[str]) -> bool:
    if isinstance(value, str):
        return names_one(value, record_ids)
    return isinstance(value, dict) and any(
        isinstance(one, str) and names_one(one, record_ids) for one in value.values()
    )

"""Who was given texts of records by the API: said in the audit trail, once an hour for each place, before they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.workflows import auditing
from studio.running import workspace


def say_who_reads(what: str, project: str, *, by: str, n_records: int, record: str = "") -> None:
    """what: what of the API gives them, in a word or two. project: its name or id. record: the id of the one that is given."""
    if n_records:
        auditing.reading(workspace(), by=by, project=project, place=f"API, {what}", n_records=n_records, record=record)


def n_told(result: Mapping[str, Any]) -> int:
    """Of how many records what a run or another job came to holds a passage, or the title: those that a model knows by heart, and those that leak."""
    heart = result.get("by_heart") or {}
    return len(heart.get("passages", ())) + len(result.get("leaks", ()))

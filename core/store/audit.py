"""SQL of the audit trail: its entries by filter and page, what there is to filter by, and all of it for whoever checks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from core.store.connection import Row, Snapshot, Store
from core.store.trail_start import ENTRY_COLUMNS

AT_A_TIME = 10_000
SHOWN = (
    "seq, happened_at, done_by, project_id, action, noun, object_id, facts, hex(previous) AS previous, hex(mac) AS mac"
)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; what is empty leaves none out. project_id: "" for all. since, until: days, both included, UTC."""

    person: str = ""
    noun: str = ""
    action: str = ""
    project_id: str = ""
    object_id: str = ""
    since: date | None = None
    until: date | None = None


def count(store: Store, where: AuditFilter) -> int:
    sql, values = _condition(where)
    return int(store.read(f"SELECT count(*) AS n FROM events {sql}", values)[0]["n"])


def page(store: Store, where: AuditFilter, *, limit: int, offset: int) -> list[Row]:
    """Entries, newest first."""
    sql, values = _condition(where)
    # Which ones is asked of one narrow column: sorting whole entries of a long trail would take ten times as long.
    found = store.read(f"SELECT seq FROM events {sql} ORDER BY seq DESC LIMIT ? OFFSET ?", [*values, limit, offset])
    if not found:
        return []
    numbers = [row["seq"] for row in found]
    return store.read(
        f"SELECT {SHOWN} FROM events WHERE seq BETWEEN ? AND ? AND seq IN (SELECT unnest(?)) ORDER BY seq DESC",
        [numbers[-1], numbers[0], numbers],
    )


def in_order(store: Store, where: AuditFilter, *, until_seq: int) -> Iterator[list[Row]]:
    """Entries up to a number, oldest first, some thousand at a time."""
    sql, values = _condition(where)
    last = 0
    while rows := store.read(
        f"SELECT {SHOWN} FROM events {sql or 'WHERE true'} AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        [*values, last, until_seq, AT_A_TIME],
    ):
        yield rows
        last = rows[-1]["seq"]


def kinds(store: Store) -> list[Row]:
    """Every kind of entry there is, with how many there are: person, noun, action and project_id together, in one reading."""
    return store.read(
        "SELECT done_by AS person, noun, action, project_id, count(*) AS n FROM events GROUP BY ALL ORDER BY n DESC, person, noun, action, project_id"
    )


def first_moment(store: Store) -> datetime | None:
    """Since when the trail goes: of its first entry."""
    found: datetime | None = store.read("SELECT min(happened_at) AS first FROM events")[0]["first"]
    return found


def last_moment(store: Store, where: AuditFilter, *, place: str = "") -> datetime | None:
    """When the newest of these entries was written. place: of those alone that name it among their facts."""
    sql, values = _condition(where)
    if place:
        sql, values = f"{sql or 'WHERE true'} AND facts->>'$.place' = ?", [*values, place]
    found: datetime | None = store.read(f"SELECT max(happened_at) AS last FROM events {sql}", values)[0]["last"]
    return found


def copy_to(snapshot: Snapshot, file: Path) -> None:
    """Every entry with all of its fields, in order, for whoever verifies them."""
    snapshot.read(f"COPY (SELECT {ENTRY_COLUMNS} FROM events ORDER BY seq, mac) TO '{_quoted(file)}' (FORMAT parquet)")


def last_check(store: Store) -> Row | None:
    """The newest verification that came to its end, with its result."""
    return store.read_one(
        "SELECT id, result, ended_at, created_by FROM jobs WHERE kind = 'audit' AND state = 'done' ORDER BY ended_at DESC LIMIT 1"
    )


def check_under_way(store: Store) -> Row | None:
    return store.read_one("SELECT id FROM jobs WHERE kind = 'audit' AND state IN ('queued', 'running') LIMIT 1")


def last_check_that_broke_off(store: Store) -> Row | None:
    """The newest verification, where it ended without a result."""
    row = store.read_one(
        "SELECT id, state, reason FROM jobs WHERE kind = 'audit' AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1"
    )
    return row if row is not None and row["state"] in ("failed", "lost") else None


def _condition(where: AuditFilter) -> tuple[str, list[Any]]:
    parts, values = [], list[Any]()
    for column, value in (
        ("done_by", where.person), ("noun", where.noun), ("action", where.action), ("project_id", where.project_id),
        ("object_id", where.object_id),
    ):  # fmt: skip
        if value:
            parts.append(f"{column} = ?")
            values.append(value)
    if where.since is not None:
        parts.append("happened_at >= ?")
        values.append(datetime.combine(where.since, time()))
    if where.until is not None:
        parts.append("happened_at < ?")
        values.append(datetime.combine(where.until + timedelta(days=1), time()))
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")

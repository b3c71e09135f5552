"""How the audit trail begins: earlier events are linked when the database takes its shape, and at every start the trail is held against its head.

What does not agree is said in the trail itself, and stays there: the head is written anew with the next commit, and would forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.config import DataFolder
from core.privacy.audit import (
    BROKEN,
    FOLLOWED,
    NEW_KEY,
    NOTHING_BEFORE,
    NOUN,
    SEALED,
    Entry,
    Head,
    encoded,
    follows,
    mac_of,
    microseconds,
)
from core.store.trail import Trail, ensure_key, read_head, write_head

__all__ = ["NOUN", "STUDIO", "Found", "end_in", "examine", "has_trail", "link_earlier_events"]

# Who did what nobody did.
STUDIO = "the studio"
AT_A_TIME = 20_000
# Asked for by number: to look for the column itself, the engine would bind every view.
SINCE_MIGRATION = 39
# Every field of an entry, in the order of `Entry`. Nobody here writes an endless time or an empty cell: who finds one reads what no entry holds.
ENTRY_COLUMNS = """
    seq, CASE WHEN isfinite(happened_at) THEN epoch_us(happened_at) ELSE -1 END AS at_us, coalesce(done_by, chr(1)) AS done_by,
    coalesce(project_id, chr(1)) AS project_id, coalesce(action, chr(1)) AS action, coalesce(noun, chr(1)) AS noun,
    coalesce(object_id, chr(1)) AS object_id, coalesce(facts::VARCHAR, '') AS facts, coalesce(previous, ''::BLOB) AS previous,
    coalesce(mac, ''::BLOB) AS mac
"""

Read = Callable[..., list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Found:
    """What the trail is to say at the start. action: "" where the head is to be written, and nothing is to be said.

    last: the entry that it ended with. goes_on_after: the entry that the next one follows, where that is another.
    """

    action: str
    last: int
    facts: dict[str, Any]
    goes_on_after: Head | None = None


def has_trail(read: Read) -> bool:
    return bool(read("SELECT 1 AS one FROM schema_migrations WHERE number = ?", [SINCE_MIGRATION]))


def end_in(read: Read) -> Head:
    """With which entry the database ends."""
    rows = read("SELECT seq, mac FROM events ORDER BY seq DESC LIMIT 1")
    return Head(rows[0]["seq"], rows[0]["mac"]) if rows else Head(0, NOTHING_BEFORE)


def examine(trail: Trail, read: Read) -> Found | None:
    """What is to be said of the trail and its head; None where they agree."""
    end = trail.end
    head, is_forged = read_head(trail.head_file, trail.key)
    is_new = end.seq == 0 and not read("SELECT 1 AS one FROM projects LIMIT 1")
    if trail.has_new_key:
        return Found("", 0, {}) if is_new else Found(NEW_KEY, end.seq, {})
    if head == end:
        return None
    if head is None:
        what = "head_forged" if is_forged else "head_missing"
        return Found("", 0, {}) if is_new and not is_forged else Found(BROKEN, end.seq, {"what": what})
    if head.seq > end.seq:
        # The numbers of what is missing are not given again: the gap stays.
        return Found(BROKEN, end.seq, {"what": "cut", "n_entries": head.seq - end.seq}, head)
    n_behind = _n_behind(trail, head, read) if head.seq < end.seq else None
    if n_behind:
        return Found(FOLLOWED, end.seq, {"n_entries": n_behind})
    what = "head_behind" if head.seq < end.seq else "head_differs"
    return Found(BROKEN, end.seq, {"what": what, "n_entries": end.seq - head.seq})


def link_earlier_events(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Number and link the events of a database that had no trail yet, and seal them with one entry over them."""
    ((n,),) = connection.execute("SELECT count(*) FROM events_before").fetchall()
    if n:
        files = DataFolder(folder)
        key = ensure_key(files.audit_key)
        connection.execute(
            "CREATE TABLE numbered AS SELECT row_number() OVER (ORDER BY seq) AS seq, * EXCLUDE (seq), ''::BLOB AS previous, ''::BLOB AS mac "
            "FROM events_before"
        )
        end = Head(0, NOTHING_BEFORE)
        for entries in _in_pieces(connection, n):
            end = _link(connection, key, entries, end)
        end = _seal(connection, key, end)
        connection.execute("DROP TABLE numbered")
        # Before the commit: a process killed after it finds both in place, one killed before it does all of this again.
        write_head(files.audit_head, key, end)
    connection.execute("DROP TABLE events_before")


def _in_pieces(connection: duckdb.DuckDBPyConnection, n: int) -> Iterator[list[Entry]]:
    for first in range(1, n + 1, AT_A_TIME):
        rows = connection.execute(
            f"SELECT {ENTRY_COLUMNS} FROM numbered WHERE seq BETWEEN ? AND ? ORDER BY seq",
            [first, first + AT_A_TIME - 1],
        ).fetchall()
        yield [Entry(*row) for row in rows]


def _link(connection: duckdb.DuckDBPyConnection, key: bytes, entries: list[Entry], end: Head) -> Head:
    links: list[tuple[int, bytes, bytes]] = []
    for entry in entries:
        fields = encoded(
            entry.seq, entry.at_us, entry.by, entry.project_id, entry.action, entry.noun, entry.object_id, entry.facts
        )
        mac = mac_of(key, end.mac, fields)
        links.append((entry.seq, end.mac, mac))
        end = Head(entry.seq, mac)
    connection.execute(
        "INSERT INTO events SELECT e.* REPLACE (l.previous AS previous, l.mac AS mac) FROM numbered e "
        "JOIN (SELECT unnest(?) AS seq, unnest(?) AS previous, unnest(?) AS mac) l USING (seq) ORDER BY seq",
        [list(column) for column in zip(*links, strict=True)],
    )
    return end


def _seal(connection: duckdb.DuckDBPyConnection, key: bytes, end: Head) -> Head:
    at, facts = datetime.now(UTC).replace(tzinfo=None), f'{{"n_entries": {end.seq}}}'
    mac = mac_of(key, end.mac, encoded(end.seq + 1, microseconds(at), STUDIO, "", SEALED, NOUN, str(end.seq), facts))
    connection.execute(
        "INSERT INTO events VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?)",
        [end.seq + 1, at, STUDIO, SEALED, NOUN, str(end.seq), facts, end.mac, mac],
    )
    return Head(end.seq + 1, mac)


def _n_behind(trail: Trail, head: Head, read: Read) -> int | None:
    """How many entries one commit left behind the head, None where it was not one."""
    rows = read("SELECT count(DISTINCT happened_at) AS n FROM events WHERE seq > ?", [head.seq])
    if rows[0]["n"] != 1:
        return None
    rows = read(f"SELECT {ENTRY_COLUMNS} FROM events WHERE seq >= ? ORDER BY seq", [head.seq])
    return follows(trail.key, head, (Entry(*row.values()) for row in rows))

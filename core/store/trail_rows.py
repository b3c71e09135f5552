"""SQL that appends linked entries to the audit trail: a few as parameters, many as one table in memory.

A hundred thousand values as parameters take the engine over a second; as a table they take a tenth of it.
"""

from __future__ import annotations

import duckdb

from core.store.trail import Acts, Links

MANY = 200


def insert_linked(cursor: duckdb.DuckDBPyConnection, acts: Acts, links: Links) -> None:
    """One row for each of the acts, within the transaction that the cursor is in."""
    same = [acts.at, acts.by, acts.project_id, acts.action, acts.noun]
    if len(links.numbers) < MANY:
        cursor.execute(
            "INSERT INTO events SELECT unnest(?), ?, ?, ?, ?, ?, unnest(?), unnest(?), unnest(?), unnest(?)",
            [links.numbers, *same, acts.object_ids, acts.facts, links.previous, links.macs],
        )
        return
    # Loaded with the first act on many things: nothing else here needs it.
    import pyarrow as pa

    linked = pa.table({
        "seq": pa.array(links.numbers, pa.int64()),
        "object_id": pa.array(acts.object_ids, pa.string()),
        "facts": pa.array(acts.facts, pa.string()),
        "previous": pa.array(links.previous, pa.binary()),
        "mac": pa.array(links.macs, pa.binary()),
    })  # fmt: skip
    cursor.register("linked", linked)
    try:
        cursor.execute(
            "INSERT INTO events SELECT seq, ?, ?, ?, ?, ?, object_id, facts, previous, mac FROM linked ORDER BY seq",
            same,
        )
    finally:
        cursor.unregister("linked")

"""Numbered SQL migrations, each in one transaction and recorded.

A copy of the file is made before an existing database is changed, and a database newer than
this program is refused: an old program must never write to a shape it does not know.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from core.errors import ProofroomError, StoreTooNew
from core.store.trail_start import SINCE_MIGRATION, link_earlier_events

MIGRATIONS = Path(__file__).parent / "migrations"
# What SQL alone cannot do, in the transaction of the migration; given the connection and the data folder.
IN_PYTHON = {SINCE_MIGRATION: link_earlier_events}


def migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> list[int]:
    """Bring the database to the newest shape. Returns the numbers applied. Raises StoreTooNew."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMP NOT NULL)"
    )
    applied = {row[0] for row in connection.execute("SELECT number FROM schema_migrations").fetchall()}
    known = {int(file.name[:4]): file for file in sorted(MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))}
    newest = max(applied, default=0)
    if newest > max(known):
        raise StoreTooNew(
            f"{path} has shape {newest}, but this program knows shapes up to {max(known)}.",
            remedy="Install the newer Proofroom that wrote it, or restore an older backup.",
        )
    pending = [number for number in sorted(known) if number not in applied]
    if pending and applied:
        connection.execute("CHECKPOINT")
        shutil.copyfile(path, path.with_name(f"{path.name}.before-{pending[0]:04d}"))
    for number in pending:
        _apply(connection, number, known[number], path.parent)
    return pending


def _apply(connection: duckdb.DuckDBPyConnection, number: int, file: Path, folder: Path) -> None:
    connection.execute("BEGIN")
    try:
        connection.execute(file.read_text(encoding="utf-8"))
        if number in IN_PYTHON:
            IN_PYTHON[number](connection, folder)
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, ?, ?)",
            [number, file.stem, datetime.now(UTC).replace(tzinfo=None)],
        )
        connection.execute("COMMIT")
    except (duckdb.Error, ProofroomError, OSError):
        connection.execute("ROLLBACK")
        raise

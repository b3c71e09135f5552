"""The open database written into a file of its own: what was deleted stays, packed, in old blocks of the file that it was in."""

from __future__ import annotations

from pathlib import Path

import duckdb


def copy_to(connection: duckdb.DuckDBPyConnection, new: Path) -> None:
    """Write a new database file with all that is in the open one: tables, views, constraints, defaults and where counters stand."""
    remove_database(new)
    ((name,),) = connection.execute("SELECT current_database()").fetchall()
    path = str(new).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS rewritten")
    try:
        connection.execute(f'COPY FROM DATABASE "{name}" TO rewritten')
        connection.execute("CHECKPOINT rewritten")
    finally:
        connection.execute("DETACH rewritten")


def remove_database(file: Path) -> None:
    """Remove a database file with its log."""
    for one in (file, file.with_name(file.name + ".wal")):
        one.unlink(missing_ok=True)

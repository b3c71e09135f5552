"""How the database file is opened: by one process at a time, and locked down to the data folder."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from core.errors import StoreBusy


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Raises StoreBusy when another process owns the file."""
    try:
        return duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise StoreBusy(
                f"Another process already works on {path}: {_holder(str(error))}.",
                remedy="Use that one, or stop it first; one data folder has one server.",
            ) from error
        raise


def n_threads() -> int:
    """On how many the engine works."""
    return max(1, os.cpu_count() or 1)


def _holder(message: str) -> str:
    start = message.find("(PID")
    return "process " + message[start + 5 : message.find(")", start)] if start >= 0 else "unknown process"


def lock_down(connection: duckdb.DuckDBPyConnection, folder: Path) -> duckdb.DuckDBPyConnection:
    """From here on the engine reads and writes in the folder alone, and no setting can be changed. Returns the connection."""
    # A commit of a hundred thousand records is over once they are in the log; `settle` compresses them afterwards.
    connection.execute("SET checkpoint_threshold = '1GB'")
    # The order matters: once external access is off the list can no longer be set.
    connection.execute(f"SET threads = {n_threads()}")
    connection.execute(f"SET allowed_directories = [{_quoted(str(folder))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

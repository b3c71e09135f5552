"""The one connection to the DuckDB file, and the only place that opens it.

Reads take a cursor per thread; writes go through one short transaction at a time. After start the
engine is locked down: it reads and writes under the data folder alone. SQL itself stands in the
modules beside this.

Times are stored as UTC without a zone (the engine's zoned type needs a package of its own).
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.errors import StoreBusy, StoreFull
from core.store.migrate import migrate

log = logging.getLogger(__name__)

SETTLE_FROM_BYTES = 16 * 1024 * 1024

Row = dict[str, Any]
Parameters = Sequence[Any] | Mapping[str, Any]


def new_id(prefix: str) -> str:
    """A random id that says nothing about what it names: prefix and 16 hexadecimal digits."""
    return prefix + secrets.token_hex(8)


def utc_now() -> datetime:
    """Now in UTC, without zone and to the millisecond, as the database stores it."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Store:
    """An open database. One per process and data folder; close() checkpoints and lets go of the file."""

    def __init__(self, path: Path) -> None:
        """Open, migrate and lock down. Raises StoreBusy when another process owns the file, StoreTooNew."""
        self.path = path
        self._write_lock = threading.RLock()
        self._local = threading.local()
        self._connection = _connect(path)
        migrate(self._connection, path)
        _lock_down(self._connection, path.parent)

    def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Rows as dictionaries; JSON columns come decoded. parameters: by place or, as a mapping, by name."""
        cursor = self._cursor()
        cursor.execute(sql, dict(parameters) if isinstance(parameters, Mapping) else list(parameters))
        return _as_rows(cursor)

    def read_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        rows = self.read(sql, parameters)
        return rows[0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One write at a time, all or nothing. Raises StoreFull when the disk refuses; nothing is half written."""
        with self._write_lock:
            cursor = self._connection.cursor()
            cursor.execute("BEGIN")
            try:
                yield Transaction(cursor)
                cursor.execute("COMMIT")
            except BaseException as error:
                _roll_back(cursor)
                if isinstance(error, duckdb.Error) and _says_disk_full(error):
                    raise StoreFull(
                        f"The disk refused the write: {error}.",
                        remedy="Free some space; nothing acknowledged so far is lost.",
                    ) from error
                raise
            finally:
                cursor.close()

    def snapshot(self) -> Snapshot:
        """All as it is at this moment, for a thread that reads it later; whoever asked for it closes it."""
        return Snapshot(self._connection.cursor())

    def settle(self) -> None:
        """Move what a large write left in the log into the database file; between writes, so that none waits for it to end.

        A disk that is full leaves it in the log, where nothing is lost, until the next time.
        """
        log_file = self.path.with_name(self.path.name + ".wal")
        if not log_file.exists() or log_file.stat().st_size < SETTLE_FROM_BYTES:
            return
        with self._write_lock:
            try:
                self._connection.execute("CHECKPOINT")
            except duckdb.Error as error:
                log.warning("the log of the database could not be moved into it: %s", error)

    def checkpointed_copy(self, target: Path) -> None:
        """A consistent copy of the database file, taken while no write is under way."""
        with self._write_lock:
            self._connection.execute("CHECKPOINT")
            target.write_bytes(self.path.read_bytes())

    def close(self) -> None:
        with self._write_lock:
            self._connection.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._connection.cursor()
        return cursor


class Transaction:
    """What a write may do: execute, and append its event in the same breath."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        # One moment for all that is written together: an act of several rows is found, and undone, by it.
        self.at = utc_now()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self._cursor.execute(sql, [_as_parameter(p) for p in parameters])
        return _as_rows(self._cursor)

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Rows as this transaction sees them, its own writes included."""
        return self.execute(sql, parameters)

    def event(self, action: str, noun: str, object_id: str, *, by: str, project_id: str = "", **facts: object) -> None:
        """Append to the trail: ids, counts and names of settings, never the text of a record."""
        self.execute(
            "INSERT INTO events (happened_at, done_by, project_id, action, noun, object_id, facts) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [self.at, by, project_id, action, noun, object_id, facts],
        )


class Snapshot:
    """The database as it was when this was made; writes go on meanwhile and are not seen here."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        cursor.execute("BEGIN")
        # The engine fixes what a transaction sees at its first look into the file, not at BEGIN.
        cursor.execute("SELECT 1 FROM schema_migrations LIMIT 1").fetchall()

    def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Rows as dictionaries, as `Store.read` gives them; also a COPY into a file."""
        self._cursor.execute(sql, dict(parameters) if isinstance(parameters, Mapping) else list(parameters))
        return _as_rows(self._cursor)

    def close(self) -> None:
        _roll_back(self._cursor)
        self._cursor.close()


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise StoreBusy(
                f"Another process already works on {path}: {_holder(str(error))}.",
                remedy="Use that one, or stop it first; one data folder has one server.",
            ) from error
        raise


def _holder(message: str) -> str:
    start = message.find("(PID")
    return "process " + message[start + 5 : message.find(")", start)] if start >= 0 else "unknown process"


def _lock_down(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    # A commit of a hundred thousand records is over once they are in the log; `settle` compresses them afterwards.
    connection.execute("SET checkpoint_threshold = '1GB'")
    # The order matters: once external access is off the list can no longer be set.
    connection.execute("SET threads = " + str(max(1, os.cpu_count() or 1)))
    connection.execute(f"SET allowed_directories = [{_quoted(str(folder))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    # A failed COMMIT has already ended the transaction; there is nothing left to roll back then.
    try:
        cursor.execute("ROLLBACK")
    except duckdb.TransactionException:
        return


def _says_disk_full(error: duckdb.Error) -> bool:
    return any(phrase in str(error) for phrase in ("No space left", "Disk quota", "File too large", "Out of disk"))


def _as_parameter(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def _as_rows(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    if cursor.description is None:
        return []
    names = [column[0] for column in cursor.description]
    json_columns = [i for i, column in enumerate(cursor.description) if str(column[1]) == "JSON"]
    rows = cursor.fetchall()
    if not json_columns:
        return [dict(zip(names, row, strict=True)) for row in rows]
    return [_decoded(names, row, json_columns) for row in rows]


def _decoded(names: list[str], row: tuple[Any, ...], json_columns: list[int]) -> Row:
    values = list(row)
    for i in json_columns:
        if values[i] is not None:
            values[i] = json.loads(values[i])
    return dict(zip(names, values, strict=True))

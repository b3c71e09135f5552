"""The engine's connection to one file, and a cursor of it for each thread that reads.

A checkpoint that a full disk breaks off makes the engine give the whole database up: every question fails from then on, until the file
is opened anew. What was committed lies in the log by then, and is there again.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

import duckdb

from core.errors import StoreFull
from core.full_disk import says_full

# Of the file in which the engine keeps what is committed and not yet in the database file.
LOG_ENDING = ".wal"
# What a checkpoint writes beside the log's content: whole blocks of 256 KB, of every table that changed.
SPARE_BYTES = 8 * 2**20


class Held:
    """A cursor in somebody's hands; it is closed under them when the file is opened anew."""

    __slots__ = ("__weakref__", "cursor", "of")

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.of = connection
        self.cursor = connection.cursor()


class Engine:
    """The connection of a store. Whoever writes, checkpoints or opens anew holds the store's write lock."""

    def __init__(
        self, path: Path, connection: duckdb.DuckDBPyConnection, open_: Callable[[], duckdb.DuckDBPyConnection]
    ) -> None:
        """open_: opens the file as the connection was opened."""
        self.connection = connection
        self.n_openings = 1
        self._path, self._open = path, open_
        self._local = threading.local()
        self._all_held: WeakSet[Held] = WeakSet()
        self._held_lock, self._opening_lock = threading.Lock(), threading.Lock()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """The cursor of this thread."""
        held: Held | None = getattr(self._local, "held", None)
        if held is None or held.of is not self.connection:
            held = self._local.held = self.new_cursor()
        return held.cursor

    def new_cursor(self) -> Held:
        with self._held_lock:
            held = Held(self.connection)
            self._all_held.add(held)
            return held

    def checkpoint(self) -> None:
        """Move the log into the file. Raises StoreFull where there is no room for it; the log keeps all of it then.

        The engine refuses it by a TransactionException where a snapshot is open from before a change.
        """
        log = self._path.with_name(self._path.name + LOG_ENDING)
        needed = SPARE_BYTES + (log.stat().st_size if log.exists() else 0)
        free = shutil.disk_usage(self._path.parent).free
        if free < needed:
            raise full(f"{free // 2**20} MB are free where {needed // 2**20} MB are needed")
        with self._opening_lock:
            try:
                self.connection.execute("CHECKPOINT")
            except duckdb.FatalException as error:
                self._open_anew()
                if says_full(error):
                    raise full(str(error)) from error
                raise

    def open_anew(self) -> None:
        """After the engine has given up."""
        with self._opening_lock:
            self._open_anew()

    def replace_file(self, replace: Callable[[], None]) -> None:
        """Let go of the file while it is replaced by another one; whoever asked for it sees to it that nobody reads meanwhile."""
        with self._opening_lock:
            self._open_anew(replace)

    def is_opened_again(self, *, after: int) -> bool:
        """Whether the file was opened anew since it had been opened so many times; waits for an opening that is under way."""
        with self._opening_lock:
            return self.n_openings > after

    def _open_anew(self, while_closed: Callable[[], None] = lambda: None) -> None:
        with self._held_lock:
            # All of them first: the last that lets go of the old file would take the new one's lock along.
            for held in list(self._all_held):
                with suppress(duckdb.Error):
                    held.cursor.interrupt()
                    held.cursor.close()
            self._all_held.clear()
            self.connection.close()
            try:
                while_closed()
            finally:
                self.connection = self._open()
                self.n_openings += 1


def full(why: str) -> StoreFull:
    return StoreFull(
        f"The disk refused the write: {why.rstrip('.')}.",
        remedy="Free some space; nothing acknowledged so far is lost.",
    )

"""The one connection to the DuckDB file.

Reads take a cursor per thread; writes go through one short transaction at a time. After start the
engine is locked down: it reads and writes under the data folder alone. SQL itself stands in the
modules beside this.

Times are stored as UTC without a zone (the engine's zoned type needs a package of its own).
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.config import DataFolder
from core.errors import Invalid, StoreFull
from core.full_disk import says_full, why
from core.incidents import in_a_word
from core.privacy.audit import Head
from core.store import opening, record_states, trail_start
from core.store.answers import Answer, Answers, Parameters, Question, answers_of
from core.store.engine import LOG_ENDING, Engine, Held, full
from core.store.fresh_file import copy_to, remove_database
from core.store.migrate import migrate
from core.store.open_reads import OpenReads
from core.store.trail import Acts, Trail
from core.store.trail_rows import insert_linked

log = logging.getLogger(__name__)

LARGEST = 2**63 - 1
SETTLE_FROM_BYTES = 16 * 1024 * 1024

Row = dict[str, Any]


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
        self._reads = OpenReads()
        connection = opening.connect(path)
        migrate(connection, path)
        opening.lock_down(connection, path.parent)
        self._engine = Engine(path, connection, lambda: opening.lock_down(opening.connect(path), path.parent))
        self.answers = answers_of(connection)
        self._newest_decision = record_states.newest_decision(self.read)
        self._trail: Trail | None = None
        # A shape from before the trail is opened by tests of the migrations alone.
        if trail_start.has_trail(self.read):
            self._trail = Trail(DataFolder(path.parent), trail_start.end_in(self.read))
            self._note_start()

    @property
    def trail(self) -> Trail:
        assert self._trail is not None, "every shape of today has it"
        return self._trail

    def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Rows as dictionaries; JSON columns come decoded. parameters: by place or, as a mapping, by name.

        What was asked before is not asked again, as long as nobody wrote to what it was read from.
        """
        question = self.answers.question(sql, parameters)
        if question is None:
            return _as_rows(self._asked(sql, parameters))
        answer = self.answers.find(question)
        if answer is None:
            self.answers.missed_at = time.monotonic()
            answer = self._answer_in_turn(question, sql, parameters)
        return _as_rows(answer)

    def read_anew(self, sql: str, parameters: Parameters) -> None:
        """Have the answer ready for whoever asks next."""
        question = self.answers.question(sql, parameters)
        if question is not None:
            self._answer_in_turn(question, sql, parameters)

    def read_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        rows = self.read(sql, parameters)
        return rows[0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One write at a time, all or nothing. Raises StoreFull when the disk refuses; nothing is half written."""
        self.answers.missed_at = time.monotonic()
        with self._write_lock:
            cursor = self._engine.connection.cursor()
            cursor.execute("BEGIN")
            tx = Transaction(cursor, self.answers)
            try:
                yield tx
                end = tx.append_acts(self._trail)
                record_states.bring_up_to_date(tx.execute, set(tx.written), decided_before=self._newest_decision)
                newest = (
                    record_states.newest_decision(tx.execute) if "decisions" in tx.written else self._newest_decision
                )
                cursor.execute("COMMIT")
                self._newest_decision = newest
                if end is not None:
                    self.trail.move_to(end)
            except BaseException as error:
                _roll_back(cursor)
                if isinstance(error, duckdb.FatalException):
                    cursor.close()
                    self._engine.open_anew()
                if isinstance(error, duckdb.Error | OSError) and says_full(error):
                    raise full(why(error)) from error
                raise
            finally:
                self.answers.note_writes(tx.written)
                cursor.close()

    def snapshot(self) -> Snapshot:
        """All as it is at this moment, for a thread that reads it later; whoever asked for it closes it."""
        self._reads.begin()
        try:
            return Snapshot(self._engine.new_cursor(), at_close=self._reads.end)
        except BaseException:
            self._reads.end()
            raise

    def settle(self) -> None:
        """Move what a large write left in the log into the database file; between writes, so that none waits for it to end.

        A disk that is full leaves it in the log, where nothing is lost, until the next time.
        """
        log_file = self.path.with_name(self.path.name + LOG_ENDING)
        if not log_file.exists() or log_file.stat().st_size < SETTLE_FROM_BYTES:
            return
        with self._write_lock:
            try:
                self._engine.checkpoint()
            except (duckdb.Error, StoreFull) as error:
                log.warning("the log of the database could not be moved into it: %s", in_a_word(error))

    @contextmanager
    def no_writes(self) -> Iterator[None]:
        """As long as this goes on nobody writes, and whoever wants to waits."""
        with self._write_lock:
            yield

    def copy_to(self, target: Path) -> Head:
        """A consistent copy of the database, taken while no write is under way: the file, and its log beside it. Returns with which entry its trail ends."""
        with self._write_lock:
            # Where somebody still reads what was there before a change, or the disk has no room, the log stays what it is.
            with suppress(duckdb.TransactionException, StoreFull):
                self._engine.checkpoint()
            for ending in ("", LOG_ENDING):
                source = self.path.with_name(self.path.name + ending)
                if source.exists():
                    shutil.copyfile(source, target.with_name(target.name + ending))
            return self.trail.end

    def checkpoint(self) -> None:
        """Move the log into the database file, which is then all of it."""
        with self._write_lock:
            self._engine.checkpoint()

    def rewrite(self) -> None:
        """Write all that is there into a new file and go on with that one: the engine keeps old blocks, packed, of what was deleted.

        A process that is killed meanwhile leaves the old file or the new one, each of them whole. Raises Unavailable where somebody reads for
        long, StoreFull.
        """
        new, log_file = (self.path.with_name(self.path.name + ending) for ending in (".new", LOG_ENDING))

        def replace() -> None:
            # All of it is in the file since the checkpoint; a log of the old file would be taken for one of the new.
            log_file.unlink(missing_ok=True)
            new.replace(self.path)

        with self._write_lock, self._reads.alone():
            try:
                self._engine.checkpoint()
                copy_to(self._engine.connection, new)
            except (duckdb.Error, StoreFull) as error:
                remove_database(new)
                if isinstance(error, duckdb.FatalException):
                    self._engine.open_anew()
                if isinstance(error, StoreFull) or says_full(error):
                    raise StoreFull(
                        f"The disk has no room for the database to be written anew: {error}.",
                        remedy="Free as much space as the database takes; it is tried again by itself.",
                    ) from error
                raise
            try:
                self._engine.replace_file(replace)
            finally:
                self.answers.forget()

    def snapshot_with_head(self) -> tuple[Snapshot, bytes | None]:
        """All as it is at this moment, and what the file of the head holds at the same moment; None where there is none."""
        with self._write_lock:
            head = self.trail.head_file
            return self.snapshot(), head.read_bytes() if head.exists() else None

    def close(self) -> None:
        with self._write_lock:
            self._engine.connection.close()

    def _note_start(self) -> None:
        """Compare the trail with its head, and say in the trail itself where they do not agree."""
        found = trail_start.examine(self.trail, self.read)
        if found is None:
            return
        if found.goes_on_after is not None:
            self.trail.end = found.goes_on_after
        if found.action:
            with self.transaction() as tx:
                tx.event(found.action, trail_start.NOUN, str(found.last), by=trail_start.STUDIO, **found.facts)
        else:
            self.trail.move_to(self.trail.end)

    def _answer_in_turn(self, question: Question, sql: str, parameters: Parameters) -> Answer:
        with self.answers.turn(question):
            return self.answers.find(question) or self._answer(question, sql, parameters)

    def _answer(self, question: Question, sql: str, parameters: Parameters) -> Answer:
        revision = self.answers.revision(question)
        answer = self._asked(sql, parameters)
        self.answers.keep(question, parameters, answer, revision=revision)
        return answer

    def _asked(self, sql: str, parameters: Parameters) -> Answer:
        """Ask; and once more, where the file was opened anew under the question."""
        with self._reads.reading():
            n_openings = self._engine.n_openings
            try:
                return _ask(self._engine.cursor(), sql, parameters)
            except (duckdb.FatalException, duckdb.ConnectionException, duckdb.InterruptException):
                if not self._engine.is_opened_again(after=n_openings):
                    raise
                return _ask(self._engine.cursor(), sql, parameters)


class Transaction:
    """What a write may do: execute, and append its event in the same breath."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, answers: Answers) -> None:
        self._cursor, self._answers = cursor, answers
        self.written: set[str] = set()
        self._acts: list[Acts] = []
        # One moment for all that is written together: an act of several rows is found, and undone, by it.
        self.at = utc_now()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self.written.update(self._answers.written_by(sql))
        return _as_rows(_ask(self._cursor, sql, [_as_parameter(p) for p in parameters]))

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Rows as this transaction sees them, its own writes included.

        What is read from tables that it has not written to is as everybody sees it, since nobody else writes meanwhile: what was asked
        before is not asked again, as with `Store.read`. For what nobody asks twice `execute` keeps no answer.
        """
        question = self._answers.question(sql, parameters)
        if question is None or not self.written.isdisjoint(question.tables):
            return self.execute(sql, parameters)
        answer = self._answers.find(question)
        if answer is None:
            answer = _ask(self._cursor, sql, [_as_parameter(p) for p in parameters])
            self._answers.keep(question, parameters, answer, revision=self._answers.revision(question))
        return _as_rows(answer)

    def event(self, action: str, noun: str, object_id: str, *, by: str, project_id: str = "", **facts: object) -> None:
        """Append to the trail when this transaction ends: ids, counts and names of settings, never the text of a record."""
        self.events(action, noun, [object_id], by=by, project_id=project_id, facts=[facts])

    def events(
        self,
        action: str,
        noun: str,
        object_ids: Sequence[str],
        *,
        by: str,
        project_id: str = "",
        facts: Sequence[Mapping[str, object]] | None = None,
    ) -> None:
        """One entry for each of the ids, with facts of its own where given."""
        texts = [json.dumps(one, ensure_ascii=False) for one in facts] if facts else ["{}"] * len(object_ids)
        self._acts.append(
            Acts(self.at, str(by), str(project_id), str(action), str(noun), list(map(str, object_ids)), texts)
        )

    def append_acts(self, trail: Trail | None) -> Head | None:
        """Write what was noted as entries of the trail, for the store as it commits. Returns with which one it ends then."""
        if not self._acts:
            return None
        assert trail is not None, "an event is written to a shape of today"
        end = trail.end
        for acts in self._acts:
            links, end = trail.linked(acts, end)
            if links.numbers:
                insert_linked(self._cursor, acts, links)
        self.written.add("events")
        return end


class Snapshot:
    """The database as it was when this was made; writes go on meanwhile and are not seen here."""

    def __init__(self, held: Held, *, at_close: Callable[[], None]) -> None:
        self._held, self._cursor = held, held.cursor
        self._at_close, self._is_open = at_close, True
        cursor = held.cursor
        cursor.execute("BEGIN")
        # The engine fixes what a transaction sees at its first look into the file, not at BEGIN.
        cursor.execute("SELECT 1 FROM schema_migrations LIMIT 1").fetchall()

    def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Rows as dictionaries, as `Store.read` gives them; also a COPY into a file."""
        return _as_rows(_ask(self._cursor, sql, parameters))

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            _roll_back(self._cursor)
            self._cursor.close()
            self._at_close()


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    # A failed COMMIT has already ended the transaction, and an engine that gave up all of them; there is nothing left to roll back then.
    try:
        cursor.execute("ROLLBACK")
    except (duckdb.TransactionException, duckdb.FatalException, duckdb.ConnectionException):
        return


def _as_parameter(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def _ask(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters) -> Answer:
    started = time.perf_counter()
    for value in parameters.values() if isinstance(parameters, Mapping) else parameters:
        if isinstance(value, int) and abs(value) > LARGEST:
            raise Invalid(f"{value} is larger than any number that is kept here.", remedy="Choose a smaller one.")
    cursor.execute(sql, dict(parameters) if isinstance(parameters, Mapping) else list(parameters))
    columns = cursor.description or []
    rows = cursor.fetchall() if columns else []
    types = {i: str(column[1]) for i, column in enumerate(columns)}
    # The caller may change what it is given, and an answer is given more than once.
    own = {
        i: _decoded if kind == "JSON" else copy
        for i, kind in types.items()
        if kind == "JSON" or "[" in kind or "(" in kind
    }
    return Answer([column[0] for column in columns], own, rows, time.perf_counter() - started)


def _as_rows(answer: Answer) -> list[Row]:
    names, own = answer.names, answer.own
    if not own:
        return [dict(zip(names, row, strict=True)) for row in answer.rows]
    rows = []
    for row in answer.rows:
        values = list(row)
        for i, made in own.items():
            values[i] = made(values[i])
        rows.append(dict(zip(names, values, strict=True)))
    return rows


def _decoded(value: str | None) -> Any:
    return None if value is None else json.loads(value)

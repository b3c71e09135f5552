"""Answers of earlier reads, each true until a table that it was read from is written.

The server owns the database and every write goes through `Transaction`, so a count of writes for each table says
whether an answer still holds: a page that is drawn anew asks nothing twice, and nothing stale is ever shown.
Which tables a statement reads or writes is told from its words; a word too many costs a read, never a wrong answer.

Not kept: what reads files, what is long, and what others have pushed out that were asked for more lately.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

# Of all answers, of one, and of one parameter: enough for every count and for the records that are being read.
MOST_CHARACTERS, LONGEST_ANSWER, LONGEST_PARAMETER = 24_000_000, 400_000, 4_000
MOST_STATEMENTS = 2_000
# What an answer costs however little it holds: else millions of empty ones would fit, one for every secret that a stranger tries.
ENTRY_CHARACTERS = 500
ASKS = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
READS_FILES = re.compile(r"\bread_\w+\s*\(", re.IGNORECASE)
WRITES_FILE = re.compile(r"\s*COPY\s*\(", re.IGNORECASE)
WRITES = re.compile(r"\b(?:INTO|UPDATE|DELETE\s+FROM)\s+(\w+)", re.IGNORECASE)
WORD = re.compile(r"\w+")

Parameters = Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """names: of the columns. own: what makes a value of its own for each caller, by place, where a value could be changed.

    rows: as the engine gave them. seconds: that it took.
    """

    names: list[str]
    own: Mapping[int, Callable[[Any], Any]]
    rows: list[tuple[Any, ...]]
    seconds: float


@dataclass(frozen=True, slots=True)
class Question:
    """A statement with its parameters, and the tables behind it. Two of them are one when statement and values are."""

    sql: str
    values: str
    tables: tuple[str, ...]


@dataclass(slots=True)
class _Kept:
    """revision: writes to the tables before it was read. is_wanted: asked for more than once."""

    answer: Answer
    parameters: Parameters
    revision: int
    n_characters: int
    is_wanted: bool


class Answers:
    """What is kept, bounded. Safe to use from every thread."""

    def __init__(self, tables: Collection[str], views: Mapping[str, str]) -> None:
        """tables: every one of the database. views: the statement of each, by name."""
        self._n_writes = dict.fromkeys(tables, 0)
        self._words = {table: frozenset({table}) for table in tables}
        for view in views:
            self._words[view] = _tables_behind(view, views, self._n_writes)
        self._lock = threading.Lock()
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()
        self._n_characters = 0
        self._tables_of: dict[str, tuple[str, ...]] = {}
        self._turns: dict[Question, threading.Lock] = {}
        # When somebody last had to wait for the engine, or wrote, on the monotonic clock.
        self.missed_at = 0.0
        # Set by every write; whoever waits for one clears it.
        self.changed = threading.Event()

    def question(self, sql: str, parameters: Parameters) -> Question | None:
        """The read as a question that may be asked again; None where its answer is not to be kept."""
        values = parameters.values() if isinstance(parameters, Mapping) else parameters
        if any(isinstance(value, str | list | tuple) and len(value) > LONGEST_PARAMETER for value in values):
            return None
        tables = self._read_by(sql)
        return Question(sql, repr(parameters), tables) if tables else None

    def find(self, question: Question) -> Answer | None:
        """The answer to it, unless a table that it was read from was written since."""
        with self._lock:
            kept = self._kept.get(question)
            if kept is None or kept.revision != self._revision(question):
                return None
            kept.is_wanted = True
            self._kept.move_to_end(question)
            return kept.answer

    @contextmanager
    def turn(self, question: Question) -> Iterator[None]:
        """One thread at a time asks it; who waited finds the answer."""
        with self._lock:
            lock = self._turns.setdefault(question, threading.Lock())
        with lock:
            try:
                yield
            finally:
                with self._lock:
                    self._turns.pop(question, None)

    def revision(self, question: Question) -> int:
        """Grows with every write to a table that the question reads. To be asked for before the read."""
        with self._lock:
            return self._revision(question)

    def keep(self, question: Question, parameters: Parameters, answer: Answer, *, revision: int) -> None:
        """revision: from before the read, so that what was written meanwhile is not missed."""
        n = ENTRY_CHARACTERS + _characters(answer.rows) + len(question.values)
        if n > LONGEST_ANSWER:
            return
        with self._lock:
            before = self._kept.pop(question, None)
            self._n_characters += n - (before.n_characters if before else 0)
            self._kept[question] = _Kept(answer, parameters, revision, n, is_wanted=before is not None)
            while self._n_characters > MOST_CHARACTERS:
                _, gone = self._kept.popitem(last=False)
                self._n_characters -= gone.n_characters

    def written_by(self, sql: str) -> Collection[str]:
        """The tables that a statement may write; every one where its words do not say."""
        named = [name for name in WRITES.findall(sql) if name in self._n_writes]
        is_read = ASKS.match(sql) or WRITES_FILE.match(sql)
        return named if named or (is_read and not WRITES.search(sql)) else self._n_writes

    def note_writes(self, tables: Iterable[str]) -> None:
        """After these tables were written, whether or not the write came to its end."""
        with self._lock:
            for table in tables:
                self._n_writes[table] += 1
        self.changed.set()

    def forget(self) -> None:
        """Keep no answer: what was read may be gone for good."""
        with self._lock:
            self._kept.clear()
            self._tables_of.clear()
            self._n_characters = 0
            for table in self._n_writes:
                # An answer that is on its way is of before.
                self._n_writes[table] += 1

    def outdated(self, *, least_seconds: float) -> list[tuple[str, Parameters]]:
        """Statements, the latest first, that were asked more than once, took so long, and have no answer that holds."""
        with self._lock:
            return [
                (question.sql, kept.parameters)
                for question, kept in reversed(self._kept.items())
                if kept.is_wanted and kept.answer.seconds >= least_seconds and kept.revision != self._revision(question)
            ]

    def _revision(self, question: Question) -> int:
        return sum(self._n_writes[table] for table in question.tables)

    def _read_by(self, sql: str) -> tuple[str, ...]:
        """The tables that a statement reads; none where it does anything else as well."""
        known = self._tables_of.get(sql)
        if known is None:
            is_plain = ASKS.match(sql) and not READS_FILES.search(sql) and not WRITES.search(sql)
            behind = (self._words.get(word, frozenset()) for word in WORD.findall(sql))
            known = tuple(sorted(frozenset().union(*behind))) if is_plain else ()
            if len(self._tables_of) >= MOST_STATEMENTS:
                self._tables_of.clear()
            self._tables_of[sql] = known
        return known


def _tables_behind(view: str, views: Mapping[str, str], tables: Collection[str]) -> frozenset[str]:
    """The tables that a view reads, through other views as well."""
    seen, found, left = {view}, set(), [view]
    while left:
        for word in WORD.findall(views[left.pop()]):
            if word in tables:
                found.add(word)
            elif word in views and word not in seen:
                seen.add(word)
                left.append(word)
    return frozenset(found)


def _characters(rows: Iterable[Any]) -> int:
    """About how much memory the values take, told in characters."""
    n = 0
    for value in rows:
        if isinstance(value, str):
            n += len(value)
        elif isinstance(value, list | tuple):
            n += 8 + _characters(value)
        elif isinstance(value, dict):
            n += 8 + _characters(value.values())
        else:
            n += 8
    return n


def answers_of(connection: duckdb.DuckDBPyConnection) -> Answers:
    """For the tables and views that a database has."""
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    views = connection.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
    return Answers([name for (name,) in tables], dict(views))

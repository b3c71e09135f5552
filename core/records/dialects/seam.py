"""What every reader of a program's export gives back, and how it counts what it leaves out.

A dialect knows one program. It tells the program's rows by their fields, never by a file's name, and
turns each into a row under our own field names, which then goes the way of every other table row.
Knows no program itself; `known` lists them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from core.nouns import ParsedRecord, RecordKind, RejectedRow
from core.records.field_names import KNOWN_NAMES
from core.records.mapping import Mapping
from core.records.rows import row_to_record
from core.records.values import plain

NumberedRow = tuple[int, dict[str, Any]]
# The rows of the other files of an import, each file by itself, read only when a dialect asks for them.
RowsBeside = Callable[[], Iterator[list[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row under our field names. facts: kept in the record's meta as they are. extra: kept under `extra`.

    called: our field to what the export calls it, so that a refusal speaks of what stands in the file.
    marks: put into the record's content as they are.
    """

    number: int
    kind: RecordKind
    fields: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    marks: dict[str, Any] = field(default_factory=dict)


class Tally:
    """Counts of what was met and left out, told in one line."""

    def __init__(self, export: str) -> None:
        self._export = export
        self._met: Counter[tuple[str, str]] = Counter()
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._sentences: dict[str, None] = {}

    def met(self, one: str, several: str, n: int = 1) -> None:
        self._met[(one, several)] += n

    def left_out(self, one: str, several: str, n: int = 1) -> None:
        self._left_out[(one, several)] += n

    def say(self, sentence: str) -> None:
        """Something that is to be known of the export; said once."""
        self._sentences[sentence] = None

    def n_met(self) -> int:
        return self._met.total()

    def notes(self, *, is_cut: bool = False) -> list[str]:
        """The line, then what else is to be known. is_cut: the file was not read to its end."""
        parts = [_counted(words, n) for words, n in self._met.items()]
        parts += [f"{_counted(words, n)} left out" for words, n in self._left_out.items() if n]
        at_least = "at least " if is_cut and parts else ""
        line = f"{self._export}: {at_least}{', '.join(parts)}." if parts else f"{self._export}."
        return [line, *self._sentences]


class Dialect(Protocol):
    """The export of one program."""

    name: str

    def recognises(self, row: dict[str, Any]) -> bool:
        """Whether this is a row of the program's export, or a page of such rows."""
        ...

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        """Every unit of the export. Raises UnreadableFile when nothing in it could be learnt from."""
        ...


def to_record(row: Row) -> ParsedRecord | RejectedRow:
    """The record of a row, or the row with its reason."""
    called = {name: row.called.get(name, name) for name in row.fields if name in KNOWN_NAMES}
    cells = {row.called.get(name, name): value for name, value in row.fields.items()}
    outcome = row_to_record(row.number, cells, Mapping(row.kind.value, called, {}))
    if isinstance(outcome, RejectedRow):
        return outcome
    facts = {name: value for name, value in plain(row.facts).items() if value not in ("", None, [], {})}
    extra = {name: value for name, value in plain(row.extra).items() if value not in ("", None, [], {})}
    meta = {name: value for name, value in outcome.meta.items() if name not in ("extra", "first_reply_at")}
    # The dialect knows who belongs to the team; the first reply of anybody else is not its first reply.
    replied = {"first_reply_at": row.fields["first_reply_at"]} if row.fields.get("first_reply_at") else {}
    content = outcome.content | row.marks
    return replace(outcome, content=content, meta=meta | replied | facts | ({"extra": extra} if extra else {}))


def _counted(words: tuple[str, str], n: int) -> str:
    return f"{n:,} {words[0] if n == 1 else words[1]}"

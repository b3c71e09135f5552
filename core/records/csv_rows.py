"""Rows of CSV and TSV text: Python's csv module in strict mode, and what to do after a broken row.

A row whose quotation marks do not add up is refused, and reading goes on at the line after the one
where it began, so that one stray quotation mark does not swallow the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.values import shown, storable

MAX_COLUMNS = 20_000
MAX_CELL_CHARACTERS = 64 * 1024 * 1024
# A quotation mark that is never closed is looked for to the end of the file; a file made of them would take for ever.
MAX_UNCLOSED = 20
DELIMITERS = ",;\t|"
QUOTES_ADVICE = "Put a cell that holds a quotation mark into quotation marks and double those inside."


def read_csv(text: str, delimiter: str | None, name: str) -> Iterator[tuple[int, dict[str, Any]] | RejectedRow]:
    """Every row with its number, or why it is none. delimiter: None to tell it from the header.

    Raises UnreadableFile when there is no header row.
    """
    lines = _Lines(text)
    mark = delimiter or _delimiter(lines.first())
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    columns = _header(lines, mark, name)
    number, n_unclosed, after_broken = 0, 0, False
    while not lines.at_end():
        start = lines.position
        try:
            cells = next(_reader(lines, mark))
        except csv.Error as error:
            number += 1
            yield RejectedRow(
                number, f"The row cannot be read as CSV: {error}. {QUOTES_ADVICE}", shown(lines.at(start))
            )
            n_unclosed += lines.at_end()
            if n_unclosed > MAX_UNCLOSED:
                yield RejectedRow(number + 1, _rest_unread(lines.n_after(start)), shown(lines.at(start + 1)))
                return
            lines.position, after_broken = start + 1, True
            continue
        if not cells:
            continue
        number += 1
        reason = _trouble(cells, columns, mark, after_broken)
        if reason:
            yield RejectedRow(number, reason, shown(mark.join(cells)))
            continue
        after_broken = False
        yield number, dict(zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=True))


def column_names(header: list[str], name: str) -> list[str]:
    """Names that differ: an empty one becomes `column 3`, the second of a pair gets ` (2)`."""
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(
            f"{name} has {len(header):,} columns, at most {MAX_COLUMNS:,} are read.",
            remedy="Keep the columns that hold the text, its id and its facts.",
        )
    taken: set[str] = set()
    last: dict[str, int] = {}
    names = []
    for i, cell in enumerate(header):
        wanted = storable(cell).strip() or f"column {i + 1}"
        chosen, n = wanted, last.get(wanted, 1)
        while chosen in taken:
            n += 1
            chosen = f"{wanted} ({n})"
        last[wanted] = n
        taken.add(chosen)
        names.append(chosen)
    return names


class _Lines:
    """The physical lines of a text, with a position that can be set back."""

    def __init__(self, text: str) -> None:
        # Every kind of line end counts, and stays, so that a line break inside a cell is not changed.
        self._lines = io.StringIO(text, newline="").readlines()
        self.position = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at_end():
            raise StopIteration
        self.position += 1
        return self._lines[self.position - 1]

    def at_end(self) -> bool:
        return self.position >= len(self._lines)

    def at(self, position: int) -> str:
        return self._lines[position] if position < len(self._lines) else ""

    def first(self) -> str:
        return next((line for line in self._lines if line.strip()), "")

    def n_after(self, position: int) -> int:
        return len(self._lines) - position - 1


def _reader(lines: _Lines, delimiter: str) -> Any:
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _header(lines: _Lines, delimiter: str, name: str) -> list[str]:
    header: list[str] = []
    try:
        while not header and not lines.at_end():
            header = next(_reader(lines, delimiter))
    except csv.Error as error:
        raise UnreadableFile(f"The header row of {name} cannot be read: {error}.", remedy=QUOTES_ADVICE) from error
    if not any(cell.strip() for cell in header):
        raise UnreadableFile(f"{name} has no header row.", remedy="Put the names of the columns into the first line.")
    return column_names(header, name)


def _delimiter(header: str) -> str:
    """The mark that divides the header most often, outside quotation marks."""
    unquoted = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=unquoted.count) if any(mark in unquoted for mark in DELIMITERS) else ","


def _trouble(cells: list[str], columns: list[str], delimiter: str, after_broken: bool) -> str:
    if not any(cell.strip() for cell in cells):
        return "Every cell of the row is empty. Fill it in, or leave the row out."
    if len(cells) > len(columns):
        return (
            f"The row has {len(cells)} cells, the header {len(columns)}. "
            f"Put cells that hold a {delimiter!r} into quotation marks."
        )
    if after_broken and len(cells) < len(columns):
        return (
            f"The row has {len(cells)} cells, the header {len(columns)}, and follows a broken row: "
            f"it is likely a part of that one. {QUOTES_ADVICE}"
        )
    return ""


def _rest_unread(n_lines: int) -> str:
    return (
        f"The {n_lines:,} lines from here on are not read: after {MAX_UNCLOSED} quotation marks that are never "
        f"closed, nothing tells where a row ends. {QUOTES_ADVICE}"
    )

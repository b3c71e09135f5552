"""What the spreadsheet library does not tell of a workbook: cells that hold an error, and merged cells of ODS.

To the library an error is an empty cell, and an empty cell is a different thing from a formula that
failed. The XML is read as a stream, and only where a search of its bytes finds such a cell.
"""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from core.records.archive import PIECE_BYTES
from core.records.formats import Format
from core.records.packages import UNZIP_ERRORS, read_member, xml_of

MAX_MARKS = 100_000
ERROR_IN_XLSX = (b't="e"', b"t='e'")
MARKS_IN_ODS = (b':value-type="error"', b"-spanned=")
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(slots=True)
class Marks:
    """Of one sheet, all counted from 0. errors: row to column to the error's name. merged: first and last cell."""

    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[Span] = field(default_factory=list)


def read_marks(form: Format, path: Path) -> dict[str, Marks]:
    """Marks by the sheet's name; none for XLS, whose errors nothing tells from empty cells."""
    if form is Format.XLS:
        return {}
    try:
        with zipfile.ZipFile(path) as opened:
            return _of_ods(opened) if form is Format.ODS else _of_xlsx(opened)
    except UNZIP_ERRORS:
        # The library has opened the file: marks are extra knowledge, and their lack refuses nothing.
        return {}


def _of_xlsx(opened: zipfile.ZipFile) -> dict[str, Marks]:
    book = xml_of(read_member(opened, "xl/workbook.xml"))
    relations = xml_of(read_member(opened, "xl/_rels/workbook.xml.rels"))
    if book is None or relations is None:
        return {}
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    marks = {}
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        target = targets.get(sheet.get(RELATION)) or ""
        member = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        if member in opened.namelist() and _holds(opened, member, ERROR_IN_XLSX):
            marks[sheet.get("name", "")] = Marks(errors=_XlsxErrors().read(opened, member))
    return marks


def _of_ods(opened: zipfile.ZipFile) -> dict[str, Marks]:
    if not _holds(opened, "content.xml", MARKS_IN_ODS):
        return {}
    return _OdsMarks().read(opened, "content.xml")


def _holds(opened: zipfile.ZipFile, member: str, wanted: tuple[bytes, ...]) -> bool:
    overlap = max(len(one) for one in wanted)
    tail = b""
    with opened.open(member) as source:
        while piece := source.read(PIECE_BYTES):
            if any(one in tail + piece for one in wanted):
                return True
            tail = piece[-overlap:]
    return False


class _Stream:
    """A pass over the elements of one XML member."""

    def _parse(self, opened: zipfile.ZipFile, member: str) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        with opened.open(member) as source:
            while piece := source.read(PIECE_BYTES):
                try:
                    parser.Parse(piece, False)
                except expat.ExpatError:
                    return

    def _start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def _end(self, tag: str) -> None: ...

    def _text(self, text: str) -> None: ...


class _XlsxErrors(_Stream):
    """Cells of type e; their value is the error's name."""

    def __init__(self) -> None:
        self._errors: dict[int, dict[int, str]] = {}
        self._cell = ""
        self._words = ""

    def read(self, opened: zipfile.ZipFile, member: str) -> dict[int, dict[int, str]]:
        self._parse(opened, member)
        return self._errors

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "c":
            self._cell = attributes.get("r", "") if attributes.get("t") == "e" else ""
            self._words = ""

    def _text(self, text: str) -> None:
        if self._cell:
            self._words += text

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "v" and self._cell:
            row, column = _place(self._cell)
            self._errors.setdefault(row, {})[column] = self._words
            self._cell = ""


class _OdsMarks(_Stream):
    """Cells of an error's type, and cells that span others; rows and cells may stand for many alike."""

    def __init__(self) -> None:
        self._marks: dict[str, Marks] = {}
        self._sheet = Marks()
        self._row, self._column, self._next_row = 0, 0, 0
        self._error: tuple[int, int] | None = None
        self._words = ""
        self._n_marks = 0

    def read(self, opened: zipfile.ZipFile, member: str) -> dict[str, Marks]:
        self._parse(opened, member)
        return self._marks

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self._sheet = self._marks.setdefault(attributes.get("table:name", ""), Marks())
            self._next_row = 0
        elif tag == "table:table-row":
            self._row, self._column = self._next_row, 0
            self._next_row += _count(attributes, "table:number-rows-repeated")
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        here = (self._row, self._column)
        self._column += _count(attributes, "table:number-columns-repeated")
        rows = _count(attributes, "table:number-rows-spanned")
        columns = _count(attributes, "table:number-columns-spanned")
        if (rows > 1 or columns > 1) and self._n_marks < MAX_MARKS:
            self._n_marks += 1
            self._sheet.merged.append((here, (here[0] + rows - 1, here[1] + columns - 1)))
        self._error = here if attributes.get("calcext:value-type") == "error" else None
        self._words = ""

    def _text(self, text: str) -> None:
        if self._error:
            self._words += text

    def _end(self, tag: str) -> None:
        if tag == "table:table-cell" and self._error:
            self._sheet.errors.setdefault(self._error[0], {})[self._error[1]] = self._words.strip()
            self._error = None


def _place(reference: str) -> tuple[int, int]:
    """B6 is row 5, column 1, counted from 0."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :] or 1) - 1, column - 1


def _count(attributes: dict[str, Any], name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isdecimal() and len(text) < 8 else 1

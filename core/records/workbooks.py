"""Workbooks (XLSX, XLS, ODS) as tables: every sheet is one, its rows numbered as the spreadsheet shows them.

A title above the table is left out and said so. A header may stand in several rows whose cells are
merged; its names are joined. A merged cell counts for every row that it spans. Hidden sheets are
not read: what somebody hid was not meant for others.

Not covered: two tables on one sheet, formulas (their last values are read), macros (never opened).
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.csv_rows import column_names
from core.records.formats import PACKAGES, Format
from core.records.packages import check_package
from core.records.sheet_marks import Marks, read_marks
from core.records.tables import TableRow
from core.records.values import ErrorCell, shown

# Among so many rows the header is looked for.
TOP_ROWS = 10
HEADER_ROWS = 3
NAME_CHARACTERS = 60

Line = tuple[int, list[Any]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows, or the reason why it has none."""

    name: str
    rows: Iterator[TableRow]
    reason: str = ""


def read_sheets(form: Format, path: Path, name: str) -> Iterator[Sheet]:
    """Every sheet of a workbook, in its order. Raises UnreadableFile when the workbook cannot be opened."""
    if form in PACKAGES:
        check_package(path, name)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = list(book.sheets_metadata)
        marks = read_marks(form, path)
    except PasswordError as error:
        raise UnreadableFile(f"{name} is protected by a password.", remedy="Save it without one.") from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(
            f"{name} cannot be read as a spreadsheet: {shown(error)}.", remedy="Open it and save it anew as XLSX."
        ) from error
    for sheet in sheets:
        reason = _reason_to_skip(sheet.typ, sheet.visible)
        yield Sheet(sheet.name, iter(()), reason) if reason else _sheet(book, sheet.name, marks, name)


def _reason_to_skip(kind: SheetTypeEnum, visible: SheetVisibleEnum) -> str:
    if kind is not SheetTypeEnum.WorkSheet:
        return "The sheet holds a chart, a dialog or macros, and no table."
    if visible is not SheetVisibleEnum.Visible:
        return "The sheet is hidden and was not read. Show it in the workbook if it is to be imported."
    return ""


def _sheet(book: CalamineWorkbook, sheet_name: str, marks: dict[str, Marks], name: str) -> Sheet:
    try:
        sheet = book.get_sheet_by_name(sheet_name)
    except (CalamineError, ValueError) as error:
        return Sheet(sheet_name, iter(()), f"The sheet cannot be read: {shown(error)}. Save the workbook anew.")
    if sheet.start is None:
        return Sheet(sheet_name, iter(()), "The sheet is empty.")
    seen = marks.get(sheet_name, Marks())
    seen.merged.extend(sheet.merged_cell_ranges or ())
    return Sheet(sheet_name, _rows(_lines(sheet, seen), seen, f"{name}/{sheet_name}"))


def _lines(sheet: CalamineSheet, marks: Marks) -> Iterator[Line]:
    """Rows with anything in them, from the first column on, their numbers from 1; merged cells filled downwards."""
    left = sheet.start[1] if sheet.start else 0
    spans = {(top, column): bottom for (top, column), (bottom, _) in marks.merged if bottom > top}
    open_spans: dict[int, tuple[int, Any]] = {}
    for index, cells in enumerate(sheet.iter_rows()):
        line = [""] * left + [_value(cell) for cell in cells]
        for column, text in marks.errors.get(index, {}).items():
            if column < len(line):
                line[column] = ErrorCell(text)
        if not any(cell != "" for cell in line):
            continue
        for column, (bottom, value) in list(open_spans.items()):
            if index > bottom:
                del open_spans[column]
            elif line[column] == "":
                line[column] = value
        open_spans |= {c: (spans[index, c], cell) for c, cell in enumerate(line) if (index, c) in spans}
        yield index + 1, line


def _rows(lines: Iterator[Line], marks: Marks, name: str) -> Iterator[TableRow]:
    top = list(itertools.islice(lines, TOP_ROWS))
    titles = _n_titles(top, marks)
    for number, line in top[:titles]:
        words = shown(next(cell for cell in line if cell != ""))
        yield RejectedRow(number, "It is a title above the table, not a row of it, and was left out.", words)
    if titles == len(top):
        return
    depth = _header_rows(top[titles:], marks)
    columns, named = _header(top[titles : titles + depth], marks, name)
    for number, line in itertools.chain(top[titles + depth :], lines):
        # Cells without a column's name above them are a row's own only where they hold something.
        cells = itertools.zip_longest(columns, line[: len(columns)], fillvalue="")
        row = {c: cell for i, (c, cell) in enumerate(cells) if cell != "" or i in named}
        yield number, row


def _n_titles(top: Sequence[Line], marks: Marks) -> int:
    """How many rows stand above the header: one text alone, while the row below them looks like names."""
    first = next((i for i, (_, line) in enumerate(top) if _n_filled(line) > 1), 0)
    header = [cell for cell in top[first][1] if cell != ""] if top else []
    is_named = all(isinstance(cell, str) and len(cell) <= NAME_CHARACTERS for cell in header)
    wide = {row for (row, left), (_, right) in marks.merged if right > left}
    return first if is_named or all(number - 1 in wide for number, _ in top[:first]) else 0


def _header_rows(top: Sequence[Line], marks: Marks) -> int:
    """How many rows the header takes: as many as its merged cells span, and one below a cell that spans columns."""
    first = top[0][0] - 1
    begun = [(end, end_column > column) for (row, column), (end, end_column) in marks.merged if row == first]
    last = max([first, *(end for end, _ in begun)])
    if last == first and any(is_wide for _, is_wide in begun):
        last += 1
    depth = sum(1 for number, _ in top if number - 1 <= last)
    return min(depth, HEADER_ROWS)


def _header(header: Sequence[Line], marks: Marks, name: str) -> tuple[list[str], set[int]]:
    """The columns' names, and which of them the sheet itself names."""
    width = max(len(line) for _, line in header)
    parts: list[list[str]] = [[] for _ in range(width)]
    for number, line in header:
        wide = {
            column: left
            for (row, left), (bottom, right) in marks.merged
            if row <= number - 1 <= bottom
            for column in range(left, min(right + 1, width))
        }
        for column in range(width):
            words = " ".join(str(line[wide.get(column, column)]).split())
            if words and words not in parts[column]:
                parts[column].append(words)
    names = [" / ".join(words) for words in parts]
    return column_names(names, name), {i for i, words in enumerate(names) if words}


def _n_filled(line: list[Any]) -> int:
    return sum(cell != "" for cell in line)


def _value(cell: Any) -> Any:
    """A cell as JSON holds it: days and times as ISO text, whole numbers without a fraction."""
    if isinstance(cell, str):
        return cell if cell.strip() else ""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, datetime.timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return cell

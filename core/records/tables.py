"""Rows of CSV, TSV, JSON, JSON Lines and Parquet files, each with its number or its reason.

A bad row never takes its neighbours along. Rows count from 1; a CSV's header is not a row.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.formats import Format

MAX_COLUMNS = 2_000
MAX_NESTING = 100
VALUE_SHOWN = 120

TableRow = tuple[int, dict[str, Any]] | RejectedRow


def read_rows(form: Format, path: Path, text: str, name: str) -> Iterator[TableRow]:
    """Every row of a table file. text: the decoded file, unused for Parquet. Raises UnreadableFile."""
    match form:
        case Format.CSV | Format.TSV:
            yield from _csv_rows(text, "\t" if form is Format.TSV else _delimiter(text), name)
        case Format.JSONL:
            yield from _jsonl_rows(text)
        case Format.JSON:
            yield from _json_rows(text, name)
        case _:
            yield from _parquet_rows(path, name)


def _delimiter(text: str) -> str:
    head = text[:20_000].split("\n", 1)[0]
    return max((",", ";", "\t", "|"), key=head.count) if any(c in head for c in ",;\t|") else ","


def _csv_rows(text: str, delimiter: str, name: str) -> Iterator[TableRow]:
    csv.field_size_limit(64 * 1024 * 1024)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(reader, None)
    if not header or not any(cell.strip() for cell in header):
        raise UnreadableFile(f"{name} has no header row.", remedy="Put the names of the columns into the first line.")
    columns = column_names(header, name)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RejectedRow(number, f"The row cannot be read as CSV: {error}. Check its quotation marks.")
            continue
        if not any(cell.strip() for cell in cells):
            # An empty line is no row, but it keeps its number, so that numbers match what an editor shows.
            if len(cells) > 1:
                yield RejectedRow(number, "Every cell of the row is empty.")
            continue
        if len(cells) > len(columns):
            shown = delimiter.join(cells)[:VALUE_SHOWN]
            reason = f"The row has {len(cells)} cells, the header {len(columns)}. Put cells that hold a {delimiter!r} into quotes."
            yield RejectedRow(number, reason, shown)
            continue
        yield number, dict(zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=True))


def column_names(header: list[str], name: str) -> list[str]:
    """Names that differ: an empty one becomes `column 3`, the second of a pair gets ` (2)`."""
    if len(header) > MAX_COLUMNS:
        raise UnreadableFile(
            f"{name} has {len(header):,} columns, at most {MAX_COLUMNS:,} are read.",
            remedy="Keep the columns that hold the text, its id and its facts.",
        )
    names: list[str] = []
    for i, cell in enumerate(header):
        wanted = cell.strip() or f"column {i + 1}"
        chosen, n = wanted, 1
        while chosen in names:
            n += 1
            chosen = f"{wanted} ({n})"
        names.append(chosen)
    return names


def _jsonl_rows(text: str) -> Iterator[TableRow]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        yield _row_from_json(number, line)


def _row_from_json(number: int, line: str) -> TableRow:
    shown = line.strip()[:VALUE_SHOWN]
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except RecursionError:
        return RejectedRow(number, f"The JSON is nested deeper than the {MAX_NESTING} levels that are read.", shown)
    except ValueError as error:
        return RejectedRow(number, f"The line is not valid JSON: {error}.", shown)
    return _as_row(number, value, shown)


def _as_row(number: int, value: Any, shown: str) -> TableRow:
    if not isinstance(value, dict):
        return RejectedRow(number, f"The row is {_kind(value)}, expected an object with named fields.", shown)
    if _depth(value) > MAX_NESTING:
        return RejectedRow(number, f"The JSON is nested deeper than the {MAX_NESTING} levels that are read.", shown)
    return number, value


def _json_rows(text: str, name: str) -> Iterator[TableRow]:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise UnreadableFile(f"{name} is nested deeper than the {MAX_NESTING} levels that are read.") from None
    except ValueError as error:
        # Files called .json often hold one object a line.
        if "Extra data" in str(error):
            yield from _jsonl_rows(text)
            return
        raise UnreadableFile(f"{name} is not valid JSON: {error}.", remedy="Export it again.") from error
    for number, item in enumerate(_items(value, name), start=1):
        row = {"text": item} if isinstance(item, str) else item
        yield _as_row(number, row, str(item)[:VALUE_SHOWN])


def _items(value: Any, name: str) -> list[Any]:
    if isinstance(value, list):
        return value
    lists = [v for v in value.values() if isinstance(v, list)] if isinstance(value, dict) else []
    if len(lists) == 1:
        return list(lists[0])
    if isinstance(value, dict):
        return [value]
    raise UnreadableFile(f"{name} holds {_kind(value)}, expected a list of objects.")


def _parquet_rows(path: Path, name: str) -> Iterator[TableRow]:
    try:
        file = parquet.ParquetFile(path)
        column_names(list(file.schema_arrow.names), name)
        number = 0
        for batch in file.iter_batches(batch_size=2_000):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"{name} cannot be read as Parquet: {error}.", remedy="Write it anew.") from error


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def _kind(value: Any) -> str:
    names = {
        list: "a list",
        str: "a text",
        int: "a number",
        float: "a number",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), type(value).__name__)


def _depth(value: Any) -> int:
    level, layer = 0, [value]
    while layer and level <= MAX_NESTING:
        level += 1
        layer = [
            child
            for item in layer
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return level

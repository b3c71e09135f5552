"""Rows of CSV, TSV, JSON, JSON Lines, Parquet and Arrow files, each with its number or its reason.

A bad row never takes its neighbours along. Rows count from 1; a CSV's header is not a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.nouns import RejectedRow
from core.records.csv_rows import read_csv
from core.records.formats import Format
from core.records.json_rows import is_one_json_value, read_json, read_jsonl

TableRow = tuple[int, dict[str, Any]] | RejectedRow


def read_rows(form: Format, path: Path, text: str, name: str) -> Iterator[TableRow]:
    """Every row of a table file. text: the decoded file, unused for Parquet and Arrow. Raises UnreadableFile."""
    match form:
        case Format.CSV | Format.TSV:
            yield from read_csv(text, "\t" if form is Format.TSV else None, name)
        case Format.JSONL if not is_one_json_value(text):
            yield from read_jsonl(text)
        case Format.JSON | Format.JSONL:
            yield from read_json(text, name)
        case _:
            # Loaded here: most files need none of it, and the parser should start at once.
            from core.records.columnar_rows import columnar_rows

            yield from columnar_rows(form, path, name)

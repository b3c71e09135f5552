"""Rows of CSV, TSV, JSON, JSON Lines and Parquet files, each with its number or its reason.

A bad row never takes its neighbours along. Rows count from 1; a CSV's header is not a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.csv_rows import column_names, read_csv
from core.records.formats import Format
from core.records.json_rows import is_one_json_value, read_json, read_jsonl
from core.records.values import shown

PARQUET_BATCH_ROWS = 1_000

TableRow = tuple[int, dict[str, Any]] | RejectedRow


def read_rows(form: Format, path: Path, text: str, name: str) -> Iterator[TableRow]:
    """Every row of a table file. text: the decoded file, unused for Parquet. Raises UnreadableFile."""
    match form:
        case Format.CSV | Format.TSV:
            yield from read_csv(text, "\t" if form is Format.TSV else None, name)
        case Format.JSONL if not is_one_json_value(text):
            yield from read_jsonl(text)
        case Format.JSON | Format.JSONL:
            yield from read_json(text, name)
        case _:
            yield from _parquet_rows(path, name)


def _parquet_rows(path: Path, name: str) -> Iterator[TableRow]:
    # More threads would each reserve memory that the process may not take.
    pa.set_cpu_count(1)
    try:
        file = parquet.ParquetFile(path)
        columns = column_names([str(column) for column in file.schema_arrow.names], name)
        number = 0
        for batch in file.iter_batches(batch_size=PARQUET_BATCH_ROWS, use_threads=False):
            for row in _rows_of(batch.rename_columns(columns)):
                number += 1
                yield (number, row) if isinstance(row, dict) else RejectedRow(number, row)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UnreadableFile(f"{name} cannot be read as Parquet: {shown(error)}.", remedy="Write it anew.") from error


def _rows_of(batch: pa.RecordBatch) -> list[dict[str, Any] | str]:
    """Rows as values, or the reason where one holds what Python cannot hold (a day in the year 20,000)."""
    try:
        return list(batch.to_pylist())
    except (pa.ArrowException, ValueError, OverflowError):
        return [_one_row(batch.slice(i, 1)) for i in range(batch.num_rows)]


def _one_row(batch: pa.RecordBatch) -> dict[str, Any] | str:
    try:
        return dict(batch.to_pylist()[0])
    except (pa.ArrowException, ValueError, OverflowError) as error:
        return f"The row holds a value that cannot be read: {shown(error)}. Write it as text."

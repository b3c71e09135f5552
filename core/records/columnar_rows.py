"""Rows of Parquet and Arrow files, among them the folders that the library `datasets` saves.

Where such a file says that a column's numbers stand for names, the names are read. Pictures and
sounds are left out and said to be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.csv_rows import column_names
from core.records.formats import Format
from core.records.values import shown

BATCH_ROWS = 1_000
ARROW_FILE = b"ARROW1"
BROKEN = (pa.ArrowException, OSError, ValueError, OverflowError)
# What a frozen version of this studio lists in left_out/dropped.parquet.
LEFT_OUT_COLUMNS = ["record_id", "external_id", "reason", "detail"]
NO_TEXT = frozenset({"Image", "Audio", "Video", "Pdf"})


def columnar_rows(form: Format, path: Path, name: str) -> Iterator[tuple[int, dict[str, Any]] | RejectedRow]:
    """Every row with its number, or why it is none. Raises UnreadableFile."""
    # More threads would each reserve memory that the process may not take.
    pa.set_cpu_count(1)
    number = 0
    try:
        schema, batches = _parquet(path) if form is Format.PARQUET else _arrow(path)
        if schema.names == LEFT_OUT_COLUMNS:
            raise UnreadableFile(f"{name} lists what a frozen version left out, and holds no examples.")
        features = _features(schema)
        without_text = [column for column, feature in features.items() if feature.get("_type") in NO_TEXT]
        kept = [column for column in schema.names if column not in without_text]
        yield from (_left_out(column, features) for column in without_text)
        columns = column_names([str(column) for column in kept], name)
        labels = {
            new: names for new, old in zip(columns, kept, strict=True) if (names := _label_names(features.get(old)))
        }
        for batch in batches:
            for row in _rows_of(batch.select(kept).rename_columns(columns)):
                number += 1
                yield (number, _labelled(row, labels)) if isinstance(row, dict) else RejectedRow(number, row)
    except BROKEN as error:
        kind = "Parquet" if form is Format.PARQUET else "Arrow"
        raise UnreadableFile(f"{name} cannot be read as {kind}: {shown(error)}.", remedy="Write it anew.") from error


def _parquet(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    file = parquet.ParquetFile(path)
    return file.schema_arrow, file.iter_batches(batch_size=BATCH_ROWS, use_threads=False)


def _arrow(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """An Arrow file, or the stream that `datasets` writes. Neither is mapped into memory, which is limited."""
    source = pa.OSFile(str(path))
    is_file = source.read(len(ARROW_FILE)) == ARROW_FILE
    source.seek(0)
    if is_file:
        file = pa.ipc.open_file(source)
        return file.schema, (file.get_batch(i) for i in range(file.num_record_batches))
    stream = pa.ipc.open_stream(source)
    return stream.schema, iter(stream)


def _features(schema: pa.Schema) -> dict[str, dict[str, Any]]:
    """What `datasets` notes of each column; nothing in files of others."""
    try:
        noted = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = noted["info"]["features"]
        return {column: one for column, one in features.items() if isinstance(one, dict)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _left_out(column: str, features: dict[str, dict[str, Any]]) -> RejectedRow:
    kind = str(features[column]["_type"])
    return RejectedRow(1, f"The column {shown(column)!r} ({kind}) was left out: only text is learnt.")


def _label_names(feature: dict[str, Any] | None) -> list[str]:
    """The names that a column's numbers, or those in its lists, stand for."""
    inner = (feature or {}).get("feature")
    label = inner if isinstance(inner, dict) else feature or {}
    names = label.get("names") if label.get("_type") == "ClassLabel" else None
    return [str(name) for name in names] if isinstance(names, list) else []


def _labelled(row: dict[str, Any], labels: dict[str, list[str]]) -> dict[str, Any]:
    return row | {column: _named(row[column], names) for column, names in labels.items()}


def _named(value: Any, names: list[str]) -> Any:
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    # -1 stands for a row without a label.
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else None


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

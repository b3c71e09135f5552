"""Every text of Parquet and Arrow files: of each column its values, however nested, and the names of columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.privacy.pieces import Piece

ROWS_AT_A_TIME = 500


def columnar_texts(file: Path, head: bytes) -> Iterator[Piece]:
    """What stands in the file. Raises what Arrow raises."""
    if head.startswith(b"PAR1"):
        opened = parquet.ParquetFile(file)
        columns = [one.name for one in opened.schema_arrow if holds_text(one.type)]
        yield from _of_schema(opened.schema_arrow)
        batches = (
            opened.iter_batches(batch_size=ROWS_AT_A_TIME, columns=columns, use_threads=False) if columns else iter(())
        )
    else:
        # Neither is mapped into memory, which is limited.
        source = pa.OSFile(str(file))
        if head.startswith(b"ARROW1"):
            of_file = pa.ipc.open_file(source)
            schema, batches = of_file.schema, (of_file.get_batch(i) for i in range(of_file.num_record_batches))
        else:
            stream = pa.ipc.open_stream(source)
            schema, batches = stream.schema, iter(stream)
        columns = [one.name for one in schema if holds_text(one.type)]
        yield from _of_schema(schema)
    for batch in batches:
        for name in dict.fromkeys(columns):
            for number in batch.schema.get_all_field_indices(name):
                for text in texts_of_value(batch.column(number).to_pylist()):
                    yield Piece(name, text)


def _of_schema(schema: pa.Schema) -> Iterator[Piece]:
    for key, value in (schema.metadata or {}).items():
        if key != b"ARROW:schema":
            yield Piece("metadata", f"{key.decode(errors='replace')} {value.decode(errors='replace')}")
    yield Piece("names of columns", str(schema.remove_metadata()))


def holds_text(kind: pa.DataType) -> bool:
    """Whether a column of this type may hold texts or bytes, in whatever it is nested."""
    if isinstance(kind, pa.BaseExtensionType):
        return holds_text(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return holds_text(kind.value_type)
    if kind.num_fields:
        return any(holds_text(kind.field(i).type) for i in range(kind.num_fields))
    return any(
        test(kind)
        for test in (
            pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary, pa.types.is_large_binary,
            pa.types.is_binary_view, pa.types.is_fixed_size_binary,
        )
    )  # fmt: skip


def texts_of_value(value: Any) -> Iterator[str]:
    """Every text in a value, keys among them; bytes as they read."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", errors="replace")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from texts_of_value(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_of_value(one)

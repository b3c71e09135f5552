"""A record as a row of the database's table, before it has its ids: what the parser and the import job write as Parquet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from core.nouns import ParsedRecord
from core.records.text import record_text, text_sha256

SCHEMA = pa.schema(
    [("row_number", pa.int64())]
    + [
        (name, pa.string())
        for name in ("external_id", "kind", "title", "text", "content", "meta", "customer", "written_at", "text_sha256")
    ]
    + [("n_words", pa.int64())]
)


def row_of(record: ParsedRecord) -> dict[str, Any]:
    """The row of one record, under the names of SCHEMA."""
    text = record_text(record.kind, record.title, record.content)
    meta = record.meta
    return {
        "row_number": record.row,
        "external_id": record.external_id,
        "kind": record.kind.value,
        "title": record.title,
        "text": text,
        "content": json.dumps(record.content, ensure_ascii=False),
        "meta": json.dumps(meta, ensure_ascii=False, default=str),
        "customer": meta.get("customer") or record.content.get("asker") or None,
        "written_at": str(meta["created_at"]) if meta.get("created_at") else None,
        "text_sha256": text_sha256(text),
        "n_words": len(text.split()),
    }


def batch_of(records: Sequence[ParsedRecord]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([row_of(record) for record in records], schema=SCHEMA)

"""The measuring job's step of facts: where prices, dates, versions and the like stand in what a record teaches."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.facts import taught_facts
from core.curate.records_in import RecordIn, record_in
from core.jobs.context import JobContext
from core.records.text import text_sha256

SPAN = pa.struct([("kind", pa.string()), ("start_char", pa.int64()), ("end_char", pa.int64()), ("value", pa.string())])
FACTS = pa.schema([("record_id", pa.string()), ("text_sha256", pa.string()), ("spans", pa.list_(SPAN))])


def write_facts(context: JobContext, records: Sequence[RecordIn]) -> None:
    """Write facts.parquet, a row a record."""

    def report(n: int) -> None:
        context.report(phase="Looking for facts that go stale", done=n, total=len(records))

    parquet.write_table(found_facts(records, context.inputs / "edited.parquet", report), context.out / "facts.parquet")


def found_facts(records: Sequence[RecordIn], edited: Path, report: Callable[[int], None] = lambda n: None) -> pa.Table:
    """The spans of each record, in the edited text of those that stand in `edited`; with the hash of the text that was read."""
    rows = parquet.read_table(edited).to_pylist()
    by_id = {row["id"]: record_in(row | {"content": json.loads(row["content"])}) for row in rows}
    found = []
    for n, original in enumerate(records, start=1):
        record = by_id.get(original.id, original)
        spans = taught_facts(record.kind, record.title, record.content)
        found.append({"record_id": record.id, "text_sha256": text_sha256(record.text), "spans": spans})
        report(n)
    return pa.Table.from_pylist(found, schema=FACTS)

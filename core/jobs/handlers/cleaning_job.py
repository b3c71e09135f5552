"""Counts what each cleaning step alone would change over all records of a project, and which records those are."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.cleaning.boilerplate import framing_lines
from core.curate.cleaning.record import clean_record, texts_of
from core.curate.cleaning.steps import STEPS
from core.jobs.context import JobContext
from core.nouns import RecordKind

COUNTS = pa.schema(
    [
        ("step", pa.string()),
        ("n_records", pa.int64()),
        ("n_changed", pa.int64()),
        ("n_places", pa.int64()),
        ("n_left_whole", pa.int64()),
        ("changed", pa.list_(pa.string())),
    ]
)
# As many as a person may want to page through; the count says how many there are.
MAX_LISTED = 1_000


def run(context: JobContext) -> dict[str, Any]:
    """Read records.parquet; write counts.parquet and framing_lines.parquet."""
    rows = parquet.read_table(context.inputs / "records.parquet").to_pylist()
    records = [(row["id"], RecordKind(row["kind"]), json.loads(row["content"])) for row in rows]
    common = framing_lines(texts_of(kind, content) for _, kind, content in records)
    found: dict[str, dict[str, Any]] = {
        step: {"step": step, "n_records": len(records), "n_changed": 0, "n_places": 0, "n_left_whole": 0, "changed": []}
        for step in STEPS
    }
    for i, (identity, kind, content) in enumerate(records, start=1):
        for step, counted in found.items():
            done = clean_record(kind, content, [step], common=common)
            counted["n_left_whole"] += bool(done.left_whole_by)
            if done.steps:
                counted["n_changed"] += 1
                counted["n_places"] += sum(
                    len(one.changes) for part in done.parts if part.is_learnt for one in part.done
                )
                if len(counted["changed"]) < MAX_LISTED:
                    counted["changed"].append(identity)
        context.report(phase="Trying the cleaning steps", done=i, total=len(records))
    parquet.write_table(pa.Table.from_pylist(list(found.values()), schema=COUNTS), context.out / "counts.parquet")
    lines = pa.table({"line": pa.array(sorted(common), pa.string())})
    parquet.write_table(lines, context.out / "framing_lines.parquet")
    return {"n_records": len(records), "changed": {step: counted["n_changed"] for step, counted in found.items()}}

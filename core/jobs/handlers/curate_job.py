"""Measures every record of a project: vectors, pairs, signals, flags, score, neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.duplicates.find import find_near_duplicates, nearest
from core.curate.encoder import DIMENSIONS, ENCODER_ID, MiniLMEncoder, Vectors
from core.curate.records_in import RecordIn, record_in
from core.curate.score import score_of
from core.jobs.context import JobContext
from core.jobs.handlers.map_step import write_map
from core.jobs.handlers.quality_step import flag_row, measure_quality
from core.nouns import Goal
from core.records.text import text_sha256

TEXT = pa.string()
SCHEMAS = {
    "pairs": [("project_id", TEXT), ("a", TEXT), ("b", TEXT), ("method", TEXT)]
    + [(n, pa.float64()) for n in ("words", "jaccard", "containment", "cosine", "length_ratio", "score")]
    + [("swapped", TEXT), ("is_mergeable", pa.bool_())],
    "signals": [("project_id", TEXT), ("record_id", TEXT), ("name", TEXT), ("value", pa.float64())],
    "flags": [("project_id", TEXT), ("record_id", TEXT), ("name", TEXT), ("is_defect", pa.bool_()), ("evidence", TEXT)]
    + [("start_char", pa.int64()), ("end_char", pa.int64()), ("value", pa.float64()), ("limit_value", pa.float64())],
    "scores": [("record_id", TEXT), ("project_id", TEXT), ("score", pa.float64()), ("reasons", pa.list_(TEXT))],
    "neighbours": [
        ("project_id", TEXT),
        ("record_id", TEXT),
        ("neighbour_id", TEXT),
        ("place", pa.int64()),
        ("cosine", pa.float64()),
    ],
    "vectors": [("record_id", TEXT), ("project_id", TEXT), ("encoder", TEXT), ("text_sha256", TEXT)]
    + [("vector", pa.list_(pa.float32(), DIMENSIONS))],
}


def run(context: JobContext) -> dict[str, Any]:
    """Read records.parquet and vectors.parquet of the inputs; write one Parquet for each table."""
    project, goal = context.settings["project_id"], Goal(context.settings["goal"])
    rows = parquet.read_table(context.inputs / "records.parquet").to_pylist()
    records = [record_in(row | {"content": json.loads(row["content"])}) for row in rows]
    vectors = _vectors(context, records)
    context.report(phase="Looking for duplicates", done=0, total=len(records))
    pairs = find_near_duplicates(records, vectors, _counting(context, "Looking for duplicates", len(records)))
    signals, flags = measure_quality(context, records, goal, vectors, pairs)
    off = set(context.settings.get("flags_off", ()))
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    tables["pairs"] = [{"project_id": project, **asdict(p)} for p in pairs]
    tables["neighbours"] = [
        {"project_id": project, "record_id": a, "neighbour_id": b, "place": place, "cosine": cosine}
        for a, b, place, cosine in nearest(vectors, [r.id for r in records])
    ]
    for record, vector, one, found in zip(records, vectors, signals, flags, strict=True):
        score = score_of([flag for flag in found if flag.name not in off], one)
        tables["scores"].append(
            {"record_id": record.id, "project_id": project, "score": score.value, "reasons": list(score.reasons)}
        )
        tables["signals"] += [
            {"project_id": project, "record_id": record.id, "name": n, "value": v} for n, v in one.items()
        ]
        tables["flags"] += [{"project_id": project, "record_id": record.id, **flag_row(flag)} for flag in found]
        tables["vectors"].append(
            {
                "record_id": record.id,
                "project_id": project,
                "encoder": ENCODER_ID,
                "text_sha256": text_sha256(record.comparison_text),
                "vector": vector,
            }  # fmt: skip
        )
    _write(context.out, tables)
    write_map(context, project, records, vectors)
    return {"n_records": len(records), "n_pairs": len(pairs), "n_flags": len(tables["flags"])}


def _counting(context: JobContext, phase: str, total: int) -> Callable[[int], None]:
    return lambda n: context.report(phase=phase, done=n, total=total)


def _vectors(context: JobContext, records: Sequence[RecordIn]) -> Vectors:
    """One vector a record: known ones by the hash of their text, the others embedded now."""
    table = parquet.read_table(context.inputs / "vectors.parquet").to_pydict()
    known = dict(zip(table["text_sha256"], table["vector"], strict=True))
    hashes = [text_sha256(record.comparison_text) for record in records]
    missing = list(dict.fromkeys(i for i, h in enumerate(hashes) if h not in known))
    if missing:
        context.report(phase="Embedding", done=0, total=len(missing))
        encoder = MiniLMEncoder()
        made = encoder.encode(
            [records[i].comparison_text for i in missing],
            lambda n: context.report(phase="Embedding", done=n, total=len(missing)),
        )
        known |= {hashes[i]: vector for i, vector in zip(missing, made, strict=True)}
    if not records:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    return np.asarray([known[h] for h in hashes], dtype=np.float32)


def _write(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    for name, fields in SCHEMAS.items():
        parquet.write_table(pa.Table.from_pylist(tables[name], schema=pa.schema(fields)), folder / f"{name}.parquet")

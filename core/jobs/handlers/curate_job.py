"""Measures every record of a project: vectors, pairs, signals, flags, score, neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.duplicates.find import find_near_duplicates, nearest
from core.curate.encoder import DIMENSIONS, ENCODER_ID, Vectors, loaded_encoder
from core.curate.flags import answer_text
from core.curate.records_in import RecordIn, record_in
from core.curate.score import score_of
from core.jobs.context import JobContext
from core.jobs.handlers.ending_step import flag_cut_texts
from core.jobs.handlers.facts_step import write_facts
from core.jobs.handlers.map_step import write_map
from core.jobs.handlers.quality_step import flag_row, measure_quality
from core.nouns import Goal, RecordKind
from core.records.text import text_sha256

TEXT = pa.string()
NEAR = ("record_id", "neighbour_id", "place", "cosine")
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
    """Read records.parquet, edited.parquet and vectors.parquet of the inputs; write one Parquet for each table."""
    project, goal = context.settings["project_id"], Goal(context.settings["goal"])
    rows = parquet.read_table(context.inputs / "records.parquet").to_pylist()
    records = [record_in(row | {"content": json.loads(row["content"])}) for row in rows]
    vectors = _vectors(context, records)
    context.report(phase="Looking for duplicates", done=0, total=len(records))
    pairs = find_near_duplicates(records, vectors, _counting(context, "Looking for duplicates", len(records)))
    answers = _answer_vectors(context, records)
    signals, flags = measure_quality(context, records, goal, vectors, answers, pairs)
    flag_cut_texts(context, records, goal, flags)
    ids = [record.id for record in records]
    off = set(context.settings.get("flags_off", ()))
    scores = [score_of([f for f in found if f.name not in off], one) for found, one in zip(flags, signals, strict=True)]
    context.report(phase="Writing down", done=0, total=len(records))
    _write(context.out, "pairs", project, _columns([asdict(pair) for pair in pairs], "pairs"))
    _write(context.out, "signals", project, _signal_columns(ids, signals))
    flagged = [{"record_id": id_} | flag_row(flag) for id_, found in zip(ids, flags, strict=True) for flag in found]
    _write(context.out, "flags", project, _columns(flagged, "flags"))
    _write(context.out, "scores", project, {
        "record_id": ids, "score": [score.value for score in scores], "reasons": [list(score.reasons) for score in scores],
    })  # fmt: skip
    near = nearest(vectors, ids)
    _write(context.out, "neighbours", project, dict(zip(NEAR, zip(*near, strict=True), strict=True)) if near else {})
    _write(context.out, "vectors", project, {
        "record_id": ids, "encoder": pa.repeat(ENCODER_ID, len(ids)),
        "text_sha256": [text_sha256(record.comparison_text) for record in records],
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIMENSIONS),
    })  # fmt: skip
    write_facts(context, records)
    write_map(context, project, records, vectors)
    return {"n_records": len(records), "n_pairs": len(pairs), "n_flags": len(flagged)}


def _counting(context: JobContext, phase: str, total: int) -> Callable[[int], None]:
    return lambda n: context.report(phase=phase, done=n, total=total)


def _vectors(context: JobContext, records: Sequence[RecordIn]) -> Vectors:
    """One vector a record: known ones by the hash of their text, the others embedded now."""
    return _known_or_embedded(
        context, [record.comparison_text for record in records], context.inputs / "vectors.parquet", "Embedding"
    )


def _answer_vectors(context: JobContext, records: Sequence[RecordIn]) -> dict[int, Vectors]:
    """Of each thread's answer, by the record's place.

    Those that the measurement before this one embedded are taken from its file; all are left for the next.
    """
    answers = {
        i: text
        for i, record in enumerate(records)
        if record.kind is RecordKind.THREAD and (text := answer_text(record) or "").strip()
    }
    if not answers:
        return {}
    known, texts = context.inputs / "answers.parquet", list(answers.values())
    vectors = _known_or_embedded(context, texts, known if known.exists() else None, "Comparing answers with questions")
    table = pa.table({
        "text_sha256": [text_sha256(text) for text in texts],
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIMENSIONS),
    })  # fmt: skip
    parquet.write_table(table, context.out / "answers.parquet")
    return dict(zip(answers, vectors, strict=True))


def _known_or_embedded(context: JobContext, texts: Sequence[str], file: Path | None, phase: str) -> Vectors:
    """file: hashes of texts with their vectors."""
    rows: dict[str, int] = {}
    known = np.zeros((0, DIMENSIONS), dtype=np.float32)
    if file is not None:
        table = parquet.read_table(file)
        rows = {text: row for row, text in enumerate(table["text_sha256"].to_pylist())}
        flat = table["vector"].combine_chunks().flatten().to_numpy()
        known = flat.astype(np.float32, copy=False).reshape(-1, DIMENSIONS)
    hashes = [text_sha256(text) for text in texts]
    new = {sha256: text for sha256, text in zip(hashes, texts, strict=True) if sha256 not in rows}
    if new:
        made = _embedded(context, list(new.values()), phase)
        rows |= {sha256: len(known) + place for place, sha256 in enumerate(new)}
        known = np.concatenate([known, made])
    return known[[rows[sha256] for sha256 in hashes]]


def _embedded(context: JobContext, texts: Sequence[str], phase: str) -> Vectors:
    context.report(phase=phase, done=0, total=len(texts))
    return loaded_encoder().encode(texts, lambda n: context.report(phase=phase, done=n, total=len(texts)))


def _signal_columns(ids: Sequence[str], signals: Sequence[dict[str, float]]) -> dict[str, list[Any]]:
    return {
        "record_id": [id_ for id_, one in zip(ids, signals, strict=True) for _ in one],
        "name": [name for one in signals for name in one],
        "value": [value for one in signals for value in one.values()],
    }


def _columns(rows: Sequence[dict[str, Any]], table: str) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name, _ in SCHEMAS[table] if name != "project_id"}


def _write(folder: Path, name: str, project: str, columns: Mapping[str, Any]) -> None:
    """Write one table. columns: all but the project's; without any there is no row."""
    n_rows = len(next(iter(columns.values()), ()))
    schema = pa.schema(SCHEMAS[name])
    filled = {"project_id": pa.repeat(project, n_rows)} | dict(columns)
    parquet.write_table(
        pa.table({field.name: pa.array(filled.get(field.name, ()), field.type) for field in schema}, schema=schema),
        folder / f"{name}.parquet",
    )

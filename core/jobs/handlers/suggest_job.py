"""Learns from the tagged records of a project and suggests tags for the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as parquet

from core.jobs.context import JobContext
from core.tags.suggesting import BLOCK, Learnt, Suggestion, learn

SEED = 17
TEXT, REAL, WHOLE = pa.string(), pa.float64(), pa.int64()
SCHEMA = pa.schema(
    [("project_id", TEXT), ("record_id", TEXT), ("tag", TEXT), ("place", WHOLE), ("confidence", REAL), ("margin", REAL)]
    + [("source", TEXT), ("n_near", WHOLE), ("n_asked", WHOLE)]
)


def run(context: JobContext) -> dict[str, Any]:
    """Read labels.parquet and vectors.parquet of the inputs; write suggestions.parquet."""
    context.report(phase="Reading the tagged records", done=0, total=0)
    labels = parquet.read_table(context.inputs / "labels.parquet").to_pydict()
    tags = dict(zip(labels["record_id"], labels["tags"], strict=True))
    table = parquet.read_table(context.inputs / "vectors.parquet", columns=["record_id", "vector"])
    ids, vectors = table["record_id"].to_pylist(), _matrix(table["vector"])
    is_tagged = np.array([record in tags for record in ids], dtype=bool)
    context.report(phase="Learning", done=0, total=0)
    learnt = learn(vectors[is_tagged], [tags[record] for record in ids if record in tags], seed=SEED)
    evaluation = learnt.evaluation if isinstance(learnt, Learnt) else learnt
    rows: list[dict[str, Any]] = []
    if isinstance(learnt, Learnt):
        rows = _suggested(context, learnt, [i for i in ids if i not in tags], vectors[~is_tagged])
    parquet.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), context.out / "suggestions.parquet")
    n_records = len({row["record_id"] for row in rows})
    return {"n_tagged": int(is_tagged.sum()), "n_records": n_records, "evaluation": evaluation}


def _suggested(
    context: JobContext, learnt: Learnt, ids: list[str], vectors: npt.NDArray[np.float32]
) -> list[dict[str, Any]]:
    rows = []
    for start in range(0, len(ids), BLOCK):
        context.report(phase="Suggesting", done=start, total=len(ids))
        part = slice(start, start + BLOCK)
        for record, suggestions in zip(ids[part], learnt.suggest(vectors[part]), strict=True):
            rows += _rows(context.settings["project_id"], record, suggestions)
    return rows


def _rows(project: str, record: str, suggestions: list[Suggestion]) -> list[dict[str, Any]]:
    margin = suggestions[0].confidence - suggestions[1].confidence
    return [
        {"project_id": project, "record_id": record, "tag": s.tag, "place": s.place, "confidence": s.confidence,
         "margin": margin, "source": s.source, "n_near": s.n_near, "n_asked": s.n_asked}
        for s in suggestions
    ]  # fmt: skip


def _matrix(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    """(n records, d), without a Python object for each number."""
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat, dtype=np.float32).reshape(len(column), -1) if len(column) else np.zeros((0, 1), np.float32)

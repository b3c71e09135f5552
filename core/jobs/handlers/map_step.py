"""The part of the measuring job that draws the map of the data and names its themes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.encoder import Vectors
from core.curate.projection import project
from core.curate.records_in import RecordIn
from core.curate.themes import find_themes
from core.jobs.context import JobContext

TEXT = pa.string()
SCHEMAS: dict[str, list[tuple[str, Any]]] = {
    "positions": [("project_id", TEXT), ("record_id", TEXT), ("x", pa.float64()), ("y", pa.float64())]
    + [("theme", pa.int64())],
    "themes": [("project_id", TEXT), ("theme", pa.int64()), ("name", TEXT), ("words", pa.list_(TEXT))]
    + [("x", pa.float64()), ("y", pa.float64())],
}


def write_map(context: JobContext, project_id: str, records: Sequence[RecordIn], vectors: Vectors) -> None:
    """Write positions.parquet and themes.parquet beside the other measurements."""
    context.report(phase="Drawing the map", done=0, total=len(records))
    positions = project(vectors)
    themes, groups = find_themes(vectors, [f"{record.title}\n{record.text}" for record in records])
    rows: dict[str, list[dict[str, Any]]] = {
        "positions": [
            {"project_id": project_id, "record_id": record.id, "x": float(x), "y": float(y), "theme": int(group)}
            for record, (x, y), group in zip(records, positions, groups, strict=True)
        ],
        "themes": [
            # The middle record of each direction: a mean would lie between the parts of a theme that has two.
            {"project_id": project_id, "theme": theme.number, "name": theme.name, "words": list(theme.words),
             **dict(zip("xy", map(float, np.median(positions[groups == theme.number], axis=0)), strict=True))}
            for theme in themes
        ],
    }  # fmt: skip
    for name, fields in SCHEMAS.items():
        parquet.write_table(pa.Table.from_pylist(rows[name], schema=pa.schema(fields)), context.out / f"{name}.parquet")

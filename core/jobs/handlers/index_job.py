"""Builds a project's word index anew, from the texts that the server put into the job's folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as parquet

from core.curate.search_index import SearchIndex
from core.jobs.context import JobContext

BATCH = 1_000


def run(context: JobContext) -> dict[str, Any]:
    """Read texts.parquet of the inputs (id, text, mark); write the index, ready to be moved into place."""
    file = parquet.ParquetFile(context.inputs / "texts.parquet")
    folder = context.out / "index"
    folder.mkdir()

    def texts() -> Iterator[tuple[str, str]]:
        done = 0
        for batch in file.iter_batches(batch_size=BATCH, columns=["id", "text"]):
            yield from zip(batch["id"].to_pylist(), batch["text"].to_pylist(), strict=True)
            done += batch.num_rows
            context.report(phase="Indexing words", done=done, total=file.metadata.num_rows)

    SearchIndex.build(folder, texts())
    parquet.write_table(
        parquet.read_table(context.inputs / "texts.parquet", columns=["id", "mark"]), folder / "marks.parquet"
    )
    return {"n_records": file.metadata.num_rows}

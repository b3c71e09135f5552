"""Finds personal data: in the rows of a file, or in the records of a project.

The only place where the language model of names is loaded; the server asks for it by this job.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.errors import Invalid
from core.jobs.context import JobContext
from core.privacy.spans import PersonalSpan

FOUND = [("type", pa.string()), ("score", pa.float64()), ("found_by", pa.string())]
OF_FILE = pa.schema([("row", pa.int64()), ("start", pa.int64()), ("end", pa.int64()), *FOUND])
OF_RECORDS = pa.schema(
    [("record_id", pa.string()), ("text_sha256", pa.string()), ("start_char", pa.int64()), ("end_char", pa.int64()),
     ("value", pa.string()), *FOUND]
)  # fmt: skip
SEARCHED = pa.schema([("record_id", pa.string()), ("text_sha256", pa.string())])


def run(context: JobContext) -> dict[str, Any]:
    """Write spans.parquet, a row a span, and for records searched.parquet. Raises Invalid for a file that is not lines with a text."""
    return _in_file(context, Path(context.settings["file"])) if "file" in context.settings else _in_records(context)


def _in_file(context: JobContext, file: Path) -> dict[str, Any]:
    try:
        texts = texts_of(file)
    finally:
        # Somebody else's texts are not kept: nobody reads them again.
        file.unlink()
    found = _found(context, texts)
    rows = [
        {"row": row, "start": s.start, "end": s.end, "type": s.type.value, "score": s.score, "found_by": s.found_by}
        for row, spans in enumerate(found)
        for s in spans
    ]
    parquet.write_table(pa.Table.from_pylist(rows, schema=OF_FILE), context.out / "spans.parquet")
    return {"n_texts": len(texts), "n_spans": len(rows)}


def _in_records(context: JobContext) -> dict[str, Any]:
    records = parquet.read_table(context.inputs / "records.parquet").to_pylist()
    found = _found(context, [record["text"] for record in records])
    rows = [
        {"record_id": record["id"], "text_sha256": record["text_sha256"], "start_char": s.start, "end_char": s.end,
         "value": record["text"][s.start : s.end], "type": s.type.value, "score": s.score, "found_by": s.found_by}
        for record, spans in zip(records, found, strict=True)
        for s in spans
    ]  # fmt: skip
    parquet.write_table(pa.Table.from_pylist(rows, schema=OF_RECORDS), context.out / "spans.parquet")
    searched = [{"record_id": record["id"], "text_sha256": record["text_sha256"]} for record in records]
    parquet.write_table(pa.Table.from_pylist(searched, schema=SEARCHED), context.out / "searched.parquet")
    return {"n_texts": len(records), "n_spans": len(rows)}


def _found(context: JobContext, texts: Sequence[str]) -> list[list[PersonalSpan]]:
    # Loads spaCy, which takes seconds: what cannot be read is told before.
    context.report(phase="Loading the language model", done=0, total=len(texts))
    from core.privacy.find import find_personal_data

    return find_personal_data(texts, lambda n: context.report(phase="Finding personal data", done=n, total=len(texts)))


def texts_of(file: Path) -> list[str]:
    """The texts of JSON Lines, a row each; empty lines are no rows. Raises Invalid with the row."""
    texts: list[str] = []
    # By line feeds alone: other line ends may stand inside a text.
    for line in file.read_bytes().split(b"\n"):
        if line.strip():
            texts.append(_text_of(line, len(texts)))
    return texts


def _text_of(line: bytes, row: int) -> str:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Invalid(
            # Without a piece of the line: reasons are kept with the job, and these texts are not.
            f"Row {row} is not JSON ({type(error).__name__}).",
            remedy='Write a line a row: {"text": "..."}.',
        ) from error
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise Invalid(f"Row {row} has no text.", remedy='Write a line a row: {"text": "..."}.')
    text: str = value["text"]
    return text

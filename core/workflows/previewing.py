"""A look at a file before it is imported: how it would be read, as three records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.config import PARSE_MEMORY_MB
from core.errors import UnreadableFile
from core.nouns import Goal, RejectedRow
from core.records.sandbox import FileToParse, RefusedFile, parse_files
from core.records.text import record_text
from core.workflows.importing import Upload, upload_path
from core.workflows.workspace import Workspace, project_named

PREVIEW_ROWS = 3
PREVIEW_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Preview:
    """mapping: our field to the file's column, as guessed. records: in the shape that a record has once stored."""

    format: str
    encoding: str
    columns: list[str]
    mapping: dict[str, str]
    records: list[dict[str, Any]]
    rejected: list[RejectedRow]


def preview_upload(workspace: Workspace, project: str, upload: Upload) -> Preview:
    """The first three rows of an upload. Raises UnreadableFile with the reason."""
    row = project_named(workspace, project)
    return _preview(upload_path(workspace, upload), upload.path, Goal(row["goal"]))


@lru_cache(maxsize=32)
def _preview(path: Path, name: str, goal: Goal) -> Preview:
    # Remembered by hash: a page runs anew for every click, and the bytes under a hash never change.
    outcomes = parse_files(
        [FileToParse(path, name)],
        goal,
        {},
        memory_mb=PARSE_MEMORY_MB,
        seconds_per_file=PREVIEW_SECONDS,
        limit=PREVIEW_ROWS,
    )
    refused: RefusedFile | None = None
    for _, outcome in outcomes:
        if isinstance(outcome, RefusedFile):
            refused = refused or outcome
            continue
        records = [
            {
                "external_id": r.external_id,
                "kind": r.kind.value,
                "title": r.title,
                "content": r.content,
                "text": record_text(r.kind, r.title, r.content),
                "edited_content": None,
                "edited_text": None,
                "edited_title": None,
            }
            for r in outcome.records[:PREVIEW_ROWS]
        ]
        mapping = outcome.mapping.columns if outcome.mapping else {}
        return Preview(
            outcome.format, outcome.encoding, outcome.columns, mapping, records, outcome.rejected[:PREVIEW_ROWS]
        )
    raise UnreadableFile(refused.reason if refused else f"{name} holds nothing that is read.")

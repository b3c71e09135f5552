"""Reads uploaded files into Parquet: records, refused rows, one line a file."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.jobs.context import JobContext
from core.nouns import Goal
from core.records.formats import is_json_name
from core.records.parsing import ParsedFile
from core.records.sandbox import FileToParse, RefusedFile, parse_files
from core.records.text import record_text, text_sha256

RECORDS = pa.schema(
    [(name, pa.string()) for name in ("id", "project_id", "source_id", "file_id")]
    + [("row_number", pa.int64())]
    + [
        (name, pa.string())
        for name in ("external_id", "kind", "title", "text", "content", "meta", "customer", "written_at", "text_sha256")
    ]
    + [("n_words", pa.int64()), ("created_at", pa.timestamp("ms"))]
)
FILES = pa.schema(
    [(name, pa.string()) for name in ("id", "source_id", "project_id", "path", "sha256")]
    + [("n_bytes", pa.int64())]
    + [(name, pa.string()) for name in ("status", "reason", "format", "encoding", "mapping")]
    + [("n_accepted", pa.int64()), ("n_rejected", pa.int64()), ("notes", pa.string())]
)
MAX_OTHERS = 20
REJECTED = pa.schema(
    [
        ("source_id", pa.string()),
        ("file_id", pa.string()),
        ("row_number", pa.int64()),
        ("reason", pa.string()),
        ("value", pa.string()),
    ]
)


def run(context: JobContext) -> dict[str, Any]:
    """Parse every file; one that was imported before is refused by its bytes."""
    settings = context.settings
    files = settings["files"]
    known: dict[str, str] = dict(settings["known"])
    tables = _Tables(settings)
    fresh = []
    for file in files:
        if file["sha256"] in known:
            tables.refuse(file, file["name"], f"The same bytes were imported before, as {known[file['sha256']]}.")
        else:
            known[file["sha256"]] = f"{file['name']} of this import"
            fresh.append(file)
    context.report(phase="Reading files", done=0, total=len(fresh))
    outcomes = parse_files(
        [FileToParse(Path(f["path"]), f["name"], f["mapping"], _others(f, fresh)) for f in fresh],
        Goal(settings["goal"]),
        memory_mb=settings["memory_mb"],
        seconds_per_file=settings["seconds_per_file"],
    )
    for number, outcome in outcomes:
        if isinstance(outcome, RefusedFile):
            tables.refuse(fresh[number], outcome.name, outcome.reason)
        else:
            tables.take(fresh[number], outcome)
        context.report(phase="Reading files", done=number + 1, total=len(fresh), n_records=len(tables.records))
    tables.write(context.out)
    return {
        "source": settings["source_id"],
        "n_accepted": len(tables.records),
        "n_rejected": len(tables.rejected),
        "n_refused_files": sum(f["status"] == "refused" for f in tables.files),
    }


def _others(file: dict[str, Any], files: list[dict[str, Any]]) -> list[tuple[Path, str]]:
    """The files that the rest of an export may stand in; of a great many, none belongs to another."""
    tables = [(Path(f["path"]), f["name"]) for f in files if is_json_name(f["name"]) and f is not file]
    return tables if len(tables) <= MAX_OTHERS else []


class _Tables:
    """Rows on their way into the database."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._source, self._project = settings["source_id"], settings["project_id"]
        self.records: list[dict[str, Any]] = []
        self.rejected: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        self._met: Counter[str] = Counter()
        self._now = datetime.now(UTC).replace(tzinfo=None)

    def refuse(self, file: dict[str, Any], name: str, reason: str) -> None:
        self._file(file, name, status="refused", reason=reason)

    def take(self, file: dict[str, Any], parsed: ParsedFile) -> None:
        # A file of comments whose issues stand in another has notes and no records of its own.
        accepted = bool(parsed.records or (parsed.notes and not parsed.rejected))
        reason = "" if accepted else "No row of the file could be read."
        file_id = self._file(
            file, parsed.name, status="imported" if accepted else "refused", reason=reason, form=parsed.format,
            encoding=parsed.encoding, mapping=parsed.mapping.columns if parsed.mapping else None,
            n_accepted=len(parsed.records), n_rejected=len(parsed.rejected), notes=parsed.notes,
        )  # fmt: skip
        for row in parsed.rejected:
            self.rejected.append(
                {
                    "source_id": self._source,
                    "file_id": file_id,
                    "row_number": row.row,
                    "reason": row.reason,
                    "value": row.value,
                }
            )
        for record in parsed.records:
            text = record_text(record.kind, record.title, record.content)
            meta = record.meta
            self.records.append(
                {
                    # The id follows from what was imported, so collecting twice adds nothing.
                    "id": "r_" + _short_hash(file_id, str(record.row), record.external_id),
                    "project_id": self._project,
                    "source_id": self._source,
                    "file_id": file_id,
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
                    "created_at": self._now,
                }
            )

    def write(self, folder: Path) -> None:
        for name, rows, schema in (
            ("records", self.records, RECORDS),
            ("files", self.files, FILES),
            ("rejected", self.rejected, REJECTED),
        ):
            parquet.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")

    def _file(
        self, file: dict[str, Any], name: str, *, status: str, reason: str, form: str = "", encoding: str = "",
        mapping: dict[str, str] | None = None, n_accepted: int = 0, n_rejected: int = 0, notes: Sequence[str] = (),
    ) -> str:  # fmt: skip
        # Two folders may each hold a file of one name, and so may an archive: how often it was met tells them apart.
        self._met[name] += 1
        file_id = "f_" + _short_hash(self._source, name, str(self._met[name]))
        self.files.append(
            {
                "id": file_id,
                "source_id": self._source,
                "project_id": self._project,
                "path": name,
                "sha256": file["sha256"],
                "n_bytes": file["n_bytes"],
                "status": status,
                "reason": reason,
                "format": str(form),
                "encoding": encoding,
                "mapping": json.dumps(mapping) if mapping else None,
                "n_accepted": n_accepted,
                "n_rejected": n_rejected,
                "notes": json.dumps(list(notes), ensure_ascii=False),
            }  # fmt: skip
        )
        return file_id


def _short_hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

"""Reads uploaded files into Parquet: records (those of large files in parts), refused rows, one line a file.

Records get their ids when they join the database.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.jobs.context import JobCancelled, JobContext
from core.jobs.folder import write_json
from core.nouns import Goal
from core.records.formats import is_json_name
from core.records.large_files import ParsedInParts
from core.records.parsing import ParsedFile
from core.records.record_rows import SCHEMA, row_of
from core.records.sandbox import FileToParse, RefusedFile, parse_into_parts

RECORDS = SCHEMA.insert(0, pa.field("file_id", pa.string()))
FILES = pa.schema(
    [(name, pa.string()) for name in ("id", "source_id", "project_id", "path", "sha256")]
    + [("n_bytes", pa.int64())]
    + [(name, pa.string()) for name in ("status", "reason", "format", "encoding", "mapping")]
    + [("n_accepted", pa.int64()), ("n_rejected", pa.int64()), ("notes", pa.string())]
)
REJECTED = pa.schema(
    [
        ("source_id", pa.string()),
        ("file_id", pa.string()),
        ("row_number", pa.int64()),
        ("reason", pa.string()),
        ("value", pa.string()),
    ]
)

MAX_OTHERS = 20
NO_ID = (
    "Its rows have no id, so nothing tells which of them changed. Say which column holds the id, or take the source out "
    "and import it anew."
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
    parts = context.out / "parts"
    parts.mkdir()
    started = time.monotonic()

    def tell(n_files: int, name: str, n_rows: int) -> None:
        n_rows += tables.n_rows
        rate = n_rows / max(0.001, time.monotonic() - started)
        context.report(
            phase="Reading files", done=n_files, total=len(fresh), file=name, n_rows=n_rows, rows_per_second=round(rate)
        )

    outcomes = parse_into_parts(
        [FileToParse(Path(f["path"]), f["name"], f["mapping"], _others(f, fresh)) for f in fresh],
        Goal(settings["goal"]),
        memory_mb=settings["memory_mb"],
        seconds_per_file=settings["seconds_per_file"],
        folder=parts,
        on_rows=lambda number, n_rows: tell(number, fresh[number]["name"], n_rows),
    )
    try:
        for number, outcome in outcomes:
            if isinstance(outcome, RefusedFile):
                tables.refuse(fresh[number], outcome.name, outcome.reason)
            else:
                tables.take(fresh[number], outcome)
            tell(number + 1, outcome.name, 0)
    except JobCancelled:
        # People's texts are not left lying about.
        shutil.rmtree(parts)
        raise
    tables.write(context.out)
    return {
        "source": settings["source_id"],
        "n_accepted": tables.n_records,
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
        # A newer export may hold files of the same names as the first, and they are others.
        self._import = settings.get("update_id") or self._source
        self.n_records = 0
        self.records: list[dict[str, Any]] = []
        self.parts: list[dict[str, str]] = []
        self.rejected: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        self._met: Counter[str] = Counter()

    @property
    def n_rows(self) -> int:
        return self.n_records + len(self.rejected)

    def refuse(self, file: dict[str, Any], name: str, reason: str) -> None:
        self._file(file, name, status="refused", reason=reason)

    def take(self, file: dict[str, Any], parsed: ParsedFile | ParsedInParts) -> None:
        if self._import != self._source and parsed.mapping is not None and "id" not in parsed.mapping.columns:
            self.refuse(file, parsed.name, NO_ID)
            return
        n_records = parsed.n_records if isinstance(parsed, ParsedInParts) else len(parsed.records)
        # A file of comments whose issues stand in another has notes and no records of its own.
        accepted = bool(n_records or (parsed.notes and not parsed.rejected))
        file_id = self._file(
            file, parsed.name, status="imported" if accepted else "refused",
            reason="" if accepted else "No row of the file could be read.", form=parsed.format,
            encoding=parsed.encoding, mapping=parsed.mapping.columns if parsed.mapping else None,
            n_accepted=n_records, n_rejected=len(parsed.rejected), notes=parsed.notes,
        )  # fmt: skip
        self.n_records += n_records
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
        if isinstance(parsed, ParsedInParts):
            self.parts += [{"file_id": file_id, "part": part} for part in parsed.parts]
        else:
            self.records += [{"file_id": file_id, **row_of(record)} for record in parsed.records]

    def write(self, folder: Path) -> None:
        for name, rows, schema in (
            ("records", self.records, RECORDS),
            ("files", self.files, FILES),
            ("rejected", self.rejected, REJECTED),
        ):
            parquet.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")
        taken = {part["part"] for part in self.parts}
        for file in (folder / "parts").iterdir():
            # Left by a reader that broke off in the middle of a file.
            if file.name not in taken:
                file.unlink()
        write_json(folder / "parts.json", {"parts": self.parts})

    def _file(
        self, file: dict[str, Any], name: str, *, status: str, reason: str, form: str = "", encoding: str = "",
        mapping: dict[str, str] | None = None, n_accepted: int = 0, n_rejected: int = 0, notes: Sequence[str] = (),
    ) -> str:  # fmt: skip
        # Two folders may each hold a file of one name, and so may an archive: how often it was met tells them apart.
        self._met[name] += 1
        file_id = "f_" + _short_hash(self._import, name, str(self._met[name]))
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

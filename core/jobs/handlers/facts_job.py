"""Reads documents of facts, uploaded or fetched, cuts them into passages and embeds these."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from core.curate.encoder import MiniLMEncoder
from core.errors import Invalid
from core.facts.passages import Passage, passages_of, searched_text
from core.facts.store_files import write_vectors
from core.jobs.context import JobContext
from core.jobs.handlers.pages_step import fetched
from core.nouns import Goal
from core.records.parsing import ParsedFile
from core.records.rows import ALL_COLUMNS
from core.records.sandbox import FileToParse, RefusedFile, parse_files

DOCUMENTS = pa.schema(
    [(name, pa.string()) for name in ("id", "title", "origin", "owner")]
    + [("expires_on", pa.date32()), ("sha256", pa.string()), ("n_passages", pa.int64())]
)
PASSAGES = pa.schema([("id", pa.string()), ("document_id", pa.string()), ("place", pa.int64()), ("heading", pa.string()), ("passage", pa.string())])  # fmt: skip


def run(context: JobContext) -> dict[str, Any]:
    """Write documents, passages and vectors. Raises Invalid where no file holds a text."""
    settings = context.settings
    expires_on = date.fromisoformat(settings["expires_on"]) if settings["expires_on"] else None
    documents: list[dict[str, Any]] = []
    passages: list[dict[str, Any]] = []
    known: dict[str, str] = {}
    pages, refused = fetched(context)
    files = [FileToParse(Path(f["path"]), f["name"], {"text": ALL_COLUMNS}) for f in settings["files"]] + pages
    context.report(phase="Reading files", done=0, total=len(files))
    for number, outcome in parse_files(
        files, Goal.VOICE, memory_mb=settings["memory_mb"], seconds_per_file=settings["seconds_per_file"]
    ):
        if isinstance(outcome, RefusedFile):
            refused.append(f"{outcome.name}: {outcome.reason}")
            continue
        refused += [f"{outcome.name}, row {row.row}: {row.reason}" for row in outcome.rejected]
        for title, found in _texts_of(outcome):
            document = _document(title, found, outcome.name, settings, expires_on)
            if document["id"] in known:
                refused.append(
                    f"{outcome.name}: {title!r} says the same as in {known[document['id']]}; it is kept once."
                )
                continue
            known[document["id"]] = outcome.name
            documents.append(document)
            passages += [
                {"id": _id("fp_", document["id"], str(place)), "document_id": document["id"], "place": place,
                 "heading": one.heading, "passage": one.text}
                for place, one in enumerate(found)
            ]  # fmt: skip
        context.report(phase="Reading files", done=number + 1, total=len(files))
    if not passages:
        raise Invalid(
            f"No text was found. {' '.join(refused[:3])}".strip(),
            remedy="Add documents or tables that could be imported.",
        )
    titles = {document["id"]: document["title"] for document in documents}
    texts = [searched_text(titles[p["document_id"]], Passage(p["heading"], p["passage"])) for p in passages]
    total = len(texts)
    vectors = MiniLMEncoder().encode(texts, lambda n: context.report(phase="Embedding", done=n, total=total))
    parquet.write_table(pa.Table.from_pylist(documents, schema=DOCUMENTS), context.out / "documents.parquet")
    parquet.write_table(pa.Table.from_pylist(passages, schema=PASSAGES), context.out / "passages.parquet")
    write_vectors(context.out / "vectors.parquet", [p["id"] for p in passages], vectors)
    return {"n_documents": len(documents), "n_passages": len(passages), "refused": refused}


def _texts_of(parsed: ParsedFile) -> list[tuple[str, list[Passage]]]:
    """Title and passages of each document of a file. The rows of a table are one, a passage each: a row is a fact by itself."""
    stem = PurePosixPath(parsed.name).stem.replace("-", " ").replace("_", " ").strip()
    if all(not record.title for record in parsed.records):
        return [(stem, [p for record in parsed.records for p in passages_of(record.content["body"])])]
    return [(record.title or stem, passages_of(record.content["body"])) for record in parsed.records]


def _document(
    title: str, found: list[Passage], origin: str, settings: dict[str, Any], expires_on: date | None
) -> dict[str, Any]:
    sha256 = hashlib.sha256("\0".join(f"{one.heading}\0{one.text}" for one in found).encode()).hexdigest()
    # Of this job alone: the same document may have been taken out before, and come back.
    identity = _id("fd_", settings["job"], title, sha256)
    return {
        "id": identity, "title": title, "origin": origin, "owner": settings["owner"], "expires_on": expires_on, "sha256": sha256,
        "n_passages": len(found),
    }  # fmt: skip


def _id(prefix: str, *parts: str) -> str:
    return prefix + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

"""Bring files in: an import as a job, its report, and its undoing. What was sent before is kept by `uploads`."""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from core.config import DEFAULT_EXPIRY_MONTHS, PARSE_MEMORY_MB, PARSE_SECONDS_PER_FILE
from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.folder import JobFolder
from core.nouns import AtEnd, LawfulBasis, Use
from core.privacy.lawful import checked_at_end, checked_retention, checked_special, earlier, retention_ends
from core.store import jobs as job_rows
from core.store import records as record_rows
from core.store import sources as source_rows
from core.store import updates as update_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.workflows.duplicates import recluster
from core.workflows.uploads import (
    Upload,
    UploadWriter,
    drop_old_uploads,
    drop_unused,
    keep_stream,
    keep_upload,
    upload_path,
    uploads_named,
)
from core.workflows.workspace import (
    Workspace,
    as_date,
    checked_person,
    new_job_folder,
    project_named,
    queue_job,
)

# What whoever imports sends before, through the same door.
__all__ = ["Upload", "UploadWriter", "drop_old_uploads", "drop_unused", "keep_stream", "keep_upload", "uploads_named"]

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose data, on what basis, for what, until when. expires_on None means never.

    controller: who decides on the data, empty where nobody has said. special_condition: of Art. 9(2), for the special categories
    that are known. reference: of the consent or contract. retention: as "24 months", empty for none; the expiry is never later.
    at_end: erase or keep, what becomes of the source when that day has passed.
    """

    owner: str
    basis: str
    purpose: str
    uses: tuple[str, ...] = tuple(use.value for use in Use)
    expires_on: date | None = None
    licence: str = "own"
    controller: str = ""
    special_categories: tuple[str, ...] = ()
    special_condition: str = ""
    reference: str = ""
    retention: str = ""
    at_end: str = AtEnd.KEEP.value


def today() -> date:
    """The day by which expiry is judged, in UTC."""
    return utc_now().date()


def default_expiry(today: date) -> date:
    """Twelve months from today: data is looked at again at least once a year."""
    months = today.month - 1 + DEFAULT_EXPIRY_MONTHS
    year, month = today.year + months // 12, months % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


def checked_terms(
    *,
    owner: str,
    basis: str,
    purpose: str,
    uses: list[str] | None,
    expires: str | None,
    licence: str | None,
    today: date,
    controller: str = "",
    special_categories: Sequence[str] | None = None,
    special_condition: str = "",
    reference: str = "",
    retention: str = "",
    at_end: str = "",
) -> Terms:
    """Terms with the defaults filled in. Raises Invalid naming the field, its value and what is allowed.

    The expiry is the end of the retention where nothing else is asked for, and never after it. At its end a source with a retention is erased, where
    nothing else is asked for.
    """
    if not owner.strip():
        raise Invalid("The source has no owner.", remedy="Name the person or team that answers for this data.")
    if not purpose.strip():
        raise Invalid("The source has no purpose.", remedy="Say in a few words what this data is used for.")
    if basis not in list(LawfulBasis):
        raise Invalid(f"{basis!r} is not a lawful basis.", remedy=f"Choose one of {', '.join(LawfulBasis)}.")
    chosen = list(dict.fromkeys(uses if uses is not None else [use.value for use in Use]))
    unknown = [use for use in chosen if use not in list(Use)]
    if unknown or not chosen:
        raise Invalid(
            f"The uses {', '.join(unknown)} are not possible." if unknown else "The source has no use.",
            remedy=f"Choose at least one of {', '.join(Use)}.",
        )
    categories, condition = checked_special(special_categories, special_condition)
    kept = checked_retention(retention)
    ends = retention_ends(kept, today)
    expires_on = earlier(as_date(expires), ends) if expires else ends or default_expiry(today)
    if expires_on is not None and expires_on < today:
        raise Invalid(f"The expiry {expires_on} has passed.", remedy="Choose a day from today on, or never.")
    return Terms(
        owner.strip(), basis, purpose.strip(), tuple(chosen), expires_on, (licence or "own").strip(), controller.strip(), categories,
        condition, reference.strip(), kept, checked_at_end(at_end, kept),
    )  # fmt: skip


def seen_before(workspace: Workspace, project: str, uploads: list[Upload]) -> list[Row]:
    """Files of this project with the same bytes, so that a page can say so before anything is imported."""
    row = project_named(workspace, project)
    return source_rows.files_with_bytes(workspace.store, row["id"], [upload.sha256 for upload in uploads])


def import_files(
    workspace: Workspace,
    project: str,
    uploads: list[Upload],
    terms: Terms,
    *,
    name: str,
    by: str,
    mapping: Mapping[str, str] | None = None,
    file_mappings: Mapping[str, Mapping[str, str]] | None = None,
    document: Upload | None = None,
) -> dict[str, str]:
    """Register a source and queue the job that reads its files. Returns ids of both.

    Bytes that this project has imported already are refused file by file, in the report.
    mapping: our field to the file's column, over what is guessed; for every file. file_mappings: the same by the
    upload's hash, for that file alone. document: the consent or contract, kept as it is and never read.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    if not uploads:
        raise Invalid("There is no file to import.", remedy="Choose at least one file.")
    known = {
        seen["sha256"]: f"{seen['path']} of the source {seen['source']}"
        for seen in seen_before(workspace, project, uploads)
    }
    source_id = new_id("s_")
    job_id, folder = new_job_folder(workspace)
    settings = import_settings(
        workspace, row, source_id, uploads, known=known, mapping=mapping, file_mappings=file_mappings
    )
    with workspace.store.transaction() as tx:
        source_rows.insert_source(
            tx, source_id, project_id=row["id"], name=name or uploads[0].path, owner=terms.owner, basis=terms.basis,
            purpose=terms.purpose, uses=list(terms.uses), expires_on=terms.expires_on, licence=terms.licence, by=person,
            controller=terms.controller, special_categories=terms.special_categories, special_condition=terms.special_condition,
            reference=terms.reference, retention=terms.retention, at_end=terms.at_end,
        )  # fmt: skip
        tx.event(
            "registered", "source", source_id, by=person, project_id=row["id"], n_files=len(uploads), basis=terms.basis
        )
        if document is not None:
            keep_document(tx, {"id": source_id, "project_id": row["id"]}, document, by=person)
        queue_job(
            tx, folder, project_id=row["id"], kind="import", settings=settings,
            facts={"source": source_id, "n_files": len(uploads)}, by=person,
        )  # fmt: skip
    workspace.supervisor.wake()
    return {"source": source_id, "job": job_id}


def keep_document(tx: Transaction, source: Row, document: Upload, *, by: str) -> str:
    """Note a consent or contract of a source, whose bytes are kept already. Returns its id."""
    document_id = new_id("doc_")
    name = document.path.replace("\\", "/").rpartition("/")[2][:LONGEST_NAME] or "document"
    source_rows.insert_document(
        tx, document_id, source=source, name=name, sha256=document.sha256, n_bytes=document.n_bytes, by=by
    )
    tx.event(
        "added document", "source", source["id"], by=by, project_id=source["project_id"], document=document_id,
        sha256=document.sha256, n_bytes=document.n_bytes,
    )  # fmt: skip
    return document_id


def import_settings(
    workspace: Workspace,
    project: Row,
    source_id: str,
    uploads: list[Upload],
    *,
    known: Mapping[str, str],
    mapping: Mapping[str, str] | None,
    file_mappings: Mapping[str, Mapping[str, str]] | None,
) -> dict[str, Any]:
    """What the job that reads the files is told. known: where bytes that are not to be read again came in before."""
    return {
        "source_id": source_id,
        "project_id": project["id"],
        "goal": project["goal"],
        "files": [
            {
                "path": str(upload_path(workspace, u)),
                "name": u.path,
                "sha256": u.sha256,
                "n_bytes": u.n_bytes,
                "mapping": {**(mapping or {}), **(file_mappings or {}).get(u.sha256, {})},
            }
            for u in uploads
        ],
        "known": dict(known),
        "memory_mb": PARSE_MEMORY_MB,
        "seconds_per_file": PARSE_SECONDS_PER_FILE,
    }


def collect_import(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Join what the job read to the database."""
    project_id, source_id = job["project_id"], job["facts"]["source"]
    source_rows.insert_files_from(tx, folder.out / "files.parquet")
    source_rows.insert_rejected_rows_from(tx, folder.out / "rejected.parquet")
    for file, file_id in record_files(folder):
        record_rows.insert_records_from(tx, file, project_id=project_id, source_id=source_id, file_id=file_id)
    tx.event(
        "imported", "source", job["facts"]["source"], by=job["created_by"], project_id=job["project_id"],
        n_accepted=result["n_accepted"], n_rejected=result["n_rejected"],
    )  # fmt: skip


def record_files(folder: JobFolder) -> list[tuple[Path, str | None]]:
    """The Parquet files of records that a job wrote, each with the id of the one file that it comes from, if it is one."""
    parts = json.loads((folder.out / "parts.json").read_text(encoding="utf-8"))["parts"]
    return [(folder.out / "records.parquet", None)] + [(folder.out / "parts" / p["part"], p["file_id"]) for p in parts]


def import_report(workspace: Workspace, source_id: str) -> dict[str, Any]:
    """What came of an import and of the newer exports after it: terms, files, every refused row with its reason.

    updates: the newer exports with their counts, newest first. missing: what the newest of them no longer had.
    Raises NotFound.
    """
    source = source_named(workspace, source_id)
    rejected: dict[str, list[Row]] = {}
    for row in source_rows.rejected_rows_of(workspace.store, source_id):
        rejected.setdefault(row["file_id"], []).append(
            {"row": row["row_number"], "reason": row["reason"], "value": row["value"]}
        )
    told = ("path", "status", "n_accepted", "n_rejected", "reason", "format", "encoding", "mapping")
    files = [
        {key: file[key] for key in told}
        | {"notes": file["notes"] or [], "update": file["update_id"], "rejected": rejected.get(file["id"], [])}
        for file in source_rows.files_of(workspace.store, source_id)
    ]
    documents = [
        one for one in source_rows.documents(workspace.store, source["project_id"]) if one["source_id"] == source_id
    ]
    return {
        "source": source_id,
        "terms": source,
        "documents": documents,
        "files": files,
        "updates": update_rows.updates_of(workspace.store, source_id),
        "missing": update_rows.missing_of(workspace.store, source_id),
    }


def source_named(workspace: Workspace, source_id: str) -> Row:
    """A source by its id. Raises NotFound."""
    source = source_rows.source(workspace.store, source_id)
    if source is None:
        raise NotFound(f"There is no source {source_id!r}.", remedy="See `proofroom sources list`.")
    return source


def list_sources(workspace: Workspace, project: str) -> list[Row]:
    return source_rows.sources(workspace.store, project_named(workspace, project)["id"])


def versions_holding(workspace: Workspace, source_id: str) -> list[str]:
    """The names of the frozen versions that hold records of a source; as long as there is one, it cannot be taken out."""
    return [row["name"] for row in record_rows.used_by_versions(workspace.store, source_id)]


def undo_import(workspace: Workspace, source_id: str, *, by: str) -> int:
    """Take every record of a source out again, and its files. Returns how many records went.

    Raises Refused when a frozen version holds some of them, NotFound, Conflict when it was undone before.
    """
    person = checked_person(by)
    source = source_named(workspace, source_id)
    if source["undone_at"] is not None:
        raise Conflict(f"The import of {source['name']} was undone already.")
    versions = versions_holding(workspace, source_id)
    if versions:
        raise Refused(
            f"The frozen version {', '.join(versions)} holds records of {source['name']}.",
            remedy="A frozen version keeps what it was made of; reject the records instead, and freeze a new one.",
        )
    files = source_rows.files_of(workspace.store, source_id)
    with workspace.store.transaction() as tx:
        refuse_while_in_use(tx, source)
        gone = record_rows.delete_records_of(tx, source_id)
        source_rows.mark_undone(tx, source_id, by=person)
        # A double whose other half has just gone is none any more.
        recluster(tx, source["project_id"])
        tx.event("undone", "source", source_id, by=person, project_id=source["project_id"], n_records=len(gone))
    drop_unused(workspace, [workspace.folder.uploads / file["sha256"] for file in files])
    return len(gone)


def refuse_while_in_use(tx: Transaction, source: Row) -> None:
    """Raises Conflict while files of the source are read, or a version of its project is being frozen."""
    for job in job_rows.unsettled_jobs(tx):
        if job["kind"] == "import" and job["facts"]["source"] == source["id"]:
            raise Conflict(
                f"{source['name']} is still being read.", remedy="Wait until it is in, or cancel the import."
            )
        if job["kind"] == "freeze" and job["project_id"] == source["project_id"]:
            raise Conflict(
                "A version of this project is being frozen.", remedy="Wait until it is there, and see what is in it."
            )

"""Facts that drafts may look up: documents that people add, with whose they are and until when; what has expired is never used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.config import PARSE_MEMORY_MB, PARSE_SECONDS_PER_FILE
from core.errors import Invalid, NotFound
from core.jobs.folder import JobFolder
from core.store import known_facts
from core.store.connection import Row, Transaction, utc_now
from core.workflows.fact_pages import pages_to_fetch
from core.workflows.importing import default_expiry
from core.workflows.uploads import Upload
from core.workflows.workspace import (
    Workspace,
    as_date,
    checked_person,
    new_job_folder,
    project_named,
    queue_job,
)  # fmt: skip

MOST_STALE_TOLD = 200
MOST_PASSAGES_SHOWN = 500


def add_documents(
    workspace: Workspace, project: str, uploads: Sequence[Upload], *, owner: str, expires: str | None = None, by: str,
    addresses: Sequence[str] = (),
) -> dict[str, str]:  # fmt: skip
    """Queue the job that reads the files into passages and embeds them. Returns its id.

    expires: the last day on which they are used, YYYY-MM-DD or never; twelve months from today where it is left out. addresses: of pages that
    the job fetches and reads, too. Raises Invalid, Refused for a page of a host that no owner allowed.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    pages, hosts = pages_to_fetch(workspace, addresses)
    if not uploads and not pages:
        raise Invalid("No file was chosen.", remedy="Choose documents or tables with facts.")
    if not owner.strip():
        raise Invalid("The facts have no owner.", remedy="Name the person or team that answers for them.")
    last_day = as_date(expires) if expires else default_expiry(utc_now().date())
    _check_day(last_day)
    job_id, folder = new_job_folder(workspace)
    settings = {
        "project_id": row["id"],
        "job": job_id,
        "files": [{"path": str(workspace.folder.uploads / one.sha256), "name": one.path} for one in uploads],
        "addresses": pages,
        "hosts": hosts,
        "owner": owner.strip(),
        "expires_on": last_day.isoformat() if last_day else None,
        "memory_mb": PARSE_MEMORY_MB,
        "seconds_per_file": PARSE_SECONDS_PER_FILE,
    }
    with workspace.store.transaction() as tx:
        # Any allowed host may be led to, so with each that is forbidden the job ends.
        facts = {"n_files": len(uploads), "n_pages": len(pages), "hosts": sorted(hosts) if pages else []}
        queue_job(tx, folder, project_id=row["id"], kind="facts", settings=settings, facts=facts, by=person)
        if pages:
            tx.event("queued to be fetched", "pages", job_id, by=person, project_id=row["id"], n_pages=len(pages))
    workspace.supervisor.wake()
    return {"job": job_id}


def collect_facts(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    project_id, out = job["project_id"], folder.out
    n_new = known_facts.insert_documents_from(
        tx, out / "documents.parquet", out / "passages.parquet", project_id=project_id, by=job["created_by"]
    )
    known_facts.insert_vectors_from(tx, out / "vectors.parquet", project_id=project_id)
    tx.event(
        "added", "facts", job["id"], by=job["created_by"], project_id=project_id, n_documents=n_new,
        n_known_before=result["n_documents"] - n_new, n_refused=len(result["refused"]),
    )  # fmt: skip


def list_documents(workspace: Workspace, project: str) -> dict[str, Any]:
    """documents: those that stand, newest first, each with is_stale; usable, stale: numbers of passages, moved ones included."""
    row = project_named(workspace, project)
    today = utc_now().date()
    found = known_facts.documents(workspace.store, row["id"])
    return {
        **known_facts.counts(workspace.store, row["id"], today),
        "documents": [one | {"is_stale": _is_over(one["expires_on"], today)} for one in found],
    }


def stale_facts(workspace: Workspace, project: str) -> list[Row]:
    """Passages whose day has passed, those that ended last first; they are not used until somebody renews them."""
    row = project_named(workspace, project)
    return known_facts.stale(workspace.store, row["id"], utc_now().date(), limit=MOST_STALE_TOLD)


def passages_of_document(workspace: Workspace, project: str, document: str) -> list[Row]:
    found = _document(workspace, project, document)
    return known_facts.passages(
        workspace.store, found["project_id"], document_id=found["id"], limit=MOST_PASSAGES_SHOWN
    )


def renew_document(workspace: Workspace, project: str, document: str, expires: str, *, by: str) -> None:
    """Say until when a document's facts hold. Raises NotFound, Invalid."""
    person = checked_person(by)
    found = _document(workspace, project, document)
    last_day = as_date(expires)
    _check_day(last_day)
    with workspace.store.transaction() as tx:
        known_facts.set_expiry(tx, found["id"], last_day)
        tx.event(
            "renewed", "facts", found["id"], by=person, project_id=found["project_id"],
            old=str(found["expires_on"] or "never"), new=str(last_day or "never"),
        )  # fmt: skip


def remove_document(workspace: Workspace, project: str, document: str, *, by: str) -> int:
    """Take a document's passages and vectors out for good. Returns how many passages went. Raises NotFound."""
    person = checked_person(by)
    found = _document(workspace, project, document)
    with workspace.store.transaction() as tx:
        n = known_facts.remove_document(tx, found["id"], by=person)
        tx.event("removed", "facts", found["id"], by=person, project_id=found["project_id"], n_passages=n)
    return n


def _document(workspace: Workspace, project: str, document: str) -> Row:
    row = project_named(workspace, project)
    found = known_facts.document(workspace.store, row["id"], document)
    if found is None:
        raise NotFound(
            f"There is no document of facts {document!r} in {row['name']}.",
            remedy="`proofroom fact-store list` names them.",
        )
    return found


def _is_over(last_day: date | None, today: date) -> bool:
    return last_day is not None and last_day < today


def _check_day(last_day: date | None) -> None:
    if _is_over(last_day, utc_now().date()):
        raise Invalid(f"The expiry {last_day} has passed.", remedy="Choose a day from today on, or never.")

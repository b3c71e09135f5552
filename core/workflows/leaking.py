"""Check a frozen version for leaks: what is held out, or stands in a named file, must not stand in the training text."""

from __future__ import annotations

from typing import Any

from core.config import PARSE_MEMORY_MB, PARSE_SECONDS_PER_FILE
from core.errors import Refused
from core.jobs.folder import JobFolder
from core.store import jobs as job_rows
from core.store.connection import Row, Transaction
from core.workflows.freezing import version_folder, version_named
from core.workflows.importing import Upload
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job


def check_leaks(workspace: Workspace, project: str, version: str, *, by: str, against: Upload | None = None) -> str:
    """Queue the check. Returns the job's id. against: a file to compare the training text with, instead of the hold-out.

    Raises Refused when there is nothing to compare with, NotFound.
    """
    person = checked_person(by)
    row = project_named(workspace, project)
    found = version_named(workspace, project, version)
    if against is None and not found["n_validation"] + found["n_test"]:
        raise Refused(f"{found['name']} holds nothing out.", remedy="Compare it with a file, or freeze more records.")
    job_id, folder = new_job_folder(workspace)
    settings = {
        "version_folder": str(version_folder(workspace, found["id"])),
        "content_sha256": found["content_sha256"],
        "goal": row["goal"],
        "against": {"path": str(workspace.folder.uploads / against.sha256), "name": against.path} if against else None,
        "memory_mb": PARSE_MEMORY_MB,
        "seconds_per_file": PARSE_SECONDS_PER_FILE,
    }
    facts = {"version": found["id"], "name": found["name"], "against": against.path if against else ""}
    with workspace.store.transaction() as tx:
        queue_job(tx, folder, project_id=row["id"], kind="leaks", settings=settings, facts=facts, by=person)
    workspace.supervisor.wake()
    return job_id


def leak_checks(workspace: Workspace, project: str, version: str) -> list[dict[str, Any]]:
    """The finished checks of a version, newest first: what it was compared with, when, and the leaks found."""
    found = version_named(workspace, project, version)
    rows = job_rows.done_jobs(workspace.store, found["project_id"], "leaks")
    return [
        {"job": row["id"], "against": row["facts"]["against"], "checked_at": row["ended_at"], **(row["result"] or {})}
        for row in rows
        if row["facts"]["version"] == found["id"]
    ]


def collect_leaks(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    tx.event(
        "checked", "version", job["facts"]["version"], by=job["created_by"], project_id=job["project_id"],
        n_leaks=result["n_leaks"], is_against_a_file=bool(job["facts"]["against"]),
    )  # fmt: skip

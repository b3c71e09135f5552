"""See what runs, how far it is and when it will be done; cancel it."""

from __future__ import annotations

import time
from typing import Any

from core.errors import NotFound
from core.jobs.folder import JobFolder
from core.nouns import FINAL_JOB_STATES, JobState
from core.store import jobs as job_rows
from core.store.connection import Row
from core.workflows.workspace import Workspace, checked_person, project_named

LABELS = {
    "import": "Reading files",
    "index": "Indexing words",
    "curate": "Measuring records",
    "score": "Scoring records",
    "difficulty": "Reading doubtful answers",
    "suggest": "Suggesting tags",
    "cleaning": "Counting what cleaning changes",
    "freeze": "Freezing a version",
    "version": "Taking a version back",
    "leaks": "Looking for leaks",
    "preflight": "Checking a run",
    "train": "Training",
    "draft": "Writing drafts",
    "export": "Exporting a model",
}


def job_progress(workspace: Workspace, job_id: str) -> dict[str, Any]:
    """State, phase, progress, rate per second and seconds left of one job. Raises NotFound."""
    row = job_rows.job(workspace.store, job_id)
    if row is None:
        raise NotFound(f"There is no job {job_id!r}.")
    return _progress(row, workspace.supervisor.folder(job_id))


def list_jobs(workspace: Workspace, project: str, *, limit: int = 50) -> list[dict[str, Any]]:
    rows = job_rows.jobs_of(workspace.store, project_named(workspace, project)["id"], limit=limit)
    return [_progress(row, workspace.supervisor.folder(row["id"])) for row in rows]


def active_jobs(workspace: Workspace) -> list[dict[str, Any]]:
    """Queued and running jobs of every project, for the foot of the sidebar."""
    rows = [row for row in job_rows.unsettled_jobs(workspace.store) if row["state"] not in FINAL_JOB_STATES]
    return [_progress(row, workspace.supervisor.folder(row["id"])) for row in rows]


def job_events(workspace: Workspace, job_id: str, *, after: int = 0) -> list[dict[str, Any]]:
    return workspace.supervisor.folder(job_id).events(after)


def cancel_job(workspace: Workspace, job_id: str, *, by: str) -> dict[str, Any]:
    """Ask a job to stop. A queued one ends at once; a running one at its next step. Ended ones stay as they are."""
    person = checked_person(by)
    row = job_rows.job(workspace.store, job_id)
    if row is None:
        raise NotFound(f"There is no job {job_id!r}.")
    if row["state"] not in FINAL_JOB_STATES:
        workspace.supervisor.folder(job_id).ask_to_cancel()
        with workspace.store.transaction() as tx:
            tx.event("cancel_asked", "job", job_id, by=person, project_id=row["project_id"])
        workspace.supervisor.wake()
    return job_progress(workspace, job_id)


def wait_for_job(workspace: Workspace, job_id: str, *, seconds: float) -> dict[str, Any]:
    """Block until the job has ended or the seconds have passed; for the command line and tests."""
    deadline = time.monotonic() + seconds
    while True:
        progress = job_progress(workspace, job_id)
        if progress["state"] in FINAL_JOB_STATES or time.monotonic() > deadline:
            return progress
        time.sleep(0.05)


def _progress(row: Row, folder: JobFolder) -> dict[str, Any]:
    status = folder.status() if row["state"] == JobState.RUNNING else {}
    done, total = status.get("done", 0), status.get("total", 0)
    facts = status.get("facts", {})
    elapsed = max(0.0, status.get("updated_at", 0.0) - status.get("phase_started_at", 0.0))
    rate = done / elapsed if elapsed > 0.5 and done else None
    eta = facts.get("eta_seconds", (total - done) / rate if rate and total else None)
    return {
        "id": row["id"],
        "project_id": row["project_id"],
        "kind": row["kind"],
        "label": LABELS[row["kind"]],
        "state": row["state"],
        "phase": status.get("phase", ""),
        "done": done,
        "total": total,
        "rate": rate,
        "eta_seconds": eta,
        "facts": row["facts"] | facts,
        "reason": row["reason"],
        "result": row["result"] or {},
        "created_at": row["created_at"],
        "created_by": row["created_by"],
        "started_at": row["started_at"],
        "ended_at": row["ended_at"],
    }

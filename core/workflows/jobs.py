"""See what runs, how far it is and when it will be done, and what waits in which order; cancel it, or move what waits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from core.errors import Conflict, Invalid, NotFound
from core.jobs.supervisor import LANES, usual_priority
from core.nouns import FINAL_JOB_STATES, JobState
from core.outgoing.isolation import network_words
from core.store import jobs as job_rows
from core.store import projects as project_rows
from core.store import runs as run_rows
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
    "continue": "Learning from reviews",
    "draft": "Writing drafts",
    "export": "Exporting a model",
    "facts": "Reading facts",
    "guide": "Checking drafts against the brand guide",
    "judge": "Learning to foresee verdicts",
    "audit": "Verifying the audit trail",
    "pii": "Finding personal data",
}
NEXT, LAST, USUAL = "next", "last", "usual"
PLACES = (NEXT, LAST, USUAL)


def job_progress(workspace: Workspace, job_id: str) -> dict[str, Any]:
    """State, phase, progress, rate per second and seconds left of one job, and how it was kept off the network once it ended. Raises NotFound."""
    row = job_rows.job(workspace.store, job_id)
    if row is None:
        raise NotFound(f"There is no job {job_id!r}.")
    has_ended = row["state"] in FINAL_JOB_STATES
    network = workspace.supervisor.folder(job_id).status().get("network") if has_ended else None
    told = {"network": network, "network_in_words": network_words(network) if has_ended else None}
    return _progress(workspace, row, job_rows.unsettled_jobs(workspace.store)) | told


def list_jobs(workspace: Workspace, project: str, *, limit: int = 50) -> list[dict[str, Any]]:
    rows = job_rows.jobs_of(workspace.store, project_named(workspace, project)["id"], limit=limit)
    unsettled = job_rows.unsettled_jobs(workspace.store)
    return [_progress(workspace, row, unsettled) for row in rows]


def active_jobs(workspace: Workspace) -> list[dict[str, Any]]:
    """Jobs of every project, for the foot of the sidebar: those that run, then those that wait, in the order of their turn."""
    unsettled = job_rows.unsettled_jobs(workspace.store)
    rows = [row for row in unsettled if row["state"] not in FINAL_JOB_STATES]
    rows.sort(key=lambda row: row["state"] == JobState.QUEUED)
    return [_progress(workspace, row, unsettled) for row in rows]


def waiting_jobs(workspace: Workspace) -> list[dict[str, Any]]:
    """Jobs of every project that wait, in the order of their turn, with project (its name) and subject, such as the run's name."""
    names = {row["id"]: row["name"] for row in project_rows.projects(workspace.store)}
    return [
        job
        | {"project": names.get(job["project_id"], "The whole studio"), "subject": _subject(workspace, job["facts"])}
        for job in active_jobs(workspace)
        if job["state"] == JobState.QUEUED
    ]


def move_job(workspace: Workspace, job_id: str, to: str, *, by: str) -> dict[str, Any]:
    """Put a waiting job before all others of its lane (next), behind them (last), or where it comes by itself (usual).

    Raises NotFound, Invalid for another place, Conflict for a job that does not wait any more.
    """
    person = checked_person(by)
    if to not in PLACES:
        raise Invalid(f"A job cannot be moved to {to!r}.", remedy=f"Choose {', '.join(PLACES)}.")
    with workspace.store.transaction() as tx:
        row = job_rows.job(tx, job_id)
        if row is None:
            raise NotFound(f"There is no job {job_id!r}.")
        if row["state"] != JobState.QUEUED:
            raise Conflict(
                f"{LABELS[row['kind']]} is {row['state']}; only a job that waits can be moved.",
                remedy="Cancel it, and start it again later." if row["state"] == JobState.RUNNING else "",
            )
        others = [one["priority"] for one in _waiting_beside(row, job_rows.unsettled_jobs(tx)) if one["id"] != job_id]
        usual = usual_priority(row["kind"])
        priority = {NEXT: max([usual, *others]) + 1, LAST: min([usual, *others]) - 1, USUAL: usual}[to]
        job_rows.set_priority(tx, job_id, priority)
        tx.event("moved", "job", job_id, by=person, project_id=row["project_id"], to=to)
    workspace.supervisor.wake()
    return job_progress(workspace, job_id)


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


def _waiting_beside(row: Row, unsettled: Sequence[Row]) -> list[Row]:
    """The waiting jobs of a job's lane in the order of their turn, itself among them where it waits."""
    lane = LANES[row["kind"]]
    return [one for one in unsettled if one["state"] == JobState.QUEUED and LANES[one["kind"]] == lane]


def _place(row: Row, unsettled: Sequence[Row]) -> dict[str, Any]:
    """place: in its lane, from 1, of n_waiting; None for a job that does not wait. is_moved: by a person."""
    waiting = [one["id"] for one in _waiting_beside(row, unsettled)]
    if row["id"] not in waiting:
        return {"place": None, "n_waiting": 0, "is_moved": False}
    is_moved = row["priority"] != usual_priority(row["kind"])
    return {"place": waiting.index(row["id"]) + 1, "n_waiting": len(waiting), "is_moved": is_moved}


def _subject(workspace: Workspace, facts: dict[str, Any]) -> str:
    """What a job is about, where it has a name: a run, a version."""
    run = run_rows.run(workspace.store, facts["run"]) if "run" in facts else None
    return str(run["name"] if run else facts.get("name", ""))


def _progress(workspace: Workspace, row: Row, unsettled: Sequence[Row]) -> dict[str, Any]:
    """unsettled: all that wait or run, as the store tells them."""
    folder = workspace.supervisor.folder(row["id"])
    status = folder.status() if row["state"] == JobState.RUNNING else {}
    done, total = status.get("done", 0), status.get("total", 0)
    facts = status.get("facts", {})
    elapsed = max(0.0, status.get("updated_at", 0.0) - status.get("phase_started_at", 0.0))
    n_now = done - status.get("phase_began_with", 0)
    rate = n_now / elapsed if elapsed > 0.5 and n_now > 0 else None
    # What the steps of a run say of themselves ends with the last of them; what is measured then is told by its own pace.
    eta = facts.get("eta_seconds") or ((total - done) / rate if rate and total else None)
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
    } | _place(row, unsettled)

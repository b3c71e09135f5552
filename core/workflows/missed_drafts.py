"""What a job that wrote drafts did not write, and why: each a sentence, nothing of which draft is whose."""

from __future__ import annotations

from core.store import jobs as job_rows
from core.store.connection import Row
from core.workflows.workspace import Workspace, project_named


def missed_last(workspace: Workspace, project: str) -> list[str]:
    """Sentences on what the newest job that ended well left out; none where it wrote all that was asked."""
    ended = job_rows.done_jobs(workspace.store, project_named(workspace, project)["id"], "draft")
    return _said_of(ended[0]) if ended else []


def missed_of_job(workspace: Workspace, job: str) -> list[str]:
    """The same of one job."""
    row = job_rows.job(workspace.store, job)
    return _said_of(row) if row else []


def _said_of(job: Row) -> list[str]:
    result = job["result"] or {}
    said = []
    if n := result.get("n_not_elsewhere", 0):
        drafts = "1 draft was" if n == 1 else f"{n:,} drafts were"
        said.append(
            f"{drafts} not written elsewhere: {result['why_not_elsewhere']} What was written before is kept. Write new briefs once it "
            "answers again: drafts that come for these alone would be known for its own."
        )
    if n := result.get("n_without_facts", 0):
        drafts = "1 draft with facts was" if n == 1 else f"{n:,} drafts with facts were"
        said.append(f"{drafts} not written, since nothing was found for the brief.")
    return said

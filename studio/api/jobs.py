"""Jobs: how far each is, its events, what waits and in which order; asking one to stop, moving one that waits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import jobs as workflow
from studio.access import acting_person, needs, visible
from studio.api.said_as_read import n_told, say_who_reads
from studio.running import workspace

router = APIRouter(tags=["jobs"])
By = Annotated[str, Depends(acting_person)]


class Move(BaseModel):
    """to: next, last, or usual for where it comes by itself."""

    to: str


@router.get("/projects/{project}/jobs", dependencies=[needs(Role.LEAD)])
def listing(project: str, by: By) -> list[dict[str, Any]]:
    found = workflow.list_jobs(workspace(), project)
    say_who_reads("jobs", project, by=by, n_records=sum(n_told(job["result"]) for job in found))
    return found


@router.get("/jobs", dependencies=[needs(Role.LEAD, somewhere=True)])
def active(request: Request) -> list[dict[str, Any]]:
    """Queued and running jobs of every project of the caller's."""
    return visible(request, workflow.active_jobs(workspace()), Role.LEAD)


@router.get("/jobs/waiting", dependencies=[needs(Role.LEAD, somewhere=True)])
def waiting(request: Request) -> list[dict[str, Any]]:
    """Queued jobs of every project of the caller's, in the order of their turn."""
    return visible(request, workflow.waiting_jobs(workspace()), Role.LEAD)


@router.get("/jobs/{job}", dependencies=[needs(Role.LEAD)])
def progress(job: str, by: By) -> dict[str, Any]:
    found = workflow.job_progress(workspace(), job)
    say_who_reads("jobs", found["project_id"], by=by, n_records=n_told(found["result"]))
    return found


@router.get("/jobs/{job}/events", dependencies=[needs(Role.ENGINEER)])
def events(job: str, after: int = 0) -> list[dict[str, Any]]:
    workflow.job_progress(workspace(), job)
    return workflow.job_events(workspace(), job, after=after)


@router.post("/jobs/{job}/cancel", dependencies=[needs(Role.LEAD)])
def cancel(job: str, by: By) -> dict[str, Any]:
    return workflow.cancel_job(workspace(), job, by=by)


@router.post("/jobs/{job}/move", dependencies=[needs(Role.LEAD)])
def move(job: str, body: Move, by: By) -> dict[str, Any]:
    return workflow.move_job(workspace(), job, body.to, by=by)

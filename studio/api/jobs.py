"""Jobs: how far each is, its events, and asking it to stop."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from core.nouns import Role
from core.workflows import jobs as workflow
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["jobs"])
By = Annotated[str, Depends(acting_person)]


@router.get("/projects/{project}/jobs", dependencies=[needs(Role.LEAD)])
def listing(project: str) -> list[dict[str, Any]]:
    return workflow.list_jobs(workspace(), project)


@router.get("/jobs", dependencies=[needs(Role.LEAD)])
def active() -> list[dict[str, Any]]:
    """Queued and running jobs of every project."""
    return workflow.active_jobs(workspace())


@router.get("/jobs/{job}", dependencies=[needs(Role.LEAD)])
def progress(job: str) -> dict[str, Any]:
    return workflow.job_progress(workspace(), job)


@router.get("/jobs/{job}/events", dependencies=[needs(Role.ENGINEER)])
def events(job: str, after: int = 0) -> list[dict[str, Any]]:
    workflow.job_progress(workspace(), job)
    return workflow.job_events(workspace(), job, after=after)


@router.post("/jobs/{job}/cancel", dependencies=[needs(Role.LEAD)])
def cancel(job: str, by: By) -> dict[str, Any]:
    return workflow.cancel_job(workspace(), job, by=by)

"""Projects: make one, list them, where each stands."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import projects as workflow
from core.workflows.people import projects_for
from studio.access import acting_person, caller_of, needs
from studio.running import workspace

router = APIRouter(tags=["projects"])
By = Annotated[str, Depends(acting_person)]


class NewProject(BaseModel):
    name: str
    goal: str


class LightEditLimit(BaseModel):
    limit: float


class ReviewersPerDraft(BaseModel):
    n: int


class RepeatEvery(BaseModel):
    """One draft in so many; 0 for none."""

    every: int


class AssignedOnly(BaseModel):
    is_on: bool


class PassTarget(BaseModel):
    target: float


@router.post("/projects", dependencies=[needs(Role.OWNER)])
def create(body: NewProject, by: By) -> dict[str, Any]:
    return workflow.create_project(workspace(), name=body.name, goal=body.goal, by=by)


@router.get("/projects", dependencies=[needs(Role.REVIEWER, auditors=True, somewhere=True)])
def listing(request: Request) -> list[dict[str, Any]]:
    """Those in which the caller has a role."""
    return projects_for(workspace(), caller_of(request))


@router.get("/projects/{project}", dependencies=[needs(Role.LEAD, auditors=True)])
def standing(project: str) -> dict[str, Any]:
    return asdict(workflow.standing(workspace(), project))


@router.put("/projects/{project}/light-edit-limit", dependencies=[needs(Role.LEAD)])
def light_edit_limit(project: str, body: LightEditLimit, by: By) -> dict[str, Any]:
    return workflow.set_light_edit_limit(workspace(), project, limit=body.limit, by=by)


@router.put("/projects/{project}/pass-target", dependencies=[needs(Role.LEAD)])
def pass_target(project: str, body: PassTarget, by: By) -> dict[str, Any]:
    return workflow.set_pass_target(workspace(), project, target=body.target, by=by)


@router.put("/projects/{project}/reviewers-per-draft", dependencies=[needs(Role.LEAD)])
def reviewers_per_draft(project: str, body: ReviewersPerDraft, by: By) -> dict[str, Any]:
    return workflow.set_reviewers_per_draft(workspace(), project, n=body.n, by=by)


@router.put("/projects/{project}/repeat-every", dependencies=[needs(Role.LEAD)])
def repeat_every(project: str, body: RepeatEvery, by: By) -> dict[str, Any]:
    return workflow.set_repeat_every(workspace(), project, every=body.every, by=by)


@router.put("/projects/{project}/assigned-only", dependencies=[needs(Role.LEAD)])
def assigned_only(project: str, body: AssignedOnly, by: By) -> dict[str, Any]:
    return workflow.set_assigned_only(workspace(), project, is_on=body.is_on, by=by)

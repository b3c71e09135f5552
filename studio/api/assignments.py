"""Who judges what: drafts assigned by brief to named reviewers. Nothing here tells who wrote a draft."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import assigning
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["reviews"])
By = Annotated[str, Depends(acting_person)]


class Assigned(BaseModel):
    """Which briefs, in one of four ways, and the reviewers; with none named, all are taken off. role: whoever has it now gets them too."""

    reviewers: list[str] = Field(default_factory=list)
    role: str = ""
    briefs: list[str] = Field(default_factory=list)
    tag: str = ""
    job: str = ""
    all: bool = False

    @property
    def which(self) -> assigning.Which:
        return assigning.Which(tuple(self.briefs), self.tag, self.job, self.all)


@router.get("/projects/{project}/assignments", dependencies=[needs(Role.LEAD)])
def listing(project: str) -> dict[str, Any]:
    found = assigning.assignments(workspace(), project)
    return asdict(found) | {"warnings": found.warnings}


@router.post("/projects/{project}/assignments", dependencies=[needs(Role.LEAD)])
def assign(project: str, body: Assigned, by: By) -> dict[str, Any]:
    return assigning.assign(workspace(), project, body.which, to=body.reviewers, role=body.role, by=by)


@router.post("/projects/{project}/assignments/take-off", dependencies=[needs(Role.LEAD)])
def unassign(project: str, body: Assigned, by: By) -> dict[str, Any]:
    return assigning.unassign(workspace(), project, body.which, of=body.reviewers, by=by)

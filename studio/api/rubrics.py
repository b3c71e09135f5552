"""The rubric: the reasons and criteria that reviewers are given."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import rubrics
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["rubric"])
By = Annotated[str, Depends(acting_person)]


class RubricFile(BaseModel):
    """A rubric in YAML or JSON."""

    content: str


@router.get("/projects/{project}/rubric", dependencies=[needs(Role.REVIEWER)])
def rubric(project: str) -> dict[str, Any]:
    return rubrics.rubric_json(workspace(), project)


@router.put("/projects/{project}/rubric", dependencies=[needs(Role.LEAD)])
def put_in_force(project: str, body: RubricFile, by: By) -> dict[str, Any]:
    """Verdicts keep the reasons and scores that they have."""
    return rubrics.set_rubric_file(workspace(), project, body.content.encode(), by=by)

"""Labels of edits and the light-edit limit that follows from them. What a labelling route returns names no ratio, reviewer or system."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import edit_limit as workflow
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["reviews"])
By = Annotated[str, Depends(acting_person)]


class Label(BaseModel):
    label: str


class BestLimit(BaseModel):
    limit: float


@router.get("/projects/{project}/edits/next", dependencies=[needs(Role.REVIEWER)])
def next_edit(project: str, by: By) -> dict[str, Any]:
    """The edit to label; `edit` is null when none is left."""
    found = workflow.next_edit(workspace(), project, by=by)
    told = {"n_done": found.n_done, "n_left": found.n_left}
    if found.current is None:
        return {"edit": None, "draft": None, "final": None} | told
    return {"edit": found.current.edit, "draft": found.current.draft, "final": found.current.final} | told


@router.put("/projects/{project}/edits/{edit}/label", dependencies=[needs(Role.REVIEWER)])
def label(project: str, edit: str, body: Label, by: By) -> dict[str, str]:
    workflow.label_edit(workspace(), project, edit, body.label, by=by)
    return {"edit": edit, "label": body.label}


@router.post("/projects/{project}/edits/undo", dependencies=[needs(Role.REVIEWER)])
def undo(project: str, by: By) -> dict[str, str | None]:
    return {"edit": workflow.undo_label(workspace(), project, by=by)}


@router.get("/projects/{project}/light-edit-limit", dependencies=[needs(Role.LEAD)])
def calibration(project: str) -> dict[str, Any]:
    return workflow.calibration_json(workspace(), project)


@router.post("/projects/{project}/light-edit-limit/best", dependencies=[needs(Role.LEAD)])
def take(project: str, body: BestLimit, by: By) -> dict[str, Any]:
    return workflow.take_best_limit(workspace(), project, limit=body.limit, by=by)

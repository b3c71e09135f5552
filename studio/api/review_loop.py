"""What reviews give back: signed-off texts as records, edits that recur, reasons to train again, and the judge."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import judging, lessons, retraining, review_records
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["review loop"])
By = Annotated[str, Depends(acting_person)]


class OwnTerms(BaseModel):
    """What is left empty follows from the sources behind the texts."""

    owner: str = ""
    basis: str = ""
    purpose: str = ""
    expires: str | None = None
    licence: str = ""


class Wording(BaseModel):
    removed: str


class Order(BaseModel):
    uncertain_first: bool


@router.get("/projects/{project}/signed-off", dependencies=[needs(Role.LEAD)])
def signed_off(project: str) -> dict[str, Any]:
    """Signed-off texts that are not yet records, and the terms that they would have."""
    return review_records.candidates_json(workspace(), project)


@router.post("/projects/{project}/signed-off", dependencies=[needs(Role.LEAD)])
def take_over(project: str, body: OwnTerms, by: By) -> dict[str, Any]:
    """Make candidate records of them. They are taken out again as any source is."""
    return review_records.take_over(workspace(), project, by=by, **body.model_dump())


@router.get("/projects/{project}/lessons", dependencies=[needs(Role.LEAD)])
def what_edits_say(project: str) -> dict[str, Any]:
    """Edits that recur and reasons that are given often, with how many records hold or carry the same."""
    return lessons.lessons(workspace(), project)


@router.post("/projects/{project}/lessons/rule", dependencies=[needs(Role.LEAD)])
def add_rule(project: str, body: Wording, by: By) -> dict[str, str]:
    """A rule of the brand guide against a wording that edits take out."""
    return {"rule": lessons.add_rule(workspace(), project, body.removed, by=by)}


@router.get("/projects/{project}/retraining", dependencies=[needs(Role.LEAD)])
def reasons_to_train_again(project: str) -> dict[str, Any]:
    """Reasons to train again, each with its counts; none where there is nothing to say."""
    return retraining.retraining(workspace(), project)


@router.get("/projects/{project}/judge", dependencies=[needs(Role.LEAD)])
def judge(project: str) -> dict[str, Any]:
    """How well verdicts can be foreseen from the texts alone. Nothing of single drafts."""
    return judging.judge_json(workspace(), project)


@router.post("/projects/{project}/judge", dependencies=[needs(Role.LEAD)])
def calibrate(project: str, by: By) -> dict[str, str]:
    """Calibrate it on the verdicts that there are."""
    return judging.calibrate(workspace(), project, by=by)


@router.put("/projects/{project}/judge/order", dependencies=[needs(Role.LEAD)])
def order(project: str, body: Order, by: By) -> dict[str, Any]:
    """Whether the queue shows the most uncertain drafts first."""
    judging.set_uncertain_first(workspace(), project, is_on=body.uncertain_first, by=by)
    return judging.judge_json(workspace(), project)

"""Quality: which flags count, the gold subset, how scores are made, how hard doubtful answers are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import difficulty, scoring
from studio.access import acting_person, needs
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["quality"])
By = Annotated[str, Depends(acting_person)]


class Switches(BaseModel):
    """Flag name to whether it is on; flags that are not named stay as they are."""

    flags: dict[str, bool]


class GoldMark(BaseModel):
    record: str
    remove: bool = False


class Rescoring(BaseModel):
    """due: only when there are twenty more decisions than the last time."""

    due: bool = False


class Reading(BaseModel):
    """limit: so many records at most."""

    limit: int = difficulty.MOST_AT_ONCE


@router.get("/projects/{project}/flags", dependencies=[needs(Role.LEAD)])
def flags(project: str) -> list[dict[str, Any]]:
    """Every flag with its meaning, whether it is on here, and how many records have it."""
    return scoring.list_flags(workspace(), project)


@router.put("/projects/{project}/flags", dependencies=[needs(Role.LEAD)])
def switch(project: str, body: Switches, by: By) -> dict[str, Any]:
    """Switch flags; `job` scores anew, null when there is nothing to score."""
    job = scoring.switch_flags(workspace(), project, body.flags, by=by)
    return {"job": job, "flags": scoring.list_flags(workspace(), project)}


@router.get("/projects/{project}/gold", dependencies=[needs(Role.LEAD)])
def gold(project: str, by: By) -> list[dict[str, Any]]:
    found = scoring.gold_subset(workspace(), project)
    say_who_reads("gold subset", project, by=by, n_records=len(found))
    return found


@router.post("/projects/{project}/gold", dependencies=[needs(Role.LEAD)])
def mark(project: str, body: GoldMark, by: By) -> dict[str, int]:
    """Add a record to the gold subset, or take it out."""
    return {"n_gold": scoring.mark_gold(workspace(), project, body.record, by=by, remove=body.remove)}


@router.post("/projects/{project}/gold/undo", dependencies=[needs(Role.LEAD)])
def undo_mark(project: str, by: By) -> dict[str, str | None]:
    """Take back your last mark; null when there is none."""
    return {"record": scoring.undo_gold(workspace(), project, by=by)}


@router.get("/projects/{project}/score-state", dependencies=[needs(Role.LEAD)])
def score_state(project: str) -> dict[str, Any]:
    """Whether scores are learnt or follow the formula, from how many decisions, and how well they agree with them."""
    return scoring.score_state(workspace(), project)


@router.post("/projects/{project}/rescore", dependencies=[needs(Role.LEAD)])
def rescore(project: str, body: Rescoring, by: By) -> dict[str, str | None]:
    """Score all records anew from what is stored."""
    return {"job": scoring.rescore(workspace(), project, by=by, only_when_due=body.due)}


@router.get("/projects/{project}/difficulty", dependencies=[needs(Role.LEAD)])
def difficulty_state(project: str) -> dict[str, Any]:
    """How many records are in doubt, how many of their answers a base model has read, and the minutes for the next ones."""
    return asdict(difficulty.doubtful(workspace(), project))


@router.post("/projects/{project}/difficulty", dependencies=[needs(Role.LEAD)])
def measure_difficulty(project: str, body: Reading, by: By) -> dict[str, str | None]:
    """Let a base model read the most doubtful answers; `job` is null when all were read."""
    job = difficulty.measure_difficulty(workspace(), project, by=by, limit=body.limit)
    return {"job": job}

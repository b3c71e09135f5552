"""The queue of Curate: how much is settled, what comes next, who holds what, second readings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import queueing
from studio.access import acting_person, needs
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["queue"])
By = Annotated[str, Depends(acting_person)]


class Hold(BaseModel):
    record: str
    takes_over: bool = False


class Share(BaseModel):
    share: float


class Reading(BaseModel):
    record: str
    reading: str


@router.get("/projects/{project}/queue", dependencies=[needs(Role.LEAD)])
def state(project: str, by: By, limit: int = 20) -> dict[str, Any]:
    """Records settled by rule and by people, those open, the minutes left, and the next ids."""
    now = queueing.progress(workspace(), project, by=by)
    ids = queueing.open_records(workspace(), project, by=by, limit=limit)
    return asdict(now) | {"n_rule": now.n_rule, "minutes_left": now.minutes_left, "next": ids}


@router.post("/projects/{project}/queue/hold", dependencies=[needs(Role.LEAD)])
def hold(project: str, body: Hold, by: By) -> dict[str, str]:
    """Hold a record for five minutes; `held_by` names somebody else who holds it already."""
    return {"held_by": queueing.hold(workspace(), project, body.record, by=by, takes_over=body.takes_over)}


@router.put("/projects/{project}/second/share", dependencies=[needs(Role.LEAD)])
def set_share(project: str, body: Share, by: By) -> dict[str, float]:
    row = queueing.set_second_share(workspace(), project, share=body.share, by=by)
    return {"share": row["second_share"]}


@router.get("/projects/{project}/second", dependencies=[needs(Role.LEAD)])
def waiting(project: str, by: By) -> dict[str, list[str]]:
    """Records that wait for a second reading by this person."""
    return {"records": queueing.records_to_read_again(workspace(), project, by=by)}


@router.post("/projects/{project}/second", dependencies=[needs(Role.LEAD)])
def read_again(project: str, body: Reading, by: By) -> dict[str, str]:
    queueing.read_again(workspace(), project, body.record, body.reading, by=by)
    return {"record": body.record, "reading": body.reading}


@router.post("/projects/{project}/second/undo", dependencies=[needs(Role.LEAD)])
def undo(project: str, by: By) -> dict[str, str]:
    return {"record": queueing.undo_second_reading(workspace(), project, by=by)}


@router.get("/projects/{project}/agreement", dependencies=[needs(Role.LEAD)])
def agreement(project: str, by: By) -> dict[str, Any]:
    """How far two readers agree, and the disagreements that nobody has settled."""
    found = queueing.agreement(workspace(), project)
    say_who_reads("readings", project, by=by, n_records=len(found["disagreements"]))
    return found

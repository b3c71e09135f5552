"""The endpoint elsewhere that may write drafts: for owners, since briefs leave the machine with it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import endpoint
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["endpoint"])
By = Annotated[str, Depends(acting_person)]


class NewEndpoint(BaseModel):
    """url: up to and with /v1. allows_private: also where it stands on this machine or network."""

    url: str
    model: str
    allows_private: bool = False


class Judging(BaseModel):
    is_on: bool


@router.get("/endpoint", dependencies=[needs(Role.ENGINEER, somewhere=True)])
def shown() -> dict[str, Any]:
    """What is set up; `url` is null where nothing leaves this machine. Never a key."""
    found = endpoint.endpoint(workspace())
    return asdict(found) if found else {"url": None}


@router.put("/endpoint", dependencies=[needs(Role.OWNER)])
def set_up(body: NewEndpoint, by: By) -> dict[str, Any]:
    return asdict(endpoint.set_endpoint(workspace(), body.url, body.model, by=by, allows_private=body.allows_private))


@router.put("/endpoint/judging", dependencies=[needs(Role.OWNER)])
def judging(body: Judging, by: By) -> dict[str, Any]:
    """Whether it is asked what it thinks of drafts when the judge is calibrated; drafts leave this machine then."""
    return asdict(endpoint.set_judging(workspace(), is_on=body.is_on, by=by))


@router.delete("/endpoint", dependencies=[needs(Role.OWNER)])
def switch_off(by: By) -> dict[str, Any]:
    endpoint.drop_endpoint(workspace(), by=by)
    return {"url": None}

"""Backup and doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import upkeep as workflow
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["upkeep"])
By = Annotated[str, Depends(acting_person)]


class Target(BaseModel):
    to: Path


@router.post("/backup", dependencies=[needs(Role.OWNER, at_the_machine=True)])
def back_up(body: Target, by: By) -> dict[str, Any]:
    """Writes one file on the machine that the studio runs on."""
    return workflow.back_up(workspace(), body.to, by=by)


@router.get("/doctor", dependencies=[needs(Role.OWNER)])
def doctor() -> dict[str, Any]:
    return workflow.examine(workspace())

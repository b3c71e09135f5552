"""Runs that go on from another one with what its reviewers did."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import continuing
from core.workflows.review_pairs import REVIEWS
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["runs"])
By = Annotated[str, Depends(acting_person)]


class Continuation(BaseModel):
    """pairs_from: the reviews as they are now, or the run whose pairs are taken again. settings: over the usual ones."""

    pairs_from: str = REVIEWS
    settings: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None


@router.post("/projects/{project}/runs/{run}/continuation/plan", dependencies=[needs(Role.ENGINEER)])
def plan(project: str, run: str, body: Continuation) -> dict[str, Any]:
    """How many pairs there are, what is left out and why, settings, estimate, and what stands in the way."""
    return continuing.plan_continuation(workspace(), project, run, pairs_from=body.pairs_from, settings=body.settings)


@router.post("/projects/{project}/runs/{run}/continuation", dependencies=[needs(Role.ENGINEER)])
def start(project: str, run: str, body: Continuation, by: By) -> dict[str, str]:
    return continuing.start_continuation(
        workspace(), project, run, by=by, pairs_from=body.pairs_from, settings=body.settings, name=body.name
    )

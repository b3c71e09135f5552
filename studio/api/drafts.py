"""Briefs and drafts: for engineers, since drafts here carry their system."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import draft_comparison, drafting
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["drafts"])
By = Annotated[str, Depends(acting_person)]


class NewBriefs(BaseModel):
    """lines: JSON Lines, one brief a line. Or take them from the test split of a version."""

    lines: str = ""
    from_version: str | None = None
    limit: int = Field(10, ge=1, le=1_000)


class NewDrafts(BaseModel):
    run: str
    briefs: list[str]
    systems: list[str] = Field(default_factory=lambda: [s.value for s in drafting.USUAL_SYSTEMS])
    seed: int = 17
    max_new_tokens: int = drafting.DEFAULT_NEW_TOKENS


@router.post("/projects/{project}/briefs", dependencies=[needs(Role.ENGINEER)])
def add_briefs(project: str, body: NewBriefs, by: By) -> dict[str, list[str]]:
    if body.from_version is not None:
        briefs = drafting.briefs_from_hold_out(workspace(), project, body.from_version, limit=body.limit)
    else:
        briefs = drafting.read_briefs(body.lines)
    return {"briefs": drafting.add_briefs(workspace(), project, briefs, by=by)}


@router.get("/projects/{project}/briefs", dependencies=[needs(Role.ENGINEER)])
def briefs(project: str) -> list[dict[str, Any]]:
    return drafting.list_briefs(workspace(), project)


@router.post("/projects/{project}/drafts", dependencies=[needs(Role.ENGINEER)])
def write(project: str, body: NewDrafts, by: By) -> dict[str, str]:
    return drafting.write_drafts(
        workspace(),
        project,
        run=body.run,
        brief_ids=body.briefs,
        systems=body.systems,
        by=by,
        seed=body.seed,
        max_new_tokens=body.max_new_tokens,
    )


@router.get("/jobs/{job}/drafts", dependencies=[needs(Role.ENGINEER)])
def drafts_of_job(job: str) -> dict[str, Any]:
    return {"drafts": drafting.drafts_of_job(workspace(), job)}


@router.get("/projects/{project}/runs/compare/drafts", dependencies=[needs(Role.ENGINEER)])
def compare(project: str, run: Annotated[list[str], Query()], brief: str | None = None) -> dict[str, Any]:
    """What the runs wrote for the same briefs; held back as long as a draft of the brief waits for its blind verdict."""
    found = draft_comparison.compare_drafts(workspace(), run, project=project, brief=brief)
    held_back = {"n_briefs": found.n_held_back, "n_waiting": found.n_waiting, "why": found.why_held_back}
    return {"briefs": found.briefs, "held_back": held_back}

"""Briefs and drafts: for engineers, since drafts here carry their system."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import briefing, draft_comparison, drafting, missed_drafts
from studio.access import acting_person, needs
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["drafts"])
By = Annotated[str, Depends(acting_person)]


class NewBriefs(BaseModel):
    """lines: JSON Lines or CSV, one brief a row. Or take them from the test split of a version."""

    lines: str = ""
    from_version: str | None = None
    limit: int = Field(10, ge=1, le=1_000)


class TypedBrief(BaseModel):
    """length: 80-120, or 100 for at most so many words."""

    prompt: str
    audience: str = ""
    format: str = ""
    length: str = ""
    facts: list[str] = Field(default_factory=list)
    must_not_say: list[str] = Field(default_factory=list)
    reference: str = ""


class NewDrafts(BaseModel):
    """n_variants: how often each system writes each brief, under seeds one after another."""

    run: str
    briefs: list[str]
    systems: list[str] = Field(default_factory=lambda: [s.value for s in drafting.USUAL_SYSTEMS])
    seed: int = 17
    max_new_tokens: int = drafting.DEFAULT_NEW_TOKENS
    n_variants: int = 1


class Again(BaseModel):
    max_new_tokens: int = drafting.DEFAULT_NEW_TOKENS


class Aside(BaseModel):
    is_aside: bool = True


@router.post("/projects/{project}/briefs", dependencies=[needs(Role.ENGINEER)])
def add_briefs(project: str, body: NewBriefs, by: By) -> dict[str, Any]:
    """refused: rows that are no brief, with the reason; the others are in."""
    if body.from_version is not None:
        briefs = briefing.briefs_from_hold_out(workspace(), project, body.from_version, limit=body.limit)
        return {"briefs": briefing.add_briefs(workspace(), project, briefs, by=by), "refused": []}
    added = briefing.import_briefs(workspace(), project, body.lines, by=by)
    return {"briefs": added.ids, "refused": [{"row": one.row, "reason": one.reason} for one in added.refused]}


@router.post("/projects/{project}/briefs/typed", dependencies=[needs(Role.ENGINEER)])
def add_typed(project: str, body: TypedBrief, by: By) -> dict[str, str]:
    return {"brief": briefing.add_typed(workspace(), project, by=by, **body.model_dump())}


@router.get("/projects/{project}/briefs", dependencies=[needs(Role.LEAD)])
def briefs(project: str) -> list[dict[str, Any]]:
    return briefing.list_briefs(workspace(), project)


@router.get("/projects/{project}/briefs/templates", dependencies=[needs(Role.ENGINEER)])
def templates(project: str) -> list[dict[str, Any]]:
    """Briefs to begin with, for the goal of the project; what stands in curly brackets is to be filled in."""
    return [asdict(one) for one in briefing.templates_of(workspace(), project)]


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
        n_variants=body.n_variants,
    )


@router.post("/drafts/{draft}/again", dependencies=[needs(Role.ENGINEER)])
def write_again(draft: str, body: Again, by: By) -> dict[str, str]:
    """Another one in its place, by the same system under the next seed; only while nobody has judged it."""
    return drafting.write_again(workspace(), draft, by=by, max_new_tokens=body.max_new_tokens)


@router.put("/drafts/{draft}/aside", dependencies=[needs(Role.ENGINEER)])
def set_aside(draft: str, body: Aside, by: By) -> dict[str, Any]:
    drafting.set_aside(workspace(), draft, by=by, is_aside=body.is_aside)
    return {"draft": draft, "is_aside": body.is_aside}


@router.get("/jobs/{job}/drafts", dependencies=[needs(Role.ENGINEER)])
def drafts_of_job(job: str) -> dict[str, Any]:
    """missed: sentences on what it did not write."""
    return {"drafts": drafting.drafts_of_job(workspace(), job), "missed": missed_drafts.missed_of_job(workspace(), job)}


@router.get("/projects/{project}/runs/compare/drafts", dependencies=[needs(Role.ENGINEER)])
def compare(project: str, run: Annotated[list[str], Query()], by: By, brief: str | None = None) -> dict[str, Any]:
    """What the runs wrote for the same briefs, and at their ends for the same held-out requests; held back as long as a draft waits for its blind verdict."""
    found = draft_comparison.compare_drafts(workspace(), run, project=project, brief=brief)
    held_back = {"n_briefs": found.n_held_back, "n_waiting": found.n_waiting, "why": found.why_held_back}
    at_end = draft_comparison.compare_held_out(workspace(), run, project=project)
    say_who_reads("runs", project, by=by, n_records=len(at_end.requests))
    return {"briefs": found.briefs, "held_back": held_back, "held_out": asdict(at_end)}

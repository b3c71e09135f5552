"""The blind queue and its results. What a reviewer's routes return names no system."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from core.nouns import Role
from core.review.rubric import as_values
from core.workflows import auditing, looking_back, putting_off, reviewing
from core.workflows import results as results_workflow
from core.workflows.review_items import ANY_PROJECT
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["reviews"])
By = Annotated[str, Depends(acting_person)]
MEDIA = {
    "md": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv",
}


class Verdict(BaseModel):
    decision: str
    text: str | None = None
    reasons: list[str] = Field(default_factory=list)
    # By criterion of the rubric: good, fair or fails.
    scores: dict[str, str] = Field(default_factory=dict)
    seconds: float = Field(0.0, ge=0.0)


class PutOff(BaseModel):
    # What was typed so far; none for what was saved.
    text: str | None = None
    seconds: float = Field(0.0, ge=0.0)


class SavedText(BaseModel):
    text: str
    seconds: float = Field(0.0, ge=0.0)


@router.post("/projects/{project}/review/next", dependencies=[needs(Role.REVIEWER)])
def next_draft(project: str, by: By) -> dict[str, Any]:
    """The item to review, held for five minutes; `item` is null when nothing can be shown now. is_blind: whether a verdict counts."""
    state = reviewing.next_draft(workspace(), project, by=by)
    if state.current is None:
        return {"item": None, "brief": None, "text": None, "n_waiting": state.n_waiting, "reason": state.why_waiting}
    current = state.current
    return {"item": current.item, "brief": current.brief, "audience": current.audience, "facts": list(current.facts),
            "format": current.form, "length": str(current.length or ""), "must_not_say": list(current.must_not_say),
            "looked_up": [asdict(one) for one in current.looked_up],
            "rubric": as_values(current.rubric), "text": current.text, "n_left": current.n_left,
            "n_later": current.n_later, "why_later": current.why_later, "is_blind": current.is_blind}  # fmt: skip


@router.put("/review/{item}/text", dependencies=[needs(Role.REVIEWER)])
def save(item: str, body: SavedText, by: By) -> dict[str, bool]:
    """Keep what the caller typed so far in an item that they were shown."""
    reviewing.save_text(workspace(), item, by=by, text=body.text, seconds=body.seconds, asked_in=ANY_PROJECT)
    return {"saved": True}


@router.post("/review/{item}", dependencies=[needs(Role.REVIEWER)])
def submit(item: str, body: Verdict, by: By) -> dict[str, str]:
    """The verdict on an item that `next` gave the caller."""
    reviewing.submit(
        workspace(),
        item,
        body.decision,
        by=by,
        text=body.text,
        reasons=body.reasons,
        seconds=body.seconds,
        scores=body.scores,
        asked_in=ANY_PROJECT,
    )
    return {"item": item, "decision": body.decision}


@router.post("/review/{item}/later", dependencies=[needs(Role.REVIEWER)])
def later(item: str, body: PutOff, by: By) -> dict[str, str]:
    """Put the item off: it comes again when nothing else does."""
    putting_off.put_off(workspace(), item, by=by, text=body.text, seconds=body.seconds, asked_in=ANY_PROJECT)
    return {"item": item}


@router.post("/projects/{project}/review/undo", dependencies=[needs(Role.REVIEWER)])
def undo(project: str, by: By) -> dict[str, Any]:
    """is_blind: whether a new verdict counts; not where the caller may know who wrote the draft."""
    item = reviewing.undo_last_review(workspace(), project, by=by)
    return {"item": item, "is_blind": item is None or reviewing.is_blind(workspace(), item, by=by)}


@router.get("/projects/{project}/review/mine", dependencies=[needs(Role.REVIEWER)])
def mine(
    project: str, by: By, limit: Annotated[int, Query(ge=1, le=1_000)] = looking_back.MOST_SHOWN
) -> dict[str, Any]:
    """The caller's own verdicts, newest first, on briefs of which no draft waits any more."""
    return asdict(looking_back.my_verdicts(workspace(), project, by=by, limit=limit))


@router.get("/review/{item}/nearest", dependencies=[needs(Role.REVIEWER)])
def nearest(item: str, by: By) -> dict[str, Any]:
    """The nearest passages of the team's own writing, to a draft that the caller judged."""
    found = looking_back.nearest_writing(workspace(), item, by=by)
    say_who_reads("own writing", looking_back.project_of(workspace(), item), by=by, n_records=len(found))
    return {"passages": [asdict(one) for one in found]}


@router.get("/projects/{project}/results", dependencies=[needs(Role.LEAD, auditors=True)])
def results(project: str, run: str | None = None, system: str | None = None) -> dict[str, Any]:
    """run: whose tuned drafts count. system: the tuned one whose rate is told, tuned or tuned_facts; the one with most verdicts."""
    return results_workflow.results_json(workspace(), project, run=run, system=system)


@router.get(
    "/projects/{project}/report",
    dependencies=[needs(Role.LEAD, auditors=True)],
    response_class=Response,
    responses=files(*MEDIA.values()),
)
def report(
    project: str,
    by: By,
    format: Literal["md", "html", "pdf", "json", "csv"] = "md",
    run: str | None = None,
    system: str | None = None,
) -> Response:
    written = results_workflow.report(workspace(), project, format, run=run, system=system)
    auditing.exported(workspace(), "report", by=by, project=project, format=format)
    return Response(written, media_type=MEDIA[format])

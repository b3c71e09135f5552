"""Two drafts side by side. What a reviewer's routes return names no system; those of leads do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import pair_making, pairwise
from core.workflows import results as results_workflow
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["pairwise"])
By = Annotated[str, Depends(acting_person)]


class Choice(BaseModel):
    """choice: a, b, both_good, both_bad or skip."""

    choice: str


class PairsToMake(BaseModel):
    """comparisons: as the plan names them. run: whose tuned drafts; the newest with drafts."""

    comparisons: list[str]
    run: str | None = None


@router.post("/projects/{project}/pairwise/next", dependencies=[needs(Role.REVIEWER)])
def next_pair(project: str, by: By) -> dict[str, Any]:
    """The pair to judge, held for five minutes; `pair` is null when nothing can be shown now."""
    state = pairwise.next_drafts(workspace(), project, by=by)
    if state.current is None:
        return {"pair": None, "brief": None, "a": None, "b": None, "n_done": state.n_done, "reason": state.why}
    told = asdict(state.current)
    told |= {"format": told.pop("form"), "length": str(state.current.length or "")}
    return told | {"n_done": state.n_done}


@router.post("/pairwise/{pair}", dependencies=[needs(Role.REVIEWER)])
def choose(pair: str, body: Choice, by: By) -> dict[str, str]:
    pairwise.choose(workspace(), pair, body.choice, by=by)
    return {"pair": pair, "choice": body.choice}


@router.post("/projects/{project}/pairwise/undo", dependencies=[needs(Role.REVIEWER)])
def undo(project: str, by: By) -> dict[str, str | None]:
    return {"pair": pairwise.undo_last(workspace(), project, by=by)}


@router.get("/projects/{project}/pairwise", dependencies=[needs(Role.LEAD)])
def plan(project: str, run: str | None = None) -> dict[str, Any]:
    """What can be compared side by side, and how many pairs wait."""
    return pair_making.plan_json(pair_making.plan_pairs(workspace(), project, run=run))


@router.post("/projects/{project}/pairwise", dependencies=[needs(Role.LEAD)])
def make(project: str, body: PairsToMake, by: By) -> dict[str, int]:
    return pair_making.make_pairs(workspace(), project, body.comparisons, by=by, run=body.run)


@router.delete("/projects/{project}/pairwise", dependencies=[needs(Role.LEAD)])
def withdraw(project: str, by: By) -> dict[str, int]:
    """Ask about no pair any more that waits."""
    return {"withdrawn": pair_making.withdraw_pairs(workspace(), project, by=by)}


@router.get("/projects/{project}/pairwise/results", dependencies=[needs(Role.LEAD, auditors=True)])
def results(project: str, run: str | None = None) -> dict[str, Any]:
    found = results_workflow.results_json(workspace(), project, run=run)
    return {name: found[name] for name in ("project", "run", "runs", "side_by_side")}

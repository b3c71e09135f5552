"""Runs: plan, start, watch, resume."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import continuing, held_out, training
from studio.access import acting_person, needs
from studio.api.said_as_read import n_told, say_who_reads
from studio.running import workspace

router = APIRouter(tags=["runs"])
By = Annotated[str, Depends(acting_person)]


class NewRun(BaseModel):
    """version: the newest where it is left out. settings: over those of the preset."""

    version: str | None = None
    preset: str = "auto"
    settings: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None


@router.post("/projects/{project}/runs/plan", dependencies=[needs(Role.ENGINEER)])
def plan(project: str, body: NewRun) -> dict[str, Any]:
    return training.plan_run(workspace(), project, body.version, preset_name=body.preset, settings=body.settings)


@router.post("/projects/{project}/runs", dependencies=[needs(Role.ENGINEER)])
def start(project: str, body: NewRun, by: By) -> dict[str, str]:
    return training.start_run(
        workspace(), project, body.version, by=by, preset_name=body.preset, settings=body.settings, name=body.name
    )


@router.get("/projects/{project}/runs", dependencies=[needs(Role.ENGINEER)])
def listing(project: str, by: By) -> list[dict[str, Any]]:
    found = [training.run_summary(workspace(), run["id"]) for run in training.list_runs(workspace(), project)]
    say_who_reads("runs", project, by=by, n_records=sum(map(n_told, found)))
    return found


@router.get("/runs/{run}", dependencies=[needs(Role.ENGINEER)])
def summary(run: str, by: By, project: str | None = None) -> dict[str, Any]:
    """project: whose run it is, where several have one of that name."""
    row = training.run_named(workspace(), run, project=project)
    found = training.run_summary(workspace(), row["id"])
    say_who_reads("runs", row["project_id"], by=by, n_records=n_told(found))
    return found


@router.get("/runs/{run}/curve", dependencies=[needs(Role.ENGINEER)])
def curve(run: str) -> dict[str, Any]:
    return training.run_curve(workspace(), run)


@router.get("/runs/{run}/held-out", dependencies=[needs(Role.ENGINEER)])
def texts_held_out(run: str, by: By) -> list[dict[str, Any]]:
    """Every text of the test split with its losses before and after, the highest after training first."""
    found = held_out.held_out_rows(workspace(), run)
    project = training.run_named(workspace(), run)["project_id"]
    say_who_reads("runs", project, by=by, n_records=sum(row["record_id"] is not None for row in found))
    return found


@router.post("/runs/{run}/resume", dependencies=[needs(Role.ENGINEER)])
def resume(run: str, by: By) -> dict[str, str]:
    return continuing.resume(workspace(), run, by=by)

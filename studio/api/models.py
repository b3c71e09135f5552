"""Models: list, their cards, approve, retire, take back, roll back; notes and comparisons of runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from core.nouns import Role
from core.training.learning_curve import LearningCurve
from core.workflows import (
    auditing,
    curation_experiment,
    experiments,
    group_report,
    model_card,
    models,
    preflighting,
    run_comparison,
    run_notes,
    training,
)
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.api.runs import NewRun
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["models"])
By = Annotated[str, Depends(acting_person)]
MEDIA = {"md": "text/markdown", "json": "application/json"}


class Reason(BaseModel):
    """Why a model is approved, retired or rolled back to."""

    reason: str


class Note(BaseModel):
    """What stands beside a run from now on."""

    note: str = ""
    tags: list[str] = Field(default_factory=list)


@router.get("/projects/{project}/models", dependencies=[needs(Role.LEAD, auditors=True)])
def listing(project: str) -> list[dict[str, Any]]:
    return [_told(model) for model in models.list_models(workspace(), project)]


@router.get(
    "/projects/{project}/models/{run}/card",
    dependencies=[needs(Role.LEAD, auditors=True)],
    response_class=Response,
    responses=files(*MEDIA.values()),
)
def card(project: str, run: str, by: By, format: Literal["md", "json"] = "md") -> Response:
    """The card of a run's model, from the records."""
    row = training.run_named(workspace(), run, project=project)
    written = model_card.card(workspace(), row["id"], format)
    auditing.exported(workspace(), "model_card", row["id"], by=by, project=project, format=format)
    return Response(written, media_type=MEDIA[format])


@router.post("/projects/{project}/models/roll-back", dependencies=[needs(Role.ENGINEER)])
def roll_back(project: str, body: Reason, by: By) -> dict[str, Any]:
    return _told(models.roll_back(workspace(), project, reason=body.reason, by=by))


@router.post("/projects/{project}/models/{run}/approve", dependencies=[needs(Role.ENGINEER)])
def approve(project: str, run: str, body: Reason, by: By) -> dict[str, Any]:
    return _told(models.approve(workspace(), run, reason=body.reason, by=by, project=project))


@router.post("/projects/{project}/models/{run}/retire", dependencies=[needs(Role.ENGINEER)])
def retire(project: str, run: str, body: Reason, by: By) -> dict[str, Any]:
    return _told(models.retire(workspace(), run, reason=body.reason, by=by, project=project))


@router.post("/projects/{project}/models/{run}/take-back", dependencies=[needs(Role.ENGINEER)])
def take_back(project: str, run: str, by: By) -> dict[str, Any]:
    return _told(models.take_back(workspace(), run, by=by, project=project))


@router.get("/projects/{project}/runs/compare", dependencies=[needs(Role.ENGINEER)])
def compare(project: str, run: Annotated[list[str], Query()]) -> dict[str, Any]:
    return run_comparison.compare_runs(workspace(), run, project=project)


@router.post("/projects/{project}/runs/check", dependencies=[needs(Role.ENGINEER)])
def check(project: str, body: NewRun, by: By) -> dict[str, str]:
    """Looks at a run before it is started; what it found is read with the same body from `checked`."""
    job = preflighting.check_first(
        workspace(), project, body.version, by=by, preset_name=body.preset, settings=body.settings
    )
    return {"job": job}


@router.post("/projects/{project}/runs/checked", dependencies=[needs(Role.ENGINEER)])
def checked(project: str, body: NewRun, by: By) -> dict[str, Any] | None:
    found = preflighting.checked_before(
        workspace(), project, body.version, preset_name=body.preset, settings=body.settings
    )
    say_who_reads("runs", project, by=by, n_records=len((found or {}).get("first_batch", ())))
    return found


@router.post("/projects/{project}/runs/sweep", dependencies=[needs(Role.ENGINEER)])
def sweep(project: str, body: NewRun, by: By) -> dict[str, Any]:
    return experiments.start_sweep(
        workspace(), project, body.version, by=by, preset_name=body.preset, settings=body.settings
    )


@router.post("/projects/{project}/runs/learning-curve", dependencies=[needs(Role.ENGINEER)])
def learning_curve(project: str, body: NewRun, by: By) -> dict[str, Any]:
    return experiments.start_learning_curve(
        workspace(), project, body.version, by=by, preset_name=body.preset, settings=body.settings
    )


@router.get("/projects/{project}/runs/offers", dependencies=[needs(Role.ENGINEER)])
def offers(project: str, version: str | None = None) -> list[dict[str, str]]:
    """Experiments that the data suggests: kind of the group, why, and what has to be frozen first."""
    return [asdict(one) for one in curation_experiment.offers(workspace(), project, version)]


@router.post("/projects/{project}/runs/curation", dependencies=[needs(Role.ENGINEER)])
def curation(project: str, body: NewRun, by: By) -> dict[str, Any]:
    """Starts the runs, or freezes first what stands against the version: then `runs` is empty, and this is asked again when `job` ended."""
    # Nothing is frozen for runs that could not be started.
    training.plan_run(workspace(), project, body.version, preset_name=body.preset, settings=body.settings)
    if curation_experiment.counterpart_of(workspace(), project, body.version) is None:
        return curation_experiment.freeze_counterpart(workspace(), project, body.version, by=by) | {"runs": []}
    return curation_experiment.start_curation_comparison(
        workspace(), project, body.version, by=by, preset_name=body.preset, settings=body.settings
    )


@router.get("/projects/{project}/run-groups", dependencies=[needs(Role.ENGINEER)])
def groups(project: str) -> list[dict[str, Any]]:
    return [
        group.row
        | {"runs": group.runs, "best": group.best, "gain_of_doubling": _gain(experiments.curve_of(workspace(), group))}
        for group in experiments.list_groups(workspace(), project)
    ]


@router.get(
    "/projects/{project}/run-groups/{group}/report",
    dependencies=[needs(Role.ENGINEER)],
    response_class=Response,
    responses=files(*MEDIA.values()),
)
def group_report_of(project: str, group: str, by: By, format: Literal["md", "json"] = "md") -> Response:
    """The report of a group by name or id: its question, what came out, its runs with their figures."""
    written = group_report.report(workspace(), project, group, format)
    found = experiments.group_named(workspace(), group, project=project).row["id"]
    auditing.exported(workspace(), "run_group", found, by=by, project=project, format=format)
    return Response(written, media_type=MEDIA[format])


@router.get("/runs/{run}/note", dependencies=[needs(Role.ENGINEER)])
def note(run: str) -> dict[str, Any]:
    return run_notes.note_of(workspace(), run)


@router.put("/runs/{run}/note", dependencies=[needs(Role.ENGINEER)])
def write_note(run: str, body: Note, by: By) -> dict[str, Any]:
    return run_notes.write_note(workspace(), run, note=body.note, tags=body.tags, by=by)


def _gain(curve: LearningCurve | None) -> float | None:
    return curve.gain.value if curve else None


def _told(model: models.Model) -> dict[str, Any]:
    act = model.act
    decided = {name: act[name] for name in ("done_by", "done_at", "reason", "evidence")} if act else None
    return {"run": model.run["id"], "name": model.run["name"], "version": model.run["version"], "state": model.state,
            "decided": decided, "evidence": models.evidence_of(model.run)}  # fmt: skip

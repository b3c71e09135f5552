"""Bundles: what a run needs to be made again, and runs that are started from one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from core.nouns import Role
from core.workflows import bundles, training
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.running import workspace

router = APIRouter(tags=["bundles"])
By = Annotated[str, Depends(acting_person)]


class Facts(BaseModel):
    """What `bundle.json` of a bundle says. base: where its base model lies here, for a run."""

    facts: dict[str, Any]
    base: str | None = None


@router.get(
    "/projects/{project}/runs/{run}/bundle",
    dependencies=[needs(Role.ENGINEER)],
    response_class=Response,
    responses=files("application/zip"),
)
def bundle(project: str, run: str, by: By, override: str = "") -> Response:
    """The ZIP of a run: its data by value, settings, seeds, versions, hardware and hashes. override: why, where a source forbids it."""
    packed = bundles.bundle(workspace(), run, by=by, project=project, override=override)
    return Response(packed, media_type="application/zip")


@router.post("/projects/{project}/bundles/version", dependencies=[needs(Role.ENGINEER)])
def version_of(project: str, body: Facts) -> dict[str, str | None]:
    """The version of the project that has the bundle's content; null where it has to be taken in first."""
    found = bundles.version_of_bundle(workspace(), project, body.facts)
    return {"version": found["name"] if found else None}


@router.post("/projects/{project}/bundles/runs", dependencies=[needs(Role.ENGINEER)])
def start(project: str, body: Facts, by: By) -> dict[str, str]:
    return bundles.start_from_bundle(workspace(), project, body.facts, by=by, base=body.base)


@router.get("/projects/{project}/runs/{run}/reproduction", dependencies=[needs(Role.ENGINEER)])
def reproduction(project: str, run: str) -> dict[str, Any] | None:
    """How the run compares with the one that it makes again; null where it makes none again, or has not ended."""
    return bundles.reproduction(training.run_named(workspace(), run, project=project))

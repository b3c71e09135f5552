"""Exports: make a run's model ready to be taken away, list what there is, copy it out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import exported, exporting
from studio.access import acting_person, caller_of, needs
from studio.running import workspace

router = APIRouter(tags=["exports"])
By = Annotated[str, Depends(acting_person)]


class NewExport(BaseModel):
    """format: adapter, merged or gguf. type: q8_0 or f16, for gguf. override: why, where something forbids it.

    project: where the run's name occurs in several.
    """

    format: str = "adapter"
    type: str = ""
    override: str = ""
    project: str | None = None


class Target(BaseModel):
    """to: a folder that does not exist yet."""

    to: Path
    override: str = ""


@router.post("/runs/{run}/exports", dependencies=[needs(Role.ENGINEER)])
def start(run: str, body: NewExport, by: By, request: Request) -> dict[str, str]:
    """The ids of export and job; the job's is empty for an adapter, which is there at once."""
    # Of somebody with an account the run was found among their own projects, and is named by its id.
    project = None if caller_of(request).account else body.project
    return exporting.start_export(
        workspace(), run, form=body.format, kind=body.type, by=by, override=body.override, project=project
    )


@router.get("/runs/{run}/exports", dependencies=[needs(Role.ENGINEER)])
def listing(run: str, project: str | None = None) -> list[dict[str, Any]]:
    return exported.list_exports(workspace(), run, project=project)


@router.get("/exports/{export}", dependencies=[needs(Role.ENGINEER)])
def summary(export: str) -> dict[str, Any]:
    return exported.export_summary(workspace(), export)


@router.post("/exports/{export}/copies", dependencies=[needs(Role.ENGINEER, at_the_machine=True)])
def copy(export: str, body: Target, by: By) -> dict[str, Any]:
    """Copies to a folder of the machine that the studio runs on."""
    return exported.copy_export(workspace(), export, target=body.to, by=by, override=body.override)

"""Dataset versions: preview, freeze, read, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import freezing, importing, leaking
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["versions"])
By = Annotated[str, Depends(acting_person)]


class NewVersion(BaseModel):
    name: str
    recipe: str | dict[str, Any] = "recommended"
    seed: int = freezing.DEFAULT_SEED
    max_length_tokens: int | None = None


class Against(BaseModel):
    sha256: str
    path: str


class LeakCheck(BaseModel):
    against: Against | None = None


class Target(BaseModel):
    to: Path
    format: str = "parquet"


@router.get("/projects/{project}/recipes/{recipe}", dependencies=[needs(Role.LEAD)])
def preview(project: str, recipe: str, seed: int = freezing.DEFAULT_SEED) -> dict[str, Any]:
    return freezing.preview_recipe(workspace(), project, recipe, seed=seed)


@router.post("/projects/{project}/versions", dependencies=[needs(Role.ENGINEER)])
def freeze(project: str, body: NewVersion, by: By) -> dict[str, str]:
    return freezing.freeze_version(
        workspace(),
        project,
        name=body.name,
        recipe=body.recipe,
        seed=body.seed,
        max_length_tokens=body.max_length_tokens,
        by=by,
    )


@router.get("/projects/{project}/versions", dependencies=[needs(Role.LEAD)])
def listing(project: str) -> list[dict[str, Any]]:
    return freezing.list_versions(workspace(), project)


@router.get("/projects/{project}/versions/{version}", dependencies=[needs(Role.LEAD)])
def details(project: str, version: str) -> dict[str, Any]:
    return freezing.version_details(workspace(), project, version)


@router.get("/projects/{project}/versions/{older}/compare/{newer}", dependencies=[needs(Role.LEAD)])
def compare(project: str, older: str, newer: str) -> dict[str, int]:
    """How many records came, went and stayed."""
    return freezing.compare_versions(workspace(), project, older, newer)


@router.post("/projects/{project}/versions/{version}/leaks", dependencies=[needs(Role.ENGINEER)])
def check_leaks(project: str, version: str, body: LeakCheck, by: By) -> dict[str, str]:
    """Compare the training text with the hold-out, or with an upload."""
    against = importing.uploads_named(workspace(), [body.against.model_dump()])[0] if body.against else None
    return {"job": leaking.check_leaks(workspace(), project, version, by=by, against=against)}


@router.get("/projects/{project}/versions/{version}/leaks", dependencies=[needs(Role.LEAD)])
def leak_checks(project: str, version: str) -> list[dict[str, Any]]:
    """The finished checks, newest first."""
    return leaking.leak_checks(workspace(), project, version)


@router.post("/projects/{project}/versions/{version}/export", dependencies=[needs(Role.ENGINEER)])
def export(project: str, version: str, body: Target, by: By) -> dict[str, str]:
    """Copies to a folder of the machine that the studio runs on."""
    return {
        "folder": str(freezing.export_version(workspace(), project, version, target=body.to, by=by, form=body.format))
    }

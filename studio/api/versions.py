"""Dataset versions: freeze, read, compare, export, take back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from core.nouns import Role
from core.workflows import auditing, comparing, freezing, importing, leaking, version_import
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["versions"])
By = Annotated[str, Depends(acting_person)]


class NewVersion(BaseModel):
    """hold_out: the version whose held-out examples this one shall have; None to draw them anew."""

    name: str
    recipe: str | dict[str, Any] = "recommended"
    seed: int = freezing.DEFAULT_SEED
    max_length_tokens: int | None = None
    hold_out: str | None = None


class UploadedFile(BaseModel):
    sha256: str
    path: str


class ExportedVersion(BaseModel):
    """confirm_terms: that the terms of the version's sources, as its card states them, hold here."""

    files: list[UploadedFile]
    confirm_terms: bool = False
    name: str = ""


class LeakCheck(BaseModel):
    against: UploadedFile | None = None


class Target(BaseModel):
    """override: why, where a source forbids it."""

    to: Path
    format: str = "parquet"
    override: str = ""


@router.post("/projects/{project}/versions", dependencies=[needs(Role.ENGINEER)])
def freeze(project: str, body: NewVersion, by: By) -> dict[str, str]:
    return freezing.freeze_version(
        workspace(),
        project,
        name=body.name,
        recipe=body.recipe,
        seed=body.seed,
        max_length_tokens=body.max_length_tokens,
        hold_out=body.hold_out,
        by=by,
    )


@router.get("/projects/{project}/versions", dependencies=[needs(Role.LEAD, auditors=True)])
def listing(project: str) -> list[dict[str, Any]]:
    return freezing.list_versions(workspace(), project)


@router.get("/projects/{project}/versions/{version}", dependencies=[needs(Role.LEAD, auditors=True)])
def details(project: str, version: str) -> dict[str, Any]:
    return freezing.version_details(workspace(), project, version)


@router.get("/projects/{project}/versions/{older}/compare/{newer}", dependencies=[needs(Role.LEAD)])
def compare(project: str, older: str, newer: str) -> dict[str, Any]:
    """How many records were added, removed, edited and re-tagged, the settings that differ, and all of it in words."""
    return comparing.compare_versions(workspace(), project, older, newer)


@router.get("/projects/{project}/versions/{older}/compare/{newer}/records", dependencies=[needs(Role.LEAD)])
def compare_records(
    project: str, older: str, newer: str, by: By, change: str = "", limit: int = 50, offset: int = 0
) -> list[dict[str, Any]]:
    """Each record that differs, with who and why."""
    limit, offset = max(0, min(limit, 10_000)), max(0, offset)
    found = comparing.changed_records(workspace(), project, older, newer, change=change, limit=limit, offset=offset)
    say_who_reads("versions", project, by=by, n_records=len(found))
    return found


@router.get(
    "/projects/{project}/versions/{older}/compare/{newer}/csv",
    dependencies=[needs(Role.LEAD)],
    response_class=Response,
    responses=files("text/csv"),
)
def compare_csv(project: str, older: str, newer: str, by: By) -> Response:
    """The same for a spreadsheet; no cell begins a formula."""
    written = comparing.changes_as_csv(workspace(), project, older, newer)
    found = freezing.version_named(workspace(), project, newer)["id"]
    auditing.exported(workspace(), "version_changes", found, by=by, project=project)
    return Response(written, media_type="text/csv; charset=utf-8")


@router.post("/projects/{project}/version-imports", dependencies=[needs(Role.ENGINEER)])
def take_back(project: str, body: ExportedVersion, by: By) -> dict[str, str]:
    """Take an exported version back, by its uploaded files, as a frozen version with the same hash."""
    uploads = importing.uploads_named(workspace(), [file.model_dump() for file in body.files])
    return version_import.import_version(
        workspace(), project, uploads, by=by, confirmed=body.confirm_terms, name=body.name
    )


@router.post("/projects/{project}/versions/{version}/leaks", dependencies=[needs(Role.ENGINEER)])
def check_leaks(project: str, version: str, body: LeakCheck, by: By) -> dict[str, str]:
    """Compare the training text with the hold-out, or with an upload."""
    against = importing.uploads_named(workspace(), [body.against.model_dump()])[0] if body.against else None
    return {"job": leaking.check_leaks(workspace(), project, version, by=by, against=against)}


@router.get("/projects/{project}/versions/{version}/leaks", dependencies=[needs(Role.LEAD)])
def leak_checks(project: str, version: str, by: By) -> list[dict[str, Any]]:
    """The finished checks, newest first."""
    found = leaking.leak_checks(workspace(), project, version)
    say_who_reads("versions", project, by=by, n_records=sum(len(check.get("leaks", ())) for check in found))
    return found


@router.post("/projects/{project}/versions/{version}/export", dependencies=[needs(Role.ENGINEER, at_the_machine=True)])
def export(project: str, version: str, body: Target, by: By) -> dict[str, str]:
    """Copies to a folder of the machine that the studio runs on."""
    return {
        "folder": str(
            freezing.export_version(
                workspace(), project, version, target=body.to, by=by, form=body.format, override=body.override
            )
        )
    }

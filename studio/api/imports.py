"""Uploads, imports and sources."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from core.errors import Invalid
from core.nouns import Role
from core.workflows import importing, updating
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["imports"])
By = Annotated[str, Depends(acting_person)]

OF_A_NEW_SOURCE = ("owner", "basis", "purpose", "name", "uses", "expires", "licence")


class UploadedFile(BaseModel):
    sha256: str
    path: str


class NewImport(BaseModel):
    """expires: YYYY-MM-DD or never; twelve months from today where it is left out.

    updates: a source that the files are a newer export of; its terms hold, and none are to be sent.
    """

    files: list[UploadedFile]
    updates: str = ""
    owner: str = ""
    basis: str = ""
    purpose: str = ""
    name: str = ""
    uses: list[str] | None = None
    expires: str | None = None
    licence: str | None = None
    mapping: dict[str, str] = Field(default_factory=dict)


@router.put("/uploads", dependencies=[needs(Role.LEAD, somewhere=True)])
async def upload(request: Request, path: str) -> dict[str, Any]:
    """The body is the file, as it is. `path` is what it is called where it comes from."""
    kept = await importing.keep_stream(workspace(), path, request.stream())
    return {"sha256": kept.sha256, "path": kept.path, "n_bytes": kept.n_bytes}


@router.post("/projects/{project}/imports", dependencies=[needs(Role.LEAD)])
def start_import(project: str, body: NewImport, by: By) -> dict[str, str]:
    uploads = importing.uploads_named(workspace(), [file.model_dump() for file in body.files])
    if body.updates:
        own = [name for name in OF_A_NEW_SOURCE if getattr(body, name)]
        if own:
            raise Invalid(
                f"A newer export comes in on the terms of its source; {', '.join(own)} cannot be set.",
                remedy="Leave them out, or import the files as a source of their own.",
            )
        return updating.update_source(workspace(), project, body.updates, uploads, by=by, mapping=body.mapping)
    terms = importing.checked_terms(
        owner=body.owner,
        basis=body.basis,
        purpose=body.purpose,
        uses=body.uses,
        expires=body.expires,
        licence=body.licence,
        today=importing.today(),
    )
    return importing.import_files(workspace(), project, uploads, terms, name=body.name, by=by, mapping=body.mapping)


@router.get("/projects/{project}/sources", dependencies=[needs(Role.LEAD, auditors=True)])
def sources(project: str) -> list[dict[str, Any]]:
    return importing.list_sources(workspace(), project)


@router.get("/sources/{source}", dependencies=[needs(Role.LEAD, auditors=True)])
def import_report(source: str) -> dict[str, Any]:
    return importing.import_report(workspace(), source)


@router.delete("/sources/{source}", dependencies=[needs(Role.LEAD)])
def undo_import(source: str, by: By) -> dict[str, int]:
    return {"n_records": importing.undo_import(workspace(), source, by=by)}


@router.delete("/sources/{source}/updates/newest", dependencies=[needs(Role.LEAD)])
def undo_update(source: str, by: By) -> dict[str, int]:
    """Take the newest export of a source back: its new records go, changed ones have their earlier text again."""
    return updating.undo_update(workspace(), source, by=by)

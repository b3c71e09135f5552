"""Uploads, imports and sources."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from core.config import MAX_UPLOAD_BYTES
from core.errors import Invalid
from core.nouns import Role
from core.workflows import auditing, importing, terms, updating
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["imports"])
By = Annotated[str, Depends(acting_person)]

# Uploads are counted where they are written, which says in words how large one may be; this is for a header that says more.
READ_OF_AN_UPLOAD = MAX_UPLOAD_BYTES + 1024 * 1024
OF_A_NEW_SOURCE = (
    "owner", "basis", "purpose", "name", "uses", "expires", "licence", "controller", "special_categories", "special_condition", "reference",
    "retention", "at_end", "document",
)  # fmt: skip


class UploadedFile(BaseModel):
    sha256: str
    path: str


class NewImport(BaseModel):
    """expires: YYYY-MM-DD or never; left out, the end of the retention, else twelve months from today. at_end: erase or keep; left out, erase
    where there is a retention. document: the consent or contract, sent as an upload before.

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
    controller: str = ""
    special_categories: list[str] = Field(default_factory=list)
    special_condition: str = ""
    reference: str = ""
    retention: str = ""
    at_end: str = ""
    document: UploadedFile | None = None
    mapping: dict[str, str] = Field(default_factory=dict)


class ChangedTerms(BaseModel):
    """What is left out stays as it is. expires: YYYY-MM-DD or never. at_end: erase or keep. Terms by which the source would be erased today are refused."""

    owner: str | None = None
    controller: str | None = None
    basis: str | None = None
    special_categories: list[str] | None = None
    special_condition: str | None = None
    reference: str | None = None
    purpose: str | None = None
    uses: list[str] | None = None
    retention: str | None = None
    expires: str | None = None
    at_end: str | None = None
    licence: str | None = None


@router.put("/uploads", dependencies=[needs(Role.LEAD, somewhere=True)], max_body_size=READ_OF_AN_UPLOAD)
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
    chosen = importing.checked_terms(
        owner=body.owner,
        basis=body.basis,
        purpose=body.purpose,
        uses=body.uses,
        expires=body.expires,
        licence=body.licence,
        today=importing.today(),
        controller=body.controller,
        special_categories=body.special_categories,
        special_condition=body.special_condition,
        reference=body.reference,
        retention=body.retention,
        at_end=body.at_end,
    )
    document = _document(body.document)
    return importing.import_files(
        workspace(), project, uploads, chosen, name=body.name, by=by, mapping=body.mapping, document=document
    )


@router.get("/projects/{project}/sources", dependencies=[needs(Role.LEAD, auditors=True)])
def sources(project: str) -> list[dict[str, Any]]:
    return importing.list_sources(workspace(), project)


@router.get("/sources/{source}", dependencies=[needs(Role.LEAD, auditors=True)])
def import_report(source: str, by: By) -> dict[str, Any]:
    """Reasons of refused rows quote them in part, so that reading these is an entry of the audit trail."""
    found = importing.import_report(workspace(), source)
    n_rows = sum(len(file["rejected"]) for file in found["files"])
    say_who_reads("refused rows", found["terms"]["project_id"], by=by, n_records=n_rows)
    return found


@router.patch("/sources/{source}/terms", dependencies=[needs(Role.OWNER)])
def change_terms(source: str, body: ChangedTerms, by: By) -> dict[str, Any]:
    return terms.change_terms(workspace(), source, body.model_dump(exclude_none=True), by=by)


@router.post("/sources/{source}/documents", dependencies=[needs(Role.OWNER)])
def add_document(source: str, body: UploadedFile, by: By) -> dict[str, str]:
    """A consent or contract, sent as an upload before; kept as it is and never read."""
    kept = _document(body)
    assert kept is not None
    return {"document": terms.add_document(workspace(), source, kept, by=by)}


@router.get(
    "/documents/{document}",
    dependencies=[needs(Role.LEAD, auditors=True)],
    response_class=FileResponse,
    responses=files("application/octet-stream"),
)
def document(document: str, by: By) -> FileResponse:
    """The file as it was sent, to be saved, never opened here."""
    file, name, project = terms.document_file(workspace(), document)
    auditing.exported(workspace(), "document", document, by=by, project=project)
    return FileResponse(file, media_type="application/octet-stream", filename=name)


def _document(upload: UploadedFile | None) -> importing.Upload | None:
    return importing.uploads_named(workspace(), [upload.model_dump()])[0] if upload else None


@router.delete("/sources/{source}", dependencies=[needs(Role.LEAD)])
def undo_import(source: str, by: By) -> dict[str, int]:
    return {"n_records": importing.undo_import(workspace(), source, by=by)}


@router.delete("/sources/{source}/updates/newest", dependencies=[needs(Role.LEAD)])
def undo_update(source: str, by: By) -> dict[str, int]:
    """Take the newest export of a source back: its new records go, changed ones have their earlier text again."""
    return updating.undo_update(workspace(), source, by=by)

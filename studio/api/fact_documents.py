"""Documents of facts that drafts may look up: add, list, renew, remove."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import fact_documents, importing
from studio.access import acting_person, needs
from studio.api.imports import UploadedFile
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["facts"])
By = Annotated[str, Depends(acting_person)]


class NewDocuments(BaseModel):
    """expires: the last day on which they are used, YYYY-MM-DD or never. addresses: of pages on hosts that an owner allowed."""

    files: list[UploadedFile] = Field(default_factory=list)
    addresses: list[str] = Field(default_factory=list)
    owner: str
    expires: str | None = None


class Renewal(BaseModel):
    expires: str


@router.get("/projects/{project}/fact-documents", dependencies=[needs(Role.LEAD)])
def listing(project: str) -> dict[str, Any]:
    """The documents, and how many passages may be looked up today and how many have expired."""
    return fact_documents.list_documents(workspace(), project)


@router.get("/projects/{project}/fact-documents/stale", dependencies=[needs(Role.LEAD)])
def stale(project: str, by: By) -> list[dict[str, Any]]:
    found = fact_documents.stale_facts(workspace(), project)
    say_who_reads("fact store", project, by=by, n_records=len(found))
    return found


@router.get("/projects/{project}/fact-documents/{document}/passages", dependencies=[needs(Role.LEAD)])
def passages(project: str, document: str) -> list[dict[str, Any]]:
    return fact_documents.passages_of_document(workspace(), project, document)


@router.post("/projects/{project}/fact-documents", dependencies=[needs(Role.LEAD)])
def add(project: str, body: NewDocuments, by: By) -> dict[str, str]:
    """Queue the job that reads them; its result says what was refused."""
    uploads = importing.uploads_named(workspace(), [file.model_dump() for file in body.files])
    return fact_documents.add_documents(
        workspace(), project, uploads, owner=body.owner, expires=body.expires, by=by, addresses=body.addresses
    )


@router.put("/projects/{project}/fact-documents/{document}/expiry", dependencies=[needs(Role.LEAD)])
def renew(project: str, document: str, body: Renewal, by: By) -> dict[str, str]:
    fact_documents.renew_document(workspace(), project, document, body.expires, by=by)
    return {"document": document, "expires": body.expires}


@router.delete("/projects/{project}/fact-documents/{document}", dependencies=[needs(Role.LEAD)])
def remove(project: str, document: str, by: By) -> dict[str, Any]:
    return {"document": document, "n_passages": fact_documents.remove_document(workspace(), project, document, by=by)}

"""Erasing a person or a source: what would go, its going, and the certificates. It reaches every project, so an owner of the studio asks for it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import auditing, erasing, erasure_certificates, retaining
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.running import workspace

router = APIRouter(tags=["erasures"])
By = Annotated[str, Depends(acting_person)]


class Asked(BaseModel):
    """also: other spellings, addresses, handles, ids. project: that the request came in for; every project is looked through.

    takes: keys of possible finds that go as well. leaves: keys of finds that stay. masks: keys of records of which the mention alone goes.
    records: ids of records that go although nothing in them was found.
    """

    name: str
    also: list[str] = Field(default_factory=list)
    project: str = ""
    takes: list[str] = Field(default_factory=list)
    leaves: list[str] = Field(default_factory=list)
    masks: list[str] = Field(default_factory=list)
    records: list[str] = Field(default_factory=list)
    alike_from: float = erasing.ALIKE_FROM

    def choices(self) -> erasing.Choices:
        return erasing.chosen(takes=self.takes, leaves=self.leaves, masks=self.masks, records=self.records)


class Confirmed(Asked):
    """expected: how many places the person saw that would go."""

    expected: int | None = None


class OfSource(BaseModel):
    """source: its id, or its name where only one is called so."""

    project: str
    source: str


class SourceConfirmed(OfSource):
    """expected: how many records the person saw that would go."""

    expected: int | None = None


@router.post("/erasures/preview", dependencies=[needs(Role.OWNER)])
def preview(body: Asked, by: By) -> dict[str, Any]:
    """Every place that holds the person, and what would become of it; nothing is changed."""
    found = erasing.preview_erasure(
        workspace(),
        body.name,
        by=by,
        also=body.also,
        project=body.project,
        choices=body.choices(),
        alike_from=body.alike_from,
    )
    return found.as_json()


@router.post("/erasures", dependencies=[needs(Role.OWNER)])
def erase(body: Confirmed, by: By) -> dict[str, Any]:
    """Answers with the certificate when everything was read back."""
    made = erasing.erase(
        workspace(), body.name, by=by, also=body.also, project=body.project, choices=body.choices(), expected=body.expected,
        alike_from=body.alike_from,
    )  # fmt: skip
    return made.as_json()


@router.post("/erasures/sources/preview", dependencies=[needs(Role.OWNER)])
def preview_source(body: OfSource) -> dict[str, Any]:
    """What would go with a source; nothing is changed."""
    return retaining.preview_source(workspace(), body.project, body.source).as_json()


@router.post("/erasures/sources", dependencies=[needs(Role.OWNER)])
def erase_source(body: SourceConfirmed, by: By) -> dict[str, Any]:
    """Answers with the certificate when everything was read back."""
    return retaining.erase_source(workspace(), body.project, body.source, by=by, expected=body.expected).as_json()


@router.get("/erasures", dependencies=[needs(Role.OWNER)])
def listing() -> list[dict[str, Any]]:
    """Newest first."""
    return erasing.erasures(workspace())


@router.get("/erasures/{erasure}", dependencies=[needs(Role.OWNER)])
def certificate(erasure: str) -> dict[str, Any]:
    return erasure_certificates.certificate(workspace(), erasure).as_json()


@router.get(
    "/erasures/{erasure}/document",
    dependencies=[needs(Role.OWNER)],
    response_class=Response,
    responses=files(*erasure_certificates.MIME.values()),
)
def certificate_document(erasure: str, by: By, format: Literal["pdf", "html", "json"] = "pdf") -> Response:
    content = erasure_certificates.certificate_document(workspace(), erasure, format)
    auditing.exported(workspace(), "certificate", erasure, by=by, format=format)
    return Response(content, media_type=erasure_certificates.MIME[format])

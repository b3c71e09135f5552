"""The brand guide: read, put in force, rules brought along from Vale, a text checked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import auditing, guiding
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.running import workspace

router = APIRouter(tags=["guide"])
By = Annotated[str, Depends(acting_person)]


class GuideFile(BaseModel):
    """A guide in YAML or JSON."""

    content: str


class StyleFile(BaseModel):
    path: str
    content: str


class Style(BaseModel):
    files: list[StyleFile]


class TextToCheck(BaseModel):
    text: str
    support: list[str] = Field(default_factory=list)


@router.get("/projects/{project}/guide", dependencies=[needs(Role.REVIEWER)])
def guide(project: str) -> dict[str, Any]:
    return guiding.guide_json(guiding.guide_of(workspace(), project))


@router.get(
    "/projects/{project}/guide/file",
    dependencies=[needs(Role.REVIEWER)],
    response_class=Response,
    responses=files("application/yaml"),
)
def guide_file(project: str, by: By) -> Response:
    written = guiding.guide_file(workspace(), project)
    auditing.exported(workspace(), "guide", by=by, project=project)
    return Response(written, media_type="application/yaml")


@router.put("/projects/{project}/guide", dependencies=[needs(Role.LEAD)])
def put_in_force(project: str, body: GuideFile, by: By) -> dict[str, Any]:
    return guiding.guide_json(guiding.set_guide_file(workspace(), project, body.content.encode(), by=by))


@router.post("/projects/{project}/guide/vale", dependencies=[needs(Role.LEAD)])
def bring_from_vale(project: str, body: Style, by: By) -> dict[str, Any]:
    files = [(file.path, file.content.encode()) for file in body.files]
    return asdict(guiding.bring_from_vale(workspace(), project, files, by=by))


@router.delete("/projects/{project}/guide/rules/{name}", dependencies=[needs(Role.LEAD)])
def remove_rule(project: str, name: str, by: By) -> dict[str, Any]:
    guiding.remove_rule(workspace(), project, name, by=by)
    return guiding.guide_json(guiding.guide_of(workspace(), project))


@router.post("/projects/{project}/guide/check", dependencies=[needs(Role.REVIEWER)])
def check(project: str, body: TextToCheck) -> dict[str, Any]:
    return guiding.checked_json(guiding.check_text(workspace(), project, body.text, support=body.support))

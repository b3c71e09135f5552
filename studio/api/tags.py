"""Tags: the list, tagging one and many, suggestions, coverage."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from core.nouns import Role
from core.workflows import auditing, suggesting, tagging, taxonomy
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["tags"])
By = Annotated[str, Depends(acting_person)]
InUse = Literal["ask", "keep", "untag"]


class Tags(BaseModel):
    tags: list[str]
    remove: bool = False


class ListedTag(BaseModel):
    tag: str
    shortcut: str = ""
    colour: str = ""
    meaning: str = ""


class Names(BaseModel):
    names: list[str] = Field(min_length=1)


class NewName(BaseModel):
    tag: str
    to: str


class Merge(BaseModel):
    tag: str
    into: str


class Removal(BaseModel):
    """in_use: ask (refuse while records carry it), keep (leave it on them), untag."""

    tag: str
    in_use: InUse = "ask"


class ListFile(BaseModel):
    text: str
    form: str = "csv"


class AlikeOnes(BaseModel):
    """expected: how many the person saw that it is about."""

    records: list[str]
    tag: str
    expected: int


class Target(BaseModel):
    """target: good examples for each tag; null for the goal's own range, divided."""

    target: int | None = None


@router.get("/projects/{project}/taxonomy", dependencies=[needs(Role.LEAD)])
def listing(project: str) -> list[dict[str, Any]]:
    return taxonomy.list_tags(workspace(), project)


@router.put("/projects/{project}/taxonomy", dependencies=[needs(Role.LEAD)])
def set_list(project: str, body: list[ListedTag], by: By, in_use: InUse = "ask") -> list[dict[str, Any]]:
    """Replace the list. in_use: what becomes of a tag that goes while records carry it."""
    return taxonomy.set_list(workspace(), project, [tag.model_dump() for tag in body], by=by, in_use=in_use)


@router.post("/projects/{project}/taxonomy/tags", dependencies=[needs(Role.LEAD)])
def add(project: str, body: Names, by: By) -> list[dict[str, Any]]:
    return taxonomy.add_tags(workspace(), project, body.names, by=by)


@router.put("/projects/{project}/taxonomy/tags", dependencies=[needs(Role.LEAD)])
def change(project: str, body: ListedTag, by: By) -> list[dict[str, Any]]:
    """Another key, colour and meaning for one tag."""
    return taxonomy.change_tag(
        workspace(), project, body.tag, by=by, shortcut=body.shortcut, colour=body.colour, meaning=body.meaning
    )


@router.post("/projects/{project}/taxonomy/rename", dependencies=[needs(Role.LEAD)])
def rename(project: str, body: NewName, by: By) -> dict[str, int]:
    return {"n_records": taxonomy.rename_tag(workspace(), project, body.tag, body.to, by=by)}


@router.post("/projects/{project}/taxonomy/merge", dependencies=[needs(Role.LEAD)])
def merge(project: str, body: Merge, by: By) -> dict[str, int]:
    return {"n_records": taxonomy.merge_tag(workspace(), project, body.tag, body.into, by=by)}


@router.post("/projects/{project}/taxonomy/remove", dependencies=[needs(Role.LEAD)])
def remove(project: str, body: Removal, by: By) -> dict[str, int]:
    return {"n_records": taxonomy.remove_tag(workspace(), project, body.tag, by=by, in_use=body.in_use)}


@router.get(
    "/projects/{project}/taxonomy/file",
    dependencies=[needs(Role.LEAD)],
    response_class=Response,
    responses=files("text/plain"),
)
def export(project: str, by: By, form: str = "csv") -> PlainTextResponse:
    written = taxonomy.export_list(workspace(), project, form)
    auditing.exported(workspace(), "taxonomy", by=by, project=project, format=form)
    return PlainTextResponse(written)


@router.post("/projects/{project}/taxonomy/file", dependencies=[needs(Role.LEAD)])
def import_list(project: str, body: ListFile, by: By) -> dict[str, Any]:
    """Add and change the tags of a file; `rejected` names each row that did not get in."""
    return asdict(taxonomy.import_list(workspace(), project, body.text, body.form, by=by))


@router.get("/projects/{project}/tags/coverage", dependencies=[needs(Role.LEAD)])
def coverage(project: str) -> dict[str, Any]:
    return taxonomy.coverage(workspace(), project)


@router.put("/projects/{project}/tags/target", dependencies=[needs(Role.LEAD)])
def set_target(project: str, body: Target, by: By) -> dict[str, Any]:
    taxonomy.set_target(workspace(), project, body.target, by=by)
    return taxonomy.coverage(workspace(), project)


@router.get("/projects/{project}/tags/next", dependencies=[needs(Role.LEAD)])
def next_to_tag(project: str, record: str = "", suggested: str = "", certain_first: bool = False) -> dict[str, Any]:
    """The records that wait for a tag, seen from one of them."""
    return asdict(
        tagging.waiting(workspace(), project, record=record, suggested=suggested, certain_first=certain_first)
    )


@router.get("/projects/{project}/tags/suggestions", dependencies=[needs(Role.LEAD)])
def standing(project: str) -> dict[str, Any]:
    """From how many tagged records, how well on those held out, and why there are none, where there are none."""
    found = suggesting.standing(workspace(), project)
    return asdict(found) | {"words": found.words}


@router.post("/projects/{project}/tags/suggestions", dependencies=[needs(Role.LEAD)])
def suggest(project: str, by: By) -> dict[str, str]:
    return {"job": suggesting.suggest_tags(workspace(), project, by=by)}


@router.get("/projects/{project}/tags/history", dependencies=[needs(Role.LEAD)])
def history(project: str) -> list[dict[str, Any]]:
    return tagging.history(workspace(), project)


@router.post("/projects/{project}/tags/undo", dependencies=[needs(Role.LEAD)])
def undo(project: str, by: By) -> dict[str, Any]:
    """Take back your last act on tags, whole."""
    undone = tagging.undo_last(workspace(), project, by=by)
    return {"undone": asdict(undone) if undone else None}


@router.post("/projects/{project}/tags/alike", dependencies=[needs(Role.LEAD)])
def tag_alike(project: str, body: AlikeOnes, by: By) -> dict[str, int]:
    """One tag for several records, as one act; refused when they are not as many as expected."""
    n = tagging.tag_alike(workspace(), project, body.records, body.tag, by=by, expected=body.expected)
    return {"n_records": n}


@router.get("/projects/{project}/records/{record:path}/alike", dependencies=[needs(Role.LEAD)])
def alike(project: str, record: str, tag: str, by: By) -> list[dict[str, Any]]:
    """Records that wait for a tag and are like this one."""
    found = tagging.alike(workspace(), project, record, tag)
    say_who_reads("tags", project, by=by, n_records=len(found))
    return found


@router.get("/projects/{project}/records/{record:path}/tags", dependencies=[needs(Role.LEAD)])
def of_record(project: str, record: str) -> dict[str, Any]:
    return tagging.tags_of(workspace(), project, record)


@router.post("/projects/{project}/records/{record:path}/tags", dependencies=[needs(Role.LEAD)])
def tag(project: str, record: str, body: Tags, by: By) -> dict[str, list[str]]:
    return {"tags": tagging.tag(workspace(), project, record, body.tags, by=by, remove=body.remove)}

"""Personal data: looked for by a job, listed by kind, decided on by place, value or kind, and previewed as frozen."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from core.errors import Invalid
from core.nouns import Role
from core.workflows import auditing, personal_data, personal_sample, personal_search
from studio.access import acting_person, needs
from studio.api.imports import READ_OF_AN_UPLOAD
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["personal data"])
By = Annotated[str, Depends(acting_person)]


class Choice(BaseModel):
    """choice: keep, mask or replace; with undecided set, block or mask. kind alone: all of it. value_sha256: of one value. passage: one place."""

    choice: str
    kind: str = ""
    value_sha256: str = ""
    passage: str = ""
    undecided: bool = False


class Missed(BaseModel):
    text: str
    type: str


class ReadRecord(BaseModel):
    """wrong: the first characters of places that are no personal data; every other place is right."""

    wrong: list[int] = Field(default_factory=list)
    missed: list[Missed] = Field(default_factory=list)


@router.put("/personal-data/files", dependencies=[needs(Role.LEAD)], max_body_size=READ_OF_AN_UPLOAD)
async def look_through(request: Request, by: By) -> dict[str, str]:
    """The body is JSON Lines with a text each. The job that looks deletes them once it has read them."""
    return {"job": await personal_search.find_in_stream(workspace(), request.stream(), by=by)}


@router.get("/personal-data/files/{job}", dependencies=[needs(Role.LEAD)])
def spans(job: str) -> dict[str, list[dict[str, Any]]]:
    """row counts from 0, start and end in characters; found_by is the recogniser."""
    return {"spans": personal_search.spans_of_file(workspace(), job)}


@router.post("/projects/{project}/personal-data/search", dependencies=[needs(Role.LEAD)])
def search(project: str, by: By) -> dict[str, str]:
    """Look through the records that are new or edited since."""
    return {"job": personal_search.find_in_project(workspace(), project, by=by)}


@router.get("/projects/{project}/personal-data", dependencies=[needs(Role.LEAD)])
def kinds(project: str) -> dict[str, Any]:
    """Counts by kind, and what a version does with what nobody decided on."""
    return personal_data.list_kinds(workspace(), project)


@router.get("/projects/{project}/personal-data/values", dependencies=[needs(Role.LEAD)])
def values(project: str, kind: str, by: By, limit: int = 50) -> list[dict[str, Any]]:
    """The commonest values of a kind."""
    found = personal_data.list_values(workspace(), project, kind, limit=max(0, min(limit, 1_000)))
    _say_who_looks(project, by)
    return found


@router.get("/projects/{project}/personal-data/passages", dependencies=[needs(Role.LEAD)])
def passages(
    project: str,
    by: By,
    kind: str = "",
    value_sha256: str = "",
    only_undecided: bool = False,
    limit: int = 20,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Places in their text, with what would stand there."""
    found = personal_data.list_passages(
        workspace(), project, kind=kind, value_sha256=value_sha256, only_undecided=only_undecided,
        limit=max(0, min(limit, 1_000)), offset=max(0, offset),
    )  # fmt: skip
    _say_who_looks(project, by)
    say_who_reads("personal data", project, by=by, n_records=len({one.record for one in found}))
    return [asdict(one) for one in found]


@router.get("/projects/{project}/personal-data/records/{record}", dependencies=[needs(Role.LEAD)])
def preview(project: str, record: str, by: By) -> dict[str, str]:
    """The record's text as it is, and as a version would have it."""
    found = personal_data.preview_record(workspace(), project, record)
    _say_who_looks(project, by)
    say_who_reads("personal data", project, by=by, n_records=1)
    return found


@router.get("/projects/{project}/personal-data/pseudonyms/{name}", dependencies=[needs(Role.OWNER)])
def who_is(project: str, name: str, by: By) -> dict[str, list[str]]:
    """The values that a pseudonym may stand for; answers as long as the project's key is there."""
    return {"values": personal_data.who_is(workspace(), project, name, by=by)}


@router.post("/projects/{project}/personal-data/decisions", dependencies=[needs(Role.LEAD)])
def decide(project: str, body: Choice, by: By) -> dict[str, Any]:
    """Of place, value and kind the narrowest that is named; or, with undecided, what a version does with the rest."""
    if body.undecided:
        personal_data.decide_undecided(workspace(), project, body.choice, by=by)
    elif body.passage:
        personal_data.decide_passage(workspace(), project, body.passage, body.choice, by=by)
    elif body.value_sha256:
        personal_data.decide_value(workspace(), project, body.kind, body.value_sha256, body.choice, by=by)
    elif body.kind:
        personal_data.decide_kind(workspace(), project, body.kind, body.choice, by=by)
    else:
        raise Invalid("Nothing is named to decide on.", remedy="Name a kind, a value of a kind, or a passage.")
    return personal_data.list_kinds(workspace(), project)


@router.post("/projects/{project}/personal-data/decisions/undo", dependencies=[needs(Role.LEAD)])
def undo(project: str, by: By) -> dict[str, bool]:
    """Take the caller's last decision back, on however many places it was."""
    return {"undone": personal_data.undo_last(workspace(), project, by=by)}


@router.get("/projects/{project}/personal-data/sample", dependencies=[needs(Role.LEAD)])
def sample(project: str, by: By) -> list[dict[str, Any]]:
    """The records that are to be read so that it is known how much is found, with the places in each."""
    rows = personal_sample.sampled_records(workspace(), project)
    _say_who_looks(project, by)
    say_who_reads("personal data", project, by=by, n_records=len(rows))
    return [row | {"spans": personal_sample.found_in(workspace(), project, row["id"])} for row in rows]


@router.post("/projects/{project}/personal-data/sample/{record}", dependencies=[needs(Role.LEAD)])
def read(project: str, record: str, body: ReadRecord, by: By) -> dict[str, Any]:
    """Say of a sampled record what is wrong and what was missed. Answers with what is known by now."""
    missed = [one.model_dump() for one in body.missed]
    personal_sample.read_record(workspace(), project, record, wrong=body.wrong, missed=missed, by=by)
    return personal_sample.measured_coverage(workspace(), project)


@router.get("/projects/{project}/personal-data/coverage", dependencies=[needs(Role.LEAD)])
def coverage(project: str) -> dict[str, Any]:
    """Recall and precision on the records that were read, of everything and by kind."""
    return personal_sample.measured_coverage(workspace(), project)


def _say_who_looks(project: str, by: str) -> None:
    auditing.viewing(workspace(), "personal_data", by=by, project=project)

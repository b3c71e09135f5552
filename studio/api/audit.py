"""The audit trail: entries by filter, the whole of it as a file, its verification and its head."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import auditing
from studio.access import acting_person, needs
from studio.api.problems import files
from studio.running import workspace

router = APIRouter(tags=["audit"])
By = Annotated[str, Depends(acting_person)]
MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


class Asked(BaseModel):
    """noted: a head that was written down earlier, as `number:hash`, which the trail has to hold; empty for none."""

    noted: str = ""


def filter_asked(
    person: str = "",
    noun: str = "",
    action: str = "",
    project: str = "",
    object: str = "",
    since: str = "",
    until: str = "",
) -> auditing.AuditFilter:
    """since, until: days as YYYY-MM-DD, both included, UTC."""
    return auditing.audit_filter(
        workspace(),
        person=person,
        noun=noun,
        action=action,
        project=project,
        object_id=object,
        since=since,
        until=until,
    )


Where = Annotated[auditing.AuditFilter, Depends(filter_asked)]


@router.get("/audit", dependencies=[needs(Role.AUDITOR)])
def entries(
    where: Where, limit: Annotated[int, Query(ge=1, le=10_000)] = 50, offset: Annotated[int, Query(ge=0)] = 0
) -> dict[str, Any]:
    """How many entries the filter has, and a page of them, newest first."""
    return {
        "n": auditing.count_entries(workspace(), where),
        "entries": auditing.list_entries(workspace(), where, limit=limit, offset=offset),
    }


@router.get(
    "/audit/export",
    dependencies=[needs(Role.AUDITOR)],
    response_class=StreamingResponse,
    responses=files("text/csv", "application/jsonl"),
)
def export(where: Where, by: By, format: str = "csv") -> StreamingResponse:
    """All entries of the filter, oldest first. The trail says that they were taken away, and by whom."""
    return StreamingResponse(auditing.export(workspace(), where, format, by=by), media_type=MEDIA.get(format))


@router.get("/audit/state", dependencies=[needs(Role.AUDITOR)])
def state() -> dict[str, Any]:
    """How many entries there are, since when, and what the last verification found."""
    return asdict(auditing.state(workspace()))


@router.get("/audit/head", dependencies=[needs(Role.AUDITOR)])
def head() -> dict[str, Any]:
    """With which entry the trail ends; `noted` is what to write down elsewhere."""
    return auditing.head(workspace())


@router.post("/audit/verify", dependencies=[needs(Role.AUDITOR)])
def verify(body: Asked, by: By) -> dict[str, str]:
    """Queue the verification; the job's result says what was found."""
    return {"job": auditing.verify(workspace(), by=by, noted=body.noted)}

"""Facts that go stale: listed by kind, the fact store, and the adviser."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from core.nouns import Role
from core.workflows import advising, fact_store, facts
from studio.access import acting_person, needs
from studio.api.said_as_read import say_who_reads
from studio.running import workspace

router = APIRouter(tags=["facts"])
By = Annotated[str, Depends(acting_person)]


@router.get("/projects/{project}/facts", dependencies=[needs(Role.LEAD)])
def listing(project: str) -> dict[str, Any]:
    """How many records contain each kind, in numbers and words, and its commonest values."""
    return facts.list_facts(workspace(), project)


@router.get("/projects/{project}/facts/{kind}", dependencies=[needs(Role.LEAD)])
def before_and_after(
    project: str, kind: str, by: By, value: str = "", limit: int = 5, offset: int = 0
) -> list[dict[str, Any]]:
    """Records with a fact of this kind, or with this value alone, as differences to what masking makes of them."""
    limit, offset = max(0, min(limit, 100)), max(0, offset)
    found = facts.texts_with_facts(workspace(), project, kind, value=value, limit=limit, offset=offset)
    say_who_reads("facts", project, by=by, n_records=len(found))
    return [asdict(text) for text in found]


@router.get("/projects/{project}/fact-store", dependencies=[needs(Role.LEAD)])
def stored(project: str, by: By, kind: str = "", limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Passages that were moved out of versions, newest first."""
    limit, offset = max(0, min(limit, 1_000)), max(0, offset)
    found = fact_store.moved_facts(workspace(), project, kind=kind, limit=limit, offset=offset)
    say_who_reads("fact store", project, by=by, n_records=len(found["facts"]))
    return found


@router.post("/projects/{project}/versions/{version}/facts/undo", dependencies=[needs(Role.ENGINEER)])
def undo_move(project: str, version: str, by: By) -> dict[str, Any]:
    """Take what the version moved out of the fact store again; refused once a run was made on it."""
    return fact_store.undo_move(workspace(), project, version, by=by)


@router.get("/projects/{project}/advice", dependencies=[needs(Role.LEAD)])
def advice(project: str) -> dict[str, Any]:
    """fine-tune, retrieve or both, with the counts behind it."""
    return advising.advice(workspace(), project)

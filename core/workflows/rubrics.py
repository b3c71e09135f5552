"""The rubric of a project: what reviewers may say of a draft besides the verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.curate.flags.registry import BY_NAME
from core.nouns import Goal
from core.review.reasons import REASONS
from core.review.rubric import Rubric, as_values, read_file, read_rubric
from core.store import rubrics as rubric_rows
from core.store.connection import Row, Store, Transaction
from core.workflows.workspace import Workspace, checked_person, project_named

# What a reason's search may name.
FLAGS = tuple(BY_NAME)


def rubric_of(store: Store | Transaction, project: Row) -> Rubric:
    """The rubric in force; with the reasons of the project's goal where it has none of its own."""
    found = rubric_rows.rubric(store, project["id"])
    rubric = read_rubric(json.loads(found["content"])) if found else Rubric()
    return rubric if rubric.reasons else replace(rubric, reasons=REASONS[Goal(project["goal"])])


def rubric_json(workspace: Workspace, project: str) -> dict[str, Any]:
    """What is in force, and who changed it last; changed_by is empty where nobody did."""
    row = project_named(workspace, project)
    found = rubric_rows.rubric(workspace.store, row["id"])
    changed = (
        {"changed_by": found["changed_by"], "changed_at": found["changed_at"].isoformat()}
        if found
        else {"changed_by": "", "changed_at": None}
    )
    return as_values(rubric_of(workspace.store, row)) | changed


def set_rubric(workspace: Workspace, project: str, values: Mapping[str, Any], *, by: str) -> dict[str, Any]:
    """Put a rubric in force; verdicts keep the reasons and scores that they have. Raises Invalid naming the place and the value."""
    return _store(workspace, project, read_rubric(values), by=by)


def set_rubric_file(workspace: Workspace, project: str, content: bytes, *, by: str) -> dict[str, Any]:
    """The same from a file in YAML or JSON."""
    return _store(workspace, project, read_file(content), by=by)


def _store(workspace: Workspace, project: str, rubric: Rubric, *, by: str) -> dict[str, Any]:
    person, row = checked_person(by), project_named(workspace, project)
    # The goal's own reasons are not written down, so that they stay the goal's.
    own = () if rubric.reasons == REASONS[Goal(row["goal"])] else rubric.reasons
    with workspace.store.transaction() as tx:
        rubric_rows.insert_rubric(tx, row["id"], content=as_values(replace(rubric, reasons=own)), by=person)
        tx.event("set_rubric", "project", row["id"], by=person, project_id=row["id"])
    return rubric_json(workspace, project)

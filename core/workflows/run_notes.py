"""Notes and tags beside a run: the newest counts, and every earlier one is kept."""

from __future__ import annotations

from typing import Any

from core.errors import Invalid
from core.store import run_groups as group_rows
from core.workflows.training import run_named
from core.workflows.workspace import Workspace, checked_person, project_named

LONGEST_NOTE, LONGEST_TAG, MOST_TAGS = 4_000, 60, 20


def note_of(workspace: Workspace, run: str) -> dict[str, Any]:
    """note, tags, written_by and written_at; empty where nobody wrote one."""
    row = run_named(workspace, run)
    found = group_rows.note_of(workspace.store, row["id"])
    return found or {"note": "", "tags": [], "written_by": "", "written_at": None}


def notes_of_project(workspace: Workspace, project: str) -> dict[str, Any]:
    """note and tags of each run that has one, by run id."""
    return group_rows.notes_of_project(workspace.store, project_named(workspace, project)["id"])


def write_note(workspace: Workspace, run: str, *, note: str, tags: list[str], by: str) -> dict[str, Any]:
    """Put a note and tags in the place of what stood there. Raises Invalid naming what is too long."""
    person = checked_person(by)
    row = run_named(workspace, run)
    cleaned = list(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"The note has {len(note):,} characters.", remedy=f"Write up to {LONGEST_NOTE:,}.")
    if len(cleaned) > MOST_TAGS:
        raise Invalid(f"There are {len(cleaned)} tags.", remedy=f"Give up to {MOST_TAGS}.")
    for tag in cleaned:
        if len(tag) > LONGEST_TAG or "," in tag:
            raise Invalid(
                f"{tag[:80]!r} cannot be a tag.", remedy=f"Use up to {LONGEST_TAG} characters without a comma."
            )
    with workspace.store.transaction() as tx:
        group_rows.insert_note(tx, row["id"], project_id=row["project_id"], note=note.strip(), tags=cleaned, by=person)
        tx.event("noted", "run", row["id"], by=person, project_id=row["project_id"])
    return note_of(workspace, row["id"])

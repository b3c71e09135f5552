"""The fact store: passages that freezing moved out of versions. They are listed, and a version's move can be taken back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.errors import Conflict, Refused
from core.store import fact_store as rows
from core.store import runs as run_rows
from core.store.connection import Row
from core.workflows.facts import checked_kind
from core.workflows.freezing import version_named
from core.workflows.workspace import Workspace, checked_person, project_named


@dataclass(frozen=True, slots=True)
class UndoneMove:
    """n_gone: passages that left the store. n_kept: those that another version relies on."""

    version: str
    n_gone: int
    n_kept: int


def moved_facts(
    workspace: Workspace, project: str, *, kind: str = "", limit: int = 50, offset: int = 0
) -> dict[str, Any]:
    """facts: a page of passages, newest first; n: how many there are; by_kind. kind: those of one alone. Raises Invalid."""
    wanted = checked_kind(kind).value if kind else ""
    row = project_named(workspace, project)
    counts = rows.kind_counts(workspace.store, row["id"])
    found = rows.facts(workspace.store, row["id"], kind=wanted, limit=limit, offset=offset)
    return {"n": counts.get(wanted, 0), "by_kind": {name: n for name, n in counts.items() if name}, "facts": found}


def n_moved_by(workspace: Workspace, version: Row) -> int:
    """Passages in the store that the version relies on."""
    return rows.n_moved_by(workspace.store, version["id"])


def undo_move(workspace: Workspace, project: str, version: str, *, by: str) -> dict[str, Any]:
    """Take back what a version moved into the store; what other versions moved as well stays there.

    The version itself never changes: its placeholders stay. Raises Refused when a run was made on it, since what that
    model writes needs these facts; Conflict when there is nothing to take back.
    """
    person = checked_person(by)
    found = version_named(workspace, project, version)
    with workspace.store.transaction() as tx:
        trained = [
            run["name"]
            for run in run_rows.runs(workspace.store, found["project_id"])
            if run["version_id"] == found["id"]
        ]
        if trained:
            raise Refused(
                f"The run {', '.join(trained)} was made on {found['name']}: what its model writes needs these facts.",
                remedy="Freeze a new version that keeps or masks them, and train on that one.",
            )  # fmt: skip
        if not rows.n_moved_by(tx, found["id"]):
            raise Conflict(f"The fact store holds nothing that was moved out of {found['name']}.")
        n_gone, n_kept = rows.undo_moves_of(tx, found["id"], by=person)
        tx.event("move_undone", "version", found["id"], by=person, project_id=found["project_id"], n_facts=n_gone)
    return asdict(UndoneMove(found["name"], n_gone, n_kept))

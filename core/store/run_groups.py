"""SQL of runs that are compared, and of what people write beside a run."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction


def insert_group(
    tx: Transaction, group_id: str, *, project_id: str, kind: str, name: str, question: str, by: str
) -> None:
    tx.execute(
        "INSERT INTO run_groups VALUES (?, ?, ?, ?, ?, ?, ?)", [group_id, project_id, kind, name, question, tx.at, by]
    )


def groups(store: Store, project_id: str) -> list[Row]:
    """Groups of a project, the newest first."""
    return store.read("SELECT * FROM run_groups WHERE project_id = ? ORDER BY created_at DESC", [project_id])


def group(store: Store, group_id: str) -> Row | None:
    return store.read_one("SELECT * FROM run_groups WHERE id = ?", [group_id])


def runs_of(store: Store, group_id: str) -> list[str]:
    """Ids of a group's runs, in the order in which they were started."""
    rows = store.read("SELECT id FROM runs WHERE group_id = ? ORDER BY created_at, name", [group_id])
    return [row["id"] for row in rows]


def insert_note(tx: Transaction, run_id: str, *, project_id: str, note: str, tags: list[str], by: str) -> None:
    tx.execute(
        "INSERT INTO run_notes (run_id, project_id, note, tags, written_by, written_at) VALUES (?, ?, ?, ?, ?, ?)",
        [run_id, project_id, note, tags, by, tx.at],
    )


def note_of(store: Store, run_id: str) -> Row | None:
    """note, tags, written_by and written_at; None where nobody wrote one."""
    return store.read_one("SELECT note, tags, written_by, written_at FROM current_run_notes WHERE run_id = ?", [run_id])


def notes_of_project(store: Store, project_id: str) -> dict[str, Row]:
    """The current note of each run that has one, by run id."""
    rows = store.read("SELECT run_id, note, tags FROM current_run_notes WHERE project_id = ?", [project_id])
    return {row["run_id"]: row for row in rows}

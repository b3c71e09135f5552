"""SQL of projects."""

from __future__ import annotations

from typing import Any, Literal, get_args

from core.store.connection import Row, Store, Transaction, utc_now

# Columns of a project that a person may change; an event goes by the same name.
Setting = Literal["light_edit_limit", "pass_target", "reviewers_per_draft", "repeat_every", "assigned_only"]


def insert_project(tx: Transaction, project_id: str, *, name: str, goal: str, by: str) -> None:
    tx.execute(
        "INSERT INTO projects (id, name, goal, created_at, created_by) VALUES (?, ?, ?, ?, ?)",
        [project_id, name, goal, utc_now(), by],
    )


def projects(store: Store) -> list[Row]:
    return store.read("SELECT * FROM projects ORDER BY created_at")


def project_named(store: Store, name_or_id: str) -> Row | None:
    return store.read_one("SELECT * FROM projects WHERE name = ? OR id = ?", [name_or_id, name_or_id])


def set_setting(tx: Transaction, project_id: str, setting: Setting, value: float) -> None:
    assert setting in get_args(Setting), "the name becomes part of the statement"
    tx.execute(f"UPDATE projects SET {setting} = ? WHERE id = ?", [value, project_id])


def set_limit_calibration(tx: Transaction, project_id: str, calibration: dict[str, Any]) -> None:
    tx.execute("UPDATE projects SET limit_calibration = ? WHERE id = ?", [calibration, project_id])


def counts(store: Store, project_id: str) -> dict[str, int]:
    """How many of each noun stand on the path from upload to verdict."""
    row = store.read_one(
        """
        SELECT (SELECT count(*) FROM sources s WHERE project_id = $1 AND undone_at IS NULL
                AND EXISTS (SELECT 1 FROM records r WHERE r.source_id = s.id)) AS sources,
               (SELECT count(*) FROM records WHERE project_id = $1) AS records,
               (SELECT count(*) FROM versions WHERE project_id = $1) AS versions,
               (SELECT count(*) FROM runs WHERE project_id = $1) AS runs,
               (SELECT count(*) FROM runs WHERE project_id = $1 AND adapter IS NOT NULL) AS adapters,
               (SELECT count(*) FROM drafts WHERE project_id = $1) AS drafts,
               (SELECT count(*) FROM current_reviews WHERE project_id = $1) AS verdicts
        """,
        [project_id],
    )
    return dict(row or {})


def recent_events(store: Store, project_id: str, *, limit: int = 8) -> list[Row]:
    return store.read(
        "SELECT seq, happened_at, done_by, project_id, action, noun, object_id, facts FROM events WHERE project_id = ? "
        "ORDER BY seq DESC LIMIT ?",
        [project_id, limit],
    )


def event_counts(store: Store) -> list[dict[str, Any]]:
    return store.read("SELECT action, count(*) AS n FROM events GROUP BY action ORDER BY action")

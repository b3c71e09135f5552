"""SQL of rubrics, and of what reviewers said under their criteria."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now


def insert_rubric(tx: Transaction, project_id: str, *, content: dict[str, Any], by: str) -> None:
    tx.execute(
        "INSERT INTO rubrics (project_id, content, changed_by, changed_at) VALUES (?, ?, ?, ?)",
        [project_id, json.dumps(content, ensure_ascii=False), by, tx.at],
    )


def rubric(store: Store | Transaction, project_id: str) -> Row | None:
    """content (JSON as text), changed_by and changed_at of the newest; None where nobody wrote one."""
    rows = store.read(
        "SELECT content::TEXT AS content, changed_by, changed_at FROM rubrics WHERE project_id = ? ORDER BY seq DESC LIMIT 1",
        [project_id],
    )
    return rows[0] if rows else None


def insert_scores(tx: Transaction, review_id: str, project_id: str, scores: Iterable[tuple[str, str, bool]]) -> None:
    """scores: criterion, score, and whether the criterion is critical now."""
    for criterion, score, is_critical in scores:
        tx.execute(
            "INSERT INTO review_scores VALUES (?, ?, ?, ?, ?)", [review_id, project_id, criterion, score, is_critical]
        )


def last_scores(store: Store | Transaction, item_id: str, reviewer: str) -> dict[str, str]:
    """By criterion what this reviewer said last of the item, taken back or not; nothing before the first verdict."""
    rows = store.read(
        "SELECT criterion, score FROM review_scores WHERE review_id = (SELECT id FROM ("
        "SELECT id, item_id, reviewer, decision, seq FROM reviews UNION ALL SELECT id, item_id, reviewer, decision, seq FROM repeat_reviews) "
        "WHERE item_id = ? AND reviewer = ? AND decision <> 'undo' ORDER BY seq DESC LIMIT 1)",
        [item_id, reviewer],
    )
    return {row["criterion"]: row["score"] for row in rows}


def save_choices(tx: Transaction, *, item_id: str, reviewer: str, reasons: list[str], scores: dict[str, str]) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO saved_choices VALUES (?, ?, ?, ?, ?)", [item_id, reviewer, reasons, scores, utc_now()]
    )


def saved_choices(store: Store | Transaction, item_id: str, reviewer: str) -> Row | None:
    """Reasons, and scores by criterion, that were chosen since the last verdict; None where nothing was."""
    rows = store.read(
        "SELECT reasons, scores FROM saved_choices WHERE item_id = ? AND reviewer = ?", [item_id, reviewer]
    )
    return rows[0] if rows else None


def drop_saved_choices(tx: Transaction, *, item_id: str, reviewer: str) -> None:
    tx.execute("DELETE FROM saved_choices WHERE item_id = ? AND reviewer = ?", [item_id, reviewer])


def scores(store: Store, project_id: str) -> list[Row]:
    """What current verdicts say: review_id, criterion, score and is_critical, oldest first."""
    return store.read(
        "SELECT s.review_id, s.criterion, s.score, s.is_critical FROM review_scores s JOIN current_reviews r ON r.id = s.review_id "
        "WHERE s.project_id = ? ORDER BY r.seq, s.rowid",
        [project_id],
    )

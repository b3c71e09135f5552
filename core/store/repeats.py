"""SQL of drafts that come back to who judged them: their items, and the second verdicts, which stand apart from all others."""

from __future__ import annotations

from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now


def insert_item(tx: Transaction, repeat_id: str, *, project_id: str, item_id: str, reviewer: str) -> None:
    tx.execute("INSERT INTO repeat_items VALUES (?, ?, ?, ?, ?)", [repeat_id, project_id, item_id, reviewer, utc_now()])


def not_asked_again(store: Store | Transaction, project_id: str, reviewer: str) -> list[Row]:
    """What this reviewer judged and was never shown again, with brief, system and when: for the server alone.

    Nothing of which it was told who wrote it; its brief may have been opened again by others.
    """
    return store.read(
        "SELECT r.item_id AS id, d.brief_id, d.system, r.reviewed_at FROM standing_reviews r JOIN drafts d ON d.id = r.draft_id "
        "WHERE r.project_id = $1 AND r.reviewer = $2 AND r.item_id NOT IN (SELECT item_id FROM repeat_items WHERE reviewer = $2) "
        "AND r.draft_id NOT IN (SELECT draft_id FROM told_drafts) ORDER BY r.seq",
        [project_id, reviewer],
    )


def open_repeats(store: Store | Transaction, project_id: str, reviewer: str) -> list[Row]:
    """What came back and has no second verdict, while the first one stands and nobody was told who wrote it, with brief and system: for the server alone."""
    return store.read(
        "SELECT p.id, d.brief_id, d.system FROM repeat_items p JOIN review_items i ON i.id = p.item_id JOIN drafts d ON d.id = i.draft_id "
        "WHERE p.project_id = $1 AND p.reviewer = $2 "
        "AND i.draft_id NOT IN (SELECT draft_id FROM told_drafts) AND NOT EXISTS (SELECT 1 FROM current_repeats c WHERE c.item_id = p.id) "
        "AND EXISTS (SELECT 1 FROM standing_reviews r WHERE r.item_id = p.item_id AND r.reviewer = $2) ORDER BY p.made_at, p.id",
        [project_id, reviewer],
    )


def insert_verdict(
    tx: Transaction,
    verdict_id: str,
    *,
    project_id: str,
    item_id: str,
    decision: str,
    final_text: str,
    edit_ratio: float,
    reasons: list[str],
    seconds: float,
    reviewer: str,
    undoes: str | None = None,
) -> None:
    """item_id: of the item that came back."""
    tx.execute(
        "INSERT INTO repeat_reviews (id, project_id, item_id, decision, undoes, final_text, edit_ratio, reasons, seconds, reviewer, "
        "reviewed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [verdict_id, project_id, item_id, decision, undoes, final_text, edit_ratio, reasons, seconds, reviewer, utc_now()],
    )  # fmt: skip


def has_verdict(store: Store | Transaction, item_id: str) -> bool:
    return bool(store.read("SELECT 1 AS one FROM current_repeats WHERE item_id = ? LIMIT 1", [item_id]))


def last_verdict(store: Store | Transaction, project_id: str, reviewer: str) -> Row | None:
    rows = store.read(
        "SELECT * FROM repeat_reviews r WHERE project_id = ? AND reviewer = ? AND decision <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM repeat_reviews u WHERE u.undoes = r.id) ORDER BY seq DESC LIMIT 1",
        [project_id, reviewer],
    )
    return rows[0] if rows else None


def judged_twice(store: Store, project_id: str) -> list[dict[str, Any]]:
    """First and second verdict of one reviewer on one draft, oldest second one first."""
    return store.read(
        "SELECT c.reviewer, r.decision AS first, r.edit_ratio AS first_ratio, c.decision AS again, c.edit_ratio AS again_ratio "
        "FROM current_repeats c JOIN repeat_items p ON p.id = c.item_id "
        "JOIN current_reviews r ON r.item_id = p.item_id AND r.reviewer = c.reviewer "
        # A first verdict that was taken back and given anew came after the second.
        "WHERE c.project_id = ? AND r.seq < c.seq ORDER BY c.seq",
        [project_id],
    )

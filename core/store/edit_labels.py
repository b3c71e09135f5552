"""SQL of the labels that people give to edits, and of the edits that can be labelled."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction


def edited_reviews(store: Store | Transaction, project_id: str) -> list[Row]:
    """Current verdicts that signed a draft off with an edit, with both texts and the brief; no system and no reviewer."""
    return store.read(
        "SELECT r.id, r.item_id, d.brief_id, d.text AS draft, r.final_text AS final, r.edit_ratio "
        "FROM current_reviews r JOIN drafts d ON d.id = r.draft_id "
        "WHERE r.project_id = ? AND r.decision = 'sign_off' AND r.edit_ratio > 0 ORDER BY r.id",
        [project_id],
    )


def labels(store: Store | Transaction, project_id: str) -> list[Row]:
    """Current labels, oldest first, with the ratio of the edit; those of verdicts that were taken back are left out."""
    return store.read(
        "SELECT l.review_id, l.label, l.labelled_by, r.edit_ratio FROM current_edit_labels l "
        "JOIN current_reviews r ON r.id = l.review_id WHERE l.project_id = ? ORDER BY l.seq",
        [project_id],
    )


def last_label(store: Store | Transaction, project_id: str, person: str) -> Row | None:
    rows = store.read(
        "SELECT id, review_id FROM current_edit_labels WHERE project_id = ? AND labelled_by = ? ORDER BY seq DESC LIMIT 1",
        [project_id, person],
    )
    return rows[0] if rows else None


def insert_label(
    tx: Transaction, label_id: str, *, project_id: str, review_id: str, label: str, by: str, undoes: str | None = None
) -> None:
    tx.execute(
        "INSERT INTO edit_labels (id, project_id, review_id, label, undoes, labelled_by, labelled_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [label_id, project_id, review_id, label, undoes, by, tx.at],
    )

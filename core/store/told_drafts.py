"""SQL of drafts of which it was told who wrote them, and of those that are being written anew, whose briefs nothing is told of meanwhile."""

from __future__ import annotations

from collections.abc import Collection

from core.store.connection import Store, Transaction


def insert_told(tx: Transaction, project_id: str, *, brief_id: str | None, but: Collection[str]) -> None:
    """Note every draft of the briefs that have a verdict; of the one alone where it is named, never of those in `but`."""
    tx.execute(
        "INSERT OR IGNORE INTO told_drafts (draft_id, project_id, told_at) SELECT d.id, d.project_id, $2 FROM drafts d "
        "WHERE d.project_id = $1 AND ($3::TEXT IS NULL OR d.brief_id = $3) AND NOT list_contains($4::TEXT[], d.brief_id) "
        "AND d.brief_id IN (SELECT j.brief_id FROM standing_reviews r JOIN drafts j ON j.id = r.draft_id WHERE r.project_id = $1)",
        [project_id, tx.at, brief_id, sorted(but)],
    )


def is_told(store: Store | Transaction, draft_id: str) -> bool:
    return bool(store.read("SELECT 1 AS one FROM told_drafts WHERE draft_id = ?", [draft_id]))


def briefs_written_anew(store: Store | Transaction, project_id: str) -> list[str]:
    """The brief of each draft that a job is to write in the place of one that was set aside for it."""
    rows = store.read(
        "SELECT d.brief_id FROM jobs j JOIN drafts d ON d.id = (j.facts->>'$.in_place_of') "
        "WHERE j.project_id = ? AND j.kind = 'draft' AND (j.state IN ('queued', 'running') OR (j.state = 'done' AND NOT j.is_collected))",
        [project_id],
    )
    return [row["brief_id"] for row in rows]

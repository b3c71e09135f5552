"""SQL of drafts of which it was told who wrote them, of what that tells of drafts written later, and of those that are being written anew, whose
briefs nothing is told of meanwhile."""

from __future__ import annotations

from collections.abc import Collection

from core.store.connection import Store, Transaction


def insert_told(tx: Transaction, project_id: str, *, but: Collection[str]) -> None:
    """Note every draft of the briefs that have a verdict, but of these."""
    tx.execute(
        "INSERT OR IGNORE INTO told_drafts (draft_id, project_id, told_at) SELECT d.id, d.project_id, $2 FROM drafts d "
        "WHERE d.project_id = $1 AND NOT list_contains($3::TEXT[], d.brief_id) "
        "AND d.brief_id IN (SELECT j.brief_id FROM standing_reviews r JOIN drafts j ON j.id = r.draft_id WHERE r.project_id = $1)",
        [project_id, tx.at, sorted(but)],
    )


def insert_told_brief(tx: Transaction, project_id: str, brief_id: str) -> None:
    """Note every draft of the brief, if one of them has a verdict."""
    drafts = [row["id"] for row in tx.read("SELECT id FROM drafts WHERE brief_id = ?", [brief_id])]
    if tx.execute(
        "SELECT 1 AS one FROM reviews WHERE list_contains(?::TEXT[], draft_id) HAVING sum(if(decision = 'undo', -1, 1)) > 0",
        [drafts],
    ):
        tx.execute(
            "INSERT OR IGNORE INTO told_drafts (draft_id, project_id, told_at) SELECT unnest(?::TEXT[]), ?, ?",
            [drafts, project_id, tx.at],
        )


def lacks_verdicts(tx: Transaction, brief_id: str) -> bool:
    """Whether a draft of the brief waits in the queue."""
    rows = tx.read(
        "SELECT i.id, i.draft_id, p.reviewers_per_draft FROM drafts d JOIN review_items i ON i.draft_id = d.id "
        "JOIN projects p ON p.id = i.project_id WHERE d.brief_id = ?",
        [brief_id],
    )
    aside = {row["draft_id"] for row in tx.read("SELECT draft_id FROM current_drafts_aside")}
    told = tx.execute(
        "SELECT draft_id FROM told_drafts WHERE list_contains(?::TEXT[], draft_id)",
        [[row["draft_id"] for row in rows]],
    )
    out = aside | {row["draft_id"] for row in told}
    asked = {row["id"]: row["reviewers_per_draft"] for row in rows if row["draft_id"] not in out}
    given = tx.execute(
        "SELECT item_id, sum(if(decision = 'undo', -1, 1)) AS n FROM reviews WHERE list_contains(?::TEXT[], item_id) GROUP BY item_id",
        [list(asked)],
    )
    n_given = {row["item_id"]: row["n"] for row in given}
    return any(n_given.get(item, 0) < wanted for item, wanted in asked.items())


def is_told(store: Store | Transaction, draft_id: str) -> bool:
    return bool(store.read("SELECT 1 AS one FROM told_drafts WHERE draft_id = ?", [draft_id]))


def briefs_told(store: Store | Transaction, project_id: str) -> set[str]:
    """Briefs with a draft of which it was told who wrote it."""
    rows = store.read(
        "SELECT DISTINCT d.brief_id FROM told_drafts t JOIN drafts d ON d.id = t.draft_id WHERE t.project_id = ?",
        [project_id],
    )
    return {row["brief_id"] for row in rows}


def briefs_known(store: Store | Transaction, project_id: str, reviewer: str) -> set[str]:
    """Those of them of which this reviewer has read such a draft."""
    if not store.read("SELECT 1 AS one FROM told_drafts WHERE project_id = ? LIMIT 1", [project_id]):
        return set()
    rows = store.read(
        "SELECT DISTINCT d.brief_id FROM told_drafts t JOIN drafts d ON d.id = t.draft_id WHERE t.project_id = $1 "
        "AND t.draft_id IN (SELECT draft_id FROM drafts_read WHERE project_id = $1 AND reviewer = $2)",
        [project_id, reviewer],
    )
    return {row["brief_id"] for row in rows}


def knows_others(store: Store | Transaction, draft_id: str, brief_id: str, reviewer: str) -> bool:
    """Whether this reviewer has read another draft of the brief of which it was told who wrote it."""
    others = store.read(
        "SELECT t.draft_id FROM told_drafts t JOIN drafts d ON d.id = t.draft_id WHERE d.brief_id = ? AND d.id <> ?",
        [brief_id, draft_id],
    )
    # What people have read is many rows, and of most briefs nothing was told.
    return bool(others) and bool(
        store.read(
            "SELECT 1 AS one FROM drafts_read WHERE reviewer = ? AND list_contains(?::TEXT[], draft_id) LIMIT 1",
            [reviewer, [row["draft_id"] for row in others]],
        )
    )


def insert_known(tx: Transaction, review_id: str, *, project_id: str) -> None:
    """Note that a verdict was given by somebody who could know who wrote the draft."""
    tx.execute("INSERT INTO known_draft_reviews VALUES (?, ?, ?)", [review_id, project_id, tx.at])


def briefs_written_anew(store: Store | Transaction, project_id: str) -> list[str]:
    """The brief of each draft that a job is to write in the place of one that was set aside for it."""
    rows = store.read(
        "SELECT d.brief_id FROM jobs j JOIN drafts d ON d.id = (j.facts->>'$.in_place_of') "
        "WHERE j.project_id = ? AND j.kind = 'draft' AND (j.state IN ('queued', 'running') OR (j.state = 'done' AND NOT j.is_collected))",
        [project_id],
    )
    return [row["brief_id"] for row in rows]

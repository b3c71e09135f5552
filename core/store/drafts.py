"""SQL of briefs and drafts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now


def insert_brief(
    tx: Transaction,
    brief_id: str,
    *,
    project_id: str,
    external_id: str,
    prompt: str,
    audience: str,
    facts: list[str],
    reference: str | None,
    record_id: str | None,
    by: str,
) -> str:
    """Add a brief, or find the one with the same external id. Returns the id that counts."""
    tx.execute(
        "INSERT OR IGNORE INTO briefs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [brief_id, project_id, external_id, prompt, audience, facts, reference, record_id, utc_now(), by],
    )
    rows = tx.execute("SELECT id FROM briefs WHERE project_id = ? AND external_id = ?", [project_id, external_id])
    return str(rows[0]["id"])


def briefs(store: Store, project_id: str) -> list[Row]:
    return store.read(
        "SELECT b.*, count(d.id) AS n_drafts FROM briefs b LEFT JOIN drafts d ON d.brief_id = b.id WHERE b.project_id = ? "
        "GROUP BY ALL ORDER BY b.created_at, b.external_id",
        [project_id],
    )


def brief(store: Store, project_id: str, external_id: str) -> Row | None:
    return store.read_one("SELECT * FROM briefs WHERE project_id = ? AND external_id = ?", [project_id, external_id])


def insert_drafts_from(tx: Transaction, file: Path) -> None:
    tx.execute("INSERT OR IGNORE INTO drafts BY NAME SELECT * FROM read_parquet(?)", [str(file)])


def insert_review_items(tx: Transaction, items: list[tuple[str, str, str]]) -> None:
    """items: (random item id, project, draft). A draft has one item for good."""
    for item_id, project_id, draft_id in items:
        tx.execute("INSERT OR IGNORE INTO review_items VALUES (?, ?, ?)", [item_id, project_id, draft_id])


def draft_ids_of_job(tx: Transaction, job_id: str) -> list[str]:
    return [row["id"] for row in tx.execute("SELECT id FROM drafts WHERE job_id = ? ORDER BY id", [job_id])]


def drafts_of_job(store: Store, job_id: str) -> list[Row]:
    return store.read(
        "SELECT d.id, b.external_id AS brief, d.system, d.text FROM drafts d JOIN briefs b ON b.id = d.brief_id "
        "WHERE d.job_id = ? ORDER BY b.external_id, d.system",
        [job_id],
    )


def drafts(store: Store, project_id: str) -> list[dict[str, Any]]:
    return store.read(
        "SELECT d.*, b.external_id AS brief, b.prompt FROM drafts d JOIN briefs b ON b.id = d.brief_id "
        "WHERE d.project_id = ? ORDER BY d.created_at DESC, b.external_id, d.system",
        [project_id],
    )

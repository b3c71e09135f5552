"""SQL of drafts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now


def insert_drafts_from(tx: Transaction, file: Path) -> None:
    tx.execute("INSERT OR IGNORE INTO drafts BY NAME SELECT * FROM read_parquet(?)", [str(file)])


def insert_review_items(tx: Transaction, items: list[tuple[str, str, str]]) -> None:
    """items: (random item id, project, draft). A draft has one item for good."""
    for item_id, project_id, draft_id in items:
        tx.execute("INSERT OR IGNORE INTO review_items VALUES (?, ?, ?)", [item_id, project_id, draft_id])


def drafts_of_job(tx: Transaction, job_id: str) -> list[Row]:
    """Those that were not there before, with their brief and system."""
    return tx.execute("SELECT id, brief_id, system FROM drafts WHERE job_id = ? ORDER BY id", [job_id])


def drafts_named(store: Store, ids: list[str]) -> list[Row]:
    return store.read(
        "SELECT d.id, b.external_id AS brief, d.system, d.text FROM drafts d JOIN briefs b ON b.id = d.brief_id "
        "WHERE d.id IN (SELECT unnest(?)) ORDER BY b.external_id, d.system",
        [ids],
    )


def drafts(store: Store, project_id: str) -> list[dict[str, Any]]:
    return store.read(
        "SELECT d.*, b.external_id AS brief, b.prompt, d.id IN (SELECT draft_id FROM current_drafts_aside) AS is_aside "
        "FROM drafts d JOIN briefs b ON b.id = d.brief_id "
        "WHERE d.project_id = ? ORDER BY d.created_at DESC, b.external_id, d.system",
        [project_id],
    )


def tuned_drafts_of(store: Store, run_ids: list[str]) -> list[Row]:
    """What the tuned models of these runs wrote, with the brief, by brief in the order in which these were made."""
    return store.read(
        "SELECT d.*, b.external_id AS brief, b.prompt, b.audience, b.facts, b.form, b.min_words, b.max_words, b.must_not_say FROM drafts d JOIN briefs b ON b.id = d.brief_id "
        "WHERE d.run_id IN (SELECT unnest(?)) AND d.system = 'tuned' ORDER BY b.created_at, b.external_id, d.created_at",
        [run_ids],
    )


def is_set_aside(tx: Transaction, draft_id: str) -> bool:
    return bool(tx.execute("SELECT 1 FROM current_drafts_aside WHERE draft_id = ?", [draft_id]))


def set_aside(store: Store, project_id: str) -> list[Row]:
    """Brief and system of each draft that is set aside now."""
    return store.read(
        "SELECT d.brief_id, d.system FROM drafts d JOIN current_drafts_aside a ON a.draft_id = d.id WHERE d.project_id = ?",
        [project_id],
    )


def draft(store: Store | Transaction, draft_id: str) -> Row | None:
    rows = store.read(
        "SELECT *, id IN (SELECT draft_id FROM current_drafts_aside) AS is_aside FROM drafts WHERE id = ?", [draft_id]
    )
    return rows[0] if rows else None


def highest_seed(store: Store, *, brief_id: str, system: str) -> int:
    """Of the drafts of a brief by one system, whatever run they were asked of: what a base model wrote is the same for all runs."""
    (row,) = store.read(
        "SELECT coalesce(max(seed), -1) AS seed FROM drafts WHERE brief_id = ? AND system = ?", [brief_id, system]
    )
    return int(row["seed"])


def insert_aside(tx: Transaction, draft_id: str, *, project_id: str, is_aside: bool, by: str) -> None:
    tx.execute(
        "INSERT INTO drafts_aside (project_id, draft_id, is_aside, done_by, done_at) VALUES (?, ?, ?, ?, ?)",
        [project_id, draft_id, is_aside, by, utc_now()],
    )

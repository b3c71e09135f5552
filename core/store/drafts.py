"""SQL of briefs and drafts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import Conflict
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
    """Add a brief, or find the very same one. Returns the id that counts. Raises Conflict when the id has another text."""
    rows = tx.execute("SELECT * FROM briefs WHERE project_id = ? AND external_id = ?", [project_id, external_id])
    if not rows:
        tx.execute(
            "INSERT INTO briefs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [brief_id, project_id, external_id, prompt, audience, facts, reference, record_id, utc_now(), by],
        )
        return brief_id
    known = rows[0]
    said = (prompt, audience, facts, reference, record_id)
    if said != tuple(known[name] for name in ("prompt", "audience", "facts", "reference", "record_id")):
        raise Conflict(
            f"There is another brief called {external_id!r}: {known['prompt'][:80]!r}.",
            remedy="A brief never changes once there may be drafts for it; give this one an id of its own.",
        )
    return str(known["id"])


def briefs(store: Store, project_id: str) -> list[Row]:
    return store.read(
        "SELECT b.*, count(d.id) AS n_drafts FROM briefs b LEFT JOIN drafts d ON d.brief_id = b.id WHERE b.project_id = ? "
        "GROUP BY ALL ORDER BY b.created_at, b.external_id",
        [project_id],
    )


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
        "SELECT d.*, b.external_id AS brief, b.prompt FROM drafts d JOIN briefs b ON b.id = d.brief_id "
        "WHERE d.project_id = ? ORDER BY d.created_at DESC, b.external_id, d.system",
        [project_id],
    )


def tuned_drafts_of(store: Store, run_ids: list[str]) -> list[Row]:
    """What the tuned models of these runs wrote, with the brief, by brief in the order in which these were made."""
    return store.read(
        "SELECT d.*, b.external_id AS brief, b.prompt, b.audience, b.facts FROM drafts d JOIN briefs b ON b.id = d.brief_id "
        "WHERE d.run_id IN (SELECT unnest(?)) AND d.system = 'tuned' ORDER BY b.created_at, b.external_id, d.created_at",
        [run_ids],
    )

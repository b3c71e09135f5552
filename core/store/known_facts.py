"""SQL of what drafts may look up: documents of facts, their passages and vectors, and what a draft was given of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.store.connection import Row, Store, Transaction


def insert_documents_from(tx: Transaction, documents: Path, passages: Path, *, project_id: str, by: str) -> int:
    """Take over what a job read; a document of the same bytes that still stands is passed over. Returns how many are new."""
    fresh = tx.execute(
        "INSERT INTO fact_documents (id, project_id, title, origin, owner, expires_on, sha256, n_passages, created_at, created_by) "
        "SELECT id, $2, title, origin, owner, expires_on, sha256, n_passages, $3, $4 FROM read_parquet($1) n "
        "WHERE NOT EXISTS (SELECT 1 FROM fact_documents d WHERE d.project_id = $2 AND d.removed_at IS NULL AND d.sha256 = n.sha256 "
        "AND d.title = n.title) RETURNING id",
        [str(documents), project_id, tx.at, by],
    )
    tx.execute(
        "INSERT INTO fact_passages SELECT id, $2, document_id, place, heading, passage FROM read_parquet($1) "
        "WHERE document_id IN (SELECT unnest($3))",
        [str(passages), project_id, [row["id"] for row in fresh]],
    )
    return len(fresh)


def insert_vectors_from(tx: Transaction, file: Path, *, project_id: str) -> None:
    """Vectors of passages that still stand."""
    tx.execute(
        "INSERT OR REPLACE INTO fact_vectors SELECT fact_id, $2, encoder, vector FROM read_parquet($1) "
        "WHERE fact_id IN (SELECT id FROM known_facts WHERE project_id = $2)",
        [str(file), project_id],
    )


def documents(store: Store, project_id: str) -> list[Row]:
    """Those that stand, newest first."""
    return store.read(
        "SELECT id, title, origin, owner, expires_on, n_passages, created_at, created_by FROM fact_documents "
        "WHERE project_id = ? AND removed_at IS NULL ORDER BY created_at DESC, title",
        [project_id],
    )


def document(store: Store | Transaction, project_id: str, document_id: str) -> Row | None:
    rows = store.read(
        "SELECT * FROM fact_documents WHERE project_id = ? AND id = ? AND removed_at IS NULL", [project_id, document_id]
    )
    return rows[0] if rows else None


def remove_document(tx: Transaction, document_id: str, *, by: str) -> int:
    """Its passages and vectors go; that it was there is kept. Returns how many passages went."""
    gone = tx.execute("SELECT id FROM fact_passages WHERE document_id = ?", [document_id])
    tx.execute("DELETE FROM fact_vectors WHERE fact_id IN (SELECT unnest(?))", [[row["id"] for row in gone]])
    tx.execute("DELETE FROM fact_passages WHERE document_id = ?", [document_id])
    tx.execute("UPDATE fact_documents SET removed_at = ?, removed_by = ? WHERE id = ?", [tx.at, by, document_id])
    return len(gone)


def set_expiry(tx: Transaction, document_id: str, expires_on: date | None) -> None:
    tx.execute("UPDATE fact_documents SET expires_on = ? WHERE id = ?", [expires_on, document_id])


def mark(store: Store, project_id: str, today: date) -> tuple[object, ...]:
    """Another value as soon as something else may be looked up."""
    row = store.read_one(
        "SELECT count(*) AS n, bit_xor(hash(id, passage, title, heading, source)) AS facts FROM known_facts WHERE project_id = ? "
        "AND (expires_on IS NULL OR expires_on >= ?)",
        [project_id, today],
    )
    return tuple((row or {}).values())


def counts(store: Store, project_id: str, today: date) -> Row:
    """usable, stale: passages that may be looked up today, and those whose day has passed."""
    row = store.read_one(
        "SELECT count(*) FILTER (WHERE expires_on IS NULL OR expires_on >= $2) AS usable, "
        "count(*) FILTER (WHERE expires_on < $2) AS stale FROM known_facts WHERE project_id = $1",
        [project_id, today],
    )
    assert row is not None
    return row


def stale(store: Store, project_id: str, today: date, *, limit: int) -> list[Row]:
    """Passages whose day has passed, those that ended last first."""
    return store.read(
        "SELECT id, title, passage, owner, source, expires_on FROM known_facts WHERE project_id = ? AND expires_on < ? "
        "ORDER BY expires_on DESC, id LIMIT ?",
        [project_id, today, limit],
    )


def passages(store: Store, project_id: str, *, document_id: str, limit: int) -> list[Row]:
    return store.read(
        "SELECT heading, passage FROM fact_passages WHERE project_id = ? AND document_id = ? ORDER BY place LIMIT ?",
        [project_id, document_id, limit],
    )


def copy_usable_to(tx: Transaction, project_id: str, today: date, file: Path) -> None:
    """What may be looked up today, with its vector where there is one; ordered by id."""
    to = str(file).replace("'", "''")
    tx.execute(
        "COPY (SELECT k.id, k.title, k.heading, k.passage, k.owner, k.source, k.expires_on, v.encoder, v.vector::FLOAT[] AS vector FROM known_facts k "
        "LEFT JOIN fact_vectors v ON v.fact_id = k.id WHERE k.project_id = ? AND (k.expires_on IS NULL OR k.expires_on >= ?) "
        f"ORDER BY k.id) TO '{to}' (FORMAT parquet)",
        [project_id, today],
    )


def insert_draft_facts_from(tx: Transaction, file: Path) -> None:
    tx.execute("INSERT OR IGNORE INTO draft_facts BY NAME SELECT * FROM read_parquet(?)", [str(file)])


def facts_of_brief(store: Store | Transaction, brief_id: str, today: date) -> list[Row]:
    """What any draft of the brief was given to look at and what still holds today, each passage once, the best first.

    By brief, not by draft: which drafts were given facts would tell who wrote them.
    """
    if not store.read("SELECT 1 AS one FROM draft_facts LIMIT 1"):
        return []
    return store.read(
        "SELECT f.title, f.passage, f.source, min(f.place) AS place FROM draft_facts f JOIN drafts d ON d.id = f.draft_id "
        "WHERE d.brief_id = $1 AND EXISTS (SELECT 1 FROM known_facts k WHERE k.project_id = d.project_id AND k.passage = f.passage "
        "AND (k.expires_on IS NULL OR k.expires_on >= $2)) GROUP BY ALL ORDER BY place, f.passage",
        [brief_id, today],
    )


def facts_of_drafts(store: Store | Transaction, draft_ids: list[str]) -> list[Row]:
    """What each of these drafts was given to look at, in its order, with the draft's brief; is_known: whether the passage may still be shown.

    For drafts alone of which it may be told who wrote them: that a draft was given facts says so.
    """
    return store.read(
        "SELECT f.draft_id, d.brief_id, f.place, f.title, f.passage, f.source, f.expires_on, EXISTS (SELECT 1 FROM known_facts k "
        "WHERE k.project_id = d.project_id AND k.passage = f.passage) AS is_known FROM draft_facts f JOIN drafts d ON d.id = f.draft_id "
        "WHERE list_contains($1::TEXT[], f.draft_id) ORDER BY f.draft_id, f.place",
        [draft_ids],
    )

"""SQL of the keys of /v1: hashes, never the keys themselves."""

from __future__ import annotations

from collections.abc import Sequence

from core.store.connection import Row, Store, Transaction

SHOWN = "id, name, models, requests_per_minute, requests_at_once, created_at, created_by, last_used_at, revoked_at, revoked_by"


def insert_key(
    tx: Transaction,
    key_id: str,
    *,
    name: str,
    key_sha256: str,
    models: Sequence[str],
    requests_per_minute: int,
    requests_at_once: int,
    by: str,
) -> None:
    tx.execute(
        "INSERT INTO api_keys (id, name, key_sha256, models, requests_per_minute, requests_at_once, created_at, created_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [key_id, name, key_sha256, list(models), requests_per_minute, requests_at_once, tx.at, by],
    )


def keys(store: Store | Transaction) -> list[Row]:
    """All of them without their hashes, revoked ones too, newest first."""
    return store.read(f"SELECT {SHOWN} FROM api_keys ORDER BY created_at DESC, id")


def key(store: Store | Transaction, key_id: str) -> Row | None:
    """One with its hash."""
    rows = store.read("SELECT * FROM api_keys WHERE id = ?", [key_id])
    return rows[0] if rows else None


def revoke(tx: Transaction, key_id: str, *, by: str) -> None:
    tx.execute("UPDATE api_keys SET revoked_at = ?, revoked_by = ? WHERE id = ?", [tx.at, by, key_id])


def note_use(tx: Transaction, key_id: str) -> None:
    tx.execute("UPDATE api_keys SET last_used_at = ? WHERE id = ?", [tx.at, key_id])

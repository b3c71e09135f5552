"""SQL of the endpoint elsewhere."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction, utc_now


def endpoint(store: Store | Transaction) -> Row | None:
    """What was set up last; None where there is none, or it was switched off."""
    rows = store.read("SELECT * FROM endpoints ORDER BY seq DESC LIMIT 1", [])
    return rows[0] if rows and rows[0]["url"] else None


def insert_endpoint(
    tx: Transaction, *, url: str, model: str, allows_private: bool, by: str, may_judge: bool = False
) -> None:
    tx.execute(
        "INSERT INTO endpoints (url, model, allows_private, may_judge, set_by, set_at) VALUES (?, ?, ?, ?, ?, ?)",
        [url, model, allows_private, may_judge, by, utc_now()],
    )

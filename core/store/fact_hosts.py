"""SQL of the hosts whose pages may be read for facts."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction


def allowed_hosts(store: Store | Transaction) -> list[Row]:
    """By name; what was said last of a host counts."""
    return store.read(
        "SELECT host, allows_private, set_by, set_at FROM (SELECT * FROM fact_hosts "
        "QUALIFY row_number() OVER (PARTITION BY host ORDER BY seq DESC) = 1) WHERE is_allowed ORDER BY host"
    )


def insert_host(tx: Transaction, host: str, *, is_allowed: bool, allows_private: bool, by: str) -> None:
    tx.execute(
        "INSERT INTO fact_hosts (host, is_allowed, allows_private, set_by, set_at) VALUES (?, ?, ?, ?, ?)",
        [host, is_allowed, allows_private, by, tx.at],
    )

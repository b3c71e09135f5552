"""SQL of who an account is at an identity provider."""

from __future__ import annotations

from core.store.connection import Store, Transaction, new_id


def insert(tx: Transaction, *, account_id: str, issuer: str, subject: str) -> None:
    tx.execute(
        "INSERT INTO sign_on_identities (id, account_id, issuer, subject, linked_at) VALUES (?, ?, ?, ?, ?)",
        [new_id("so_"), account_id, issuer, subject, tx.at],
    )


def account_of(store: Store | Transaction, *, issuer: str, subject: str) -> str | None:
    """The account's id."""
    rows = store.read(
        "SELECT account_id FROM sign_on_identities WHERE issuer = ? AND subject = ? AND removed_at IS NULL",
        [issuer, subject],
    )
    return str(rows[0]["account_id"]) if rows else None


def linked_accounts(store: Store | Transaction) -> set[str]:
    """Ids of the accounts that are linked to somebody."""
    return {
        row["account_id"] for row in store.read("SELECT account_id FROM sign_on_identities WHERE removed_at IS NULL")
    }


def linked_by_issuer(store: Store) -> dict[str, int]:
    """How many accounts that are in use are linked to somebody at each issuer."""
    rows = store.read(
        "SELECT i.issuer, count(DISTINCT i.account_id) AS n FROM sign_on_identities i JOIN accounts a ON a.id = i.account_id "
        "WHERE i.removed_at IS NULL AND a.ended_at IS NULL GROUP BY i.issuer ORDER BY i.issuer"
    )
    return {row["issuer"]: row["n"] for row in rows}


def remove_all(tx: Transaction, account_id: str, *, by: str) -> int:
    """How many there were."""
    return len(
        tx.execute(
            "UPDATE sign_on_identities SET removed_at = ?, removed_by = ? WHERE account_id = ? AND removed_at IS NULL RETURNING id",
            [tx.at, by, account_id],
        )
    )

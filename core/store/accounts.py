"""SQL of accounts, of their roles, and of which project an object belongs to."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction

SHOWN = "id, name, created_at, created_by, ended_at, ended_by"
# How the objects that a path names without their project are found.
PROJECT_OF = {
    "run": "SELECT id, project_id FROM runs WHERE id = $1 OR name = $1 ORDER BY id <> $1, created_at DESC",
    "export": "SELECT id, project_id FROM exports WHERE id = $1",
    "pair": "SELECT id, project_id FROM draft_pairs WHERE id = $1",
    "item": "SELECT id, project_id FROM review_items WHERE id = $1",
    "draft": "SELECT id, project_id FROM drafts WHERE id = $1",
    "job": "SELECT id, project_id FROM jobs WHERE id = $1",
    "source": "SELECT id, project_id FROM sources WHERE id = $1",
}


def insert_account(tx: Transaction, account_id: str, *, name: str, password_hash: str, by: str) -> None:
    tx.execute(
        "INSERT INTO accounts (id, name, name_key, password_hash, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)",
        [account_id, name, name.casefold(), password_hash, tx.at, by],
    )


def has_accounts(store: Store | Transaction) -> bool:
    return bool(store.read("SELECT 1 AS one FROM accounts LIMIT 1"))


def accounts(store: Store | Transaction) -> list[Row]:
    """All of them without their hashes, ended ones too, by name."""
    return store.read(f"SELECT {SHOWN} FROM accounts ORDER BY name_key")


def account(store: Store | Transaction, name_or_id: str) -> Row | None:
    """One with its hash, by id or by name in any case."""
    rows = store.read(
        "SELECT * FROM accounts WHERE id = ? OR name_key = ? ORDER BY id <> ?",
        [name_or_id, name_or_id.casefold(), name_or_id],
    )
    return rows[0] if rows else None


def account_named(store: Store | Transaction, name: str) -> Row | None:
    """One with its hash, by name in any case."""
    rows = store.read("SELECT * FROM accounts WHERE name_key = ?", [name.casefold()])
    return rows[0] if rows else None


def set_password(tx: Transaction, account_id: str, password_hash: str) -> None:
    tx.execute("UPDATE accounts SET password_hash = ? WHERE id = ?", [password_hash, account_id])


def end(tx: Transaction, account_id: str, *, by: str) -> None:
    tx.execute("UPDATE accounts SET ended_at = ?, ended_by = ? WHERE id = ?", [tx.at, by, account_id])


def set_role(tx: Transaction, account_id: str, project_id: str, role: str | None, *, by: str) -> None:
    tx.execute(
        "INSERT INTO role_changes (account_id, project_id, role, changed_at, changed_by) VALUES (?, ?, ?, ?, ?)",
        [account_id, project_id, role, tx.at, by],
    )


def memberships(store: Store | Transaction) -> list[Row]:
    return store.read("SELECT * FROM memberships ORDER BY project_id, account_id")


def roles_of(store: Store | Transaction, account_id: str) -> dict[str, str]:
    """By project id."""
    rows = store.read("SELECT project_id, role FROM memberships WHERE account_id = ?", [account_id])
    return {row["project_id"]: row["role"] for row in rows}


def role_counts(store: Store, project_id: str) -> dict[str, int]:
    """How many hold each role in a project, roles everywhere included; who holds two is counted with both."""
    rows = store.read(
        "SELECT m.role, count(DISTINCT a.id) AS n FROM accounts a JOIN memberships m ON m.account_id = a.id "
        "WHERE a.ended_at IS NULL AND m.project_id IN (?, '') GROUP BY m.role ORDER BY m.role",
        [project_id],
    )
    return {row["role"]: int(row["n"]) for row in rows}


def names_in(store: Store, project_id: str) -> list[str]:
    """Who may judge drafts there: everybody with a role but auditors."""
    rows = store.read(
        "SELECT DISTINCT a.name FROM accounts a JOIN memberships m ON m.account_id = a.id "
        "WHERE a.ended_at IS NULL AND m.project_id IN (?, '') AND m.role <> 'auditor'",
        [project_id],
    )
    return [row["name"] for row in rows]


def names_by_role(store: Store, project_id: str) -> dict[str, list[str]]:
    """Who may judge drafts there, by the role that they have in the project or everywhere; by name."""
    rows = store.read(
        "SELECT m.role, list(DISTINCT a.name ORDER BY a.name) AS names FROM accounts a JOIN memberships m ON m.account_id = a.id "
        "WHERE a.ended_at IS NULL AND m.project_id IN (?, '') AND m.role <> 'auditor' GROUP BY m.role",
        [project_id],
    )
    return {row["role"]: row["names"] for row in rows}


def homes(store: Store, noun: str, name_or_id: str) -> list[Row]:
    """Ids and projects of the objects that this may stand for, the likeliest first."""
    return store.read(PROJECT_OF[noun], [name_or_id])

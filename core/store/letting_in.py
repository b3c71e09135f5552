"""SQL of what lets somebody in: sessions, invitations, access tokens. Hashes, never the secrets."""

from __future__ import annotations

from datetime import datetime

from core.store.connection import Row, Store, Transaction


def insert_session(tx: Transaction, session_id: str, *, account_id: str, secret_sha256: str) -> None:
    tx.execute(
        "INSERT INTO sessions (id, account_id, secret_sha256, started_at, used_at) VALUES (?, ?, ?, ?, ?)",
        [session_id, account_id, secret_sha256, tx.at, tx.at],
    )


def session(store: Store | Transaction, session_id: str) -> Row | None:
    rows = store.read("SELECT * FROM sessions WHERE id = ?", [session_id])
    return rows[0] if rows else None


def open_sessions(store: Store | Transaction, *, started_after: datetime, used_after: datetime) -> list[Row]:
    """Without their hashes, with the name of whose they are, the last used first."""
    return store.read(
        "SELECT s.id, s.account_id, a.name, s.started_at, s.used_at FROM sessions s JOIN accounts a ON a.id = s.account_id "
        "WHERE s.ended_at IS NULL AND s.started_at > ? AND s.used_at > ? ORDER BY s.used_at DESC, s.id",
        [started_after, used_after],
    )


def note_session_use(tx: Transaction, session_id: str) -> None:
    tx.execute("UPDATE sessions SET used_at = ? WHERE id = ? AND ended_at IS NULL", [tx.at, session_id])


def end_session(tx: Transaction, session_id: str, *, why: str) -> bool:
    """False where it had ended already."""
    return bool(
        tx.execute(
            "UPDATE sessions SET ended_at = ?, why_ended = ? WHERE id = ? AND ended_at IS NULL RETURNING id",
            [tx.at, why, session_id],
        )
    )


def end_sessions_of(tx: Transaction, account_id: str, *, why: str, but: str = "") -> int:
    """All of an account but one; returns how many were open."""
    ended = tx.execute(
        "UPDATE sessions SET ended_at = ?, why_ended = ? WHERE account_id = ? AND id <> ? AND ended_at IS NULL RETURNING id",
        [tx.at, why, account_id, but],
    )
    return len(ended)


def insert_invitation(
    tx: Transaction,
    invitation_id: str,
    *,
    secret_sha256: str,
    name: str,
    project_id: str,
    role: str | None,
    expires_at: datetime,
    by: str,
    account_id: str | None = None,
) -> None:
    tx.execute(
        "INSERT INTO invitations (id, secret_sha256, account_id, name, project_id, role, created_at, created_by, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [invitation_id, secret_sha256, account_id, name, project_id, role, tx.at, by, expires_at],
    )


def invitation(store: Store | Transaction, invitation_id: str) -> Row | None:
    rows = store.read("SELECT * FROM invitations WHERE id = ?", [invitation_id])
    return rows[0] if rows else None


def open_invitations(store: Store | Transaction, *, now: datetime) -> list[Row]:
    """Those that can still be used, without their hashes, newest first."""
    return store.read(
        "SELECT id, account_id, name, project_id, role, created_at, created_by, expires_at FROM invitations "
        "WHERE used_at IS NULL AND revoked_at IS NULL AND expires_at > ? ORDER BY created_at DESC, id",
        [now],
    )


def use_invitation(tx: Transaction, invitation_id: str) -> bool:
    """False where it cannot be used any more."""
    used = tx.execute(
        "UPDATE invitations SET used_at = ? WHERE id = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ? RETURNING id",
        [tx.at, invitation_id, tx.at],
    )
    return bool(used)


def revoke_invitation(tx: Transaction, invitation_id: str, *, by: str) -> bool:
    """False where it cannot be used any more anyway."""
    revoked = tx.execute(
        "UPDATE invitations SET revoked_at = ?, revoked_by = ? WHERE id = ? AND used_at IS NULL AND revoked_at IS NULL RETURNING id",
        [tx.at, by, invitation_id],
    )
    return bool(revoked)


def revoke_links_of(tx: Transaction, account_id: str, *, by: str) -> list[str]:
    """Every link for another password of an account that could still be used; returns their ids."""
    return _revoke_links(tx, "account_id = ?", account_id, by=by)


def revoke_links_by(tx: Transaction, name: str, *, by: str) -> list[str]:
    """Every link that somebody made, for whomever, and that could still be used; returns their ids."""
    return _revoke_links(tx, "created_by = ?", name, by=by)


def _revoke_links(tx: Transaction, which: str, value: str, *, by: str) -> list[str]:
    revoked = tx.execute(
        f"UPDATE invitations SET revoked_at = ?, revoked_by = ? WHERE {which} AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ? "
        "RETURNING id",
        [tx.at, by, value, tx.at],
    )
    return [row["id"] for row in revoked]


def insert_token(
    tx: Transaction,
    token_id: str,
    *,
    account_id: str,
    name: str,
    secret_sha256: str,
    role: str,
    project_id: str,
    expires_at: datetime,
    by: str,
) -> None:
    tx.execute(
        "INSERT INTO access_tokens (id, account_id, name, secret_sha256, role, project_id, created_at, created_by, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [token_id, account_id, name, secret_sha256, role, project_id, tx.at, by, expires_at],
    )


def token(store: Store | Transaction, token_id: str) -> Row | None:
    rows = store.read("SELECT * FROM access_tokens WHERE id = ?", [token_id])
    return rows[0] if rows else None


def tokens(store: Store | Transaction) -> list[Row]:
    """All of them without their hashes, revoked ones too, newest first, with the name of whose they are."""
    return store.read(
        "SELECT t.id, t.account_id, a.name AS account, t.name, t.role, t.project_id, t.created_at, t.created_by, t.expires_at, t.used_at, "
        "t.revoked_at, t.revoked_by FROM access_tokens t JOIN accounts a ON a.id = t.account_id ORDER BY t.created_at DESC, t.id"
    )


def note_token_use(tx: Transaction, token_id: str) -> None:
    tx.execute("UPDATE access_tokens SET used_at = ? WHERE id = ?", [tx.at, token_id])


def revoke_token(tx: Transaction, token_id: str, *, by: str) -> bool:
    """False where it was revoked already."""
    revoked = tx.execute(
        "UPDATE access_tokens SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL RETURNING id",
        [tx.at, by, token_id],
    )
    return bool(revoked)

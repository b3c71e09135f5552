"""Single sign-on: an account is linked to somebody at an identity provider, and comes in as that.

Linked it is by who can show both at once: an invitation, or an open session, and the sign-on. A name or an address that a provider
tells links nobody: people may choose theirs.
"""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from core.errors import Conflict, Unauthenticated
from core.people.secrets import Secret
from core.store import accounts as account_rows
from core.store import sign_on as rows
from core.store.connection import Transaction
from core.store.trail_start import STUDIO
from core.workflows.people import checked_account_name, invited, use_link
from core.workflows.signing_in import Session, begin_session, is_open
from core.workflows.workspace import Workspace


def sign_on(workspace: Workspace, *, issuer: str, subject: str) -> Secret:
    """Begin the session of whoever is linked. Raises Unauthenticated where nobody is."""
    account_id = rows.account_of(workspace.store, issuer=issuer, subject=subject)
    if account_id is None:
        with workspace.store.transaction() as tx:
            tx.event("sign_in_failed", "account", "", by=STUDIO, how="single sign-on")
        raise Unauthenticated(
            f"{_host(issuer)} knows you, but no account here is linked to you there.",
            remedy="Open the invitation that an owner gave you, or ask for one. If you have a password here, sign in with it and link your account on Your account.",
        )
    return begin_session(workspace, account_id)


def join(workspace: Workspace, shown: str, *, name: str, issuer: str, subject: str) -> str:
    """Use a link, once: the account that it stands for is linked. Returns the account's id.

    name: chosen by the first owner, given by the link for everybody else. Raises Unauthenticated, Invalid, Conflict.
    """
    row = invited(workspace, shown)
    chosen = row["name"] or checked_account_name(name)
    with workspace.store.transaction() as tx:
        _check_is_nobodys(tx, issuer, subject)
        account_id, _ = use_link(tx, row, chosen, hashed="")
        _link(tx, account_id, chosen, issuer, subject)
    return account_id


def link(workspace: Workspace, session: Session, *, issuer: str, subject: str) -> None:
    """Link the account of an open session. Raises Unauthenticated where it ended meanwhile, Conflict where another account is linked."""
    with workspace.store.transaction() as tx:
        if not is_open(workspace, session.id):
            raise Unauthenticated("Your session ended meanwhile, so nothing was linked.", remedy="Sign in again.")
        if rows.account_of(tx, issuer=issuer, subject=subject) == session.account:
            return
        _check_is_nobodys(tx, issuer, subject)
        _link(tx, session.account, session.name, issuer, subject)


def is_linked(workspace: Workspace, account_id: str) -> bool:
    return account_id in rows.linked_accounts(workspace.store)


def has_password(workspace: Workspace, account_id: str) -> bool:
    row = account_rows.account(workspace.store, account_id)
    return bool(row and row["password_hash"])


def linked_by_host(workspace: Workspace) -> dict[str, int]:
    """How many accounts are linked to somebody at each provider's host."""
    found = Counter[str]()
    for issuer, n in rows.linked_by_issuer(workspace.store).items():
        found[_host(issuer)] += n
    return dict(found)


def _host(issuer: str) -> str:
    return urlsplit(issuer).hostname or issuer


def _check_is_nobodys(tx: Transaction, issuer: str, subject: str) -> None:
    if rows.account_of(tx, issuer=issuer, subject=subject) is not None:
        raise Conflict(
            f"An account here is linked to you at {_host(issuer)} already.",
            remedy="Sign in with it, or ask an owner to unlink it.",
        )


def _link(tx: Transaction, account_id: str, name: str, issuer: str, subject: str) -> None:
    rows.insert(tx, account_id=account_id, issuer=issuer, subject=subject)
    # Not who that is there: the trail is kept for longer than people may be.
    tx.event("sign_on_linked", "account", account_id, by=name)

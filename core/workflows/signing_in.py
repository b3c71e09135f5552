"""Signing in and out: sessions that begin with a password and end by themselves, by a person, or with what they rested on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.errors import NotFound, Unauthenticated
from core.people.passwords import checked_password, is_password, password_hash
from core.people.roles import Caller
from core.people.secrets import SESSION, Secret, fits, new_secret, row_of
from core.store import accounts as account_rows
from core.store import letting_in as door_rows
from core.store.connection import Row, utc_now
from core.store.trail_start import STUDIO
from core.workflows.people import caller_of, end_password_links
from core.workflows.workspace import Workspace

# A working day with its breaks, and a week: then the password is asked for again.
IDLE, LONGEST = timedelta(hours=4), timedelta(days=7)
# A use is noted again only after this long: a write for every click would be most of its work.
NOTED_EVERY = timedelta(minutes=1)
WRONG = "Name and password do not belong together."


@dataclass(frozen=True, slots=True)
class Session:
    """One that is open now."""

    id: str
    account: str
    name: str


def sign_in(workspace: Workspace, name: str, password: str) -> Secret:
    """Begin a session; slow by intention, and as slow for a name that nobody has. Raises Unauthenticated, with the same words for whatever is wrong."""
    row = account_rows.account_named(workspace.store, " ".join(name.split()))
    hashed = row["password_hash"] if row and not row["ended_at"] else None
    if not is_password(password, hashed) or row is None:
        with workspace.store.transaction() as tx:
            # Not what was typed: people type their password into the wrong field.
            # Nor as an act of the account: who does not know its password may be anybody.
            tx.event("sign_in_failed", "account", row["id"] if row else "", by=STUDIO)
        raise Unauthenticated(WRONG, remedy="Try again, or ask an owner for a link to choose another password.")
    return begin_session(workspace, row["id"], hashed=row["password_hash"])


def begin_session(workspace: Workspace, account_id: str, *, hashed: str | None = None) -> Secret:
    """For somebody who has just shown a password or a link. hashed: what the password was checked against.

    Raises Unauthenticated where the account has ended meanwhile, or has another password.
    """
    secret = new_secret(SESSION)
    with workspace.store.transaction() as tx:
        row = account_rows.account(tx, account_id)
        if row is None or row["ended_at"] or hashed not in (None, row["password_hash"]):
            raise Unauthenticated(WRONG, remedy="Try again.")
        door_rows.insert_session(tx, secret.id, account_id=account_id, secret_sha256=secret.sha256)
        tx.event("signed_in", "account", account_id, by=row["name"], session=secret.id)
    return secret


def session_of(workspace: Workspace, shown: str) -> Session | None:
    """The session behind a cookie, where it is open."""
    found = row_of(SESSION, shown)
    row = door_rows.session(workspace.store, found) if found else None
    return _opened(workspace, row) if fits(shown, row["secret_sha256"] if row else None) else None


def is_open(workspace: Workspace, session_id: str) -> bool:
    return _opened(workspace, door_rows.session(workspace.store, session_id)) is not None


def note_use(workspace: Workspace, session_id: str) -> None:
    """Somebody did something: the time until the session ends by itself begins anew."""
    with workspace.store.transaction() as tx:
        door_rows.note_session_use(tx, session_id)


def caller_of_session(workspace: Workspace, shown: str) -> Caller | None:
    """Who asks, by a cookie, with the roles of this moment."""
    session = session_of(workspace, shown)
    row = account_rows.account(workspace.store, session.account) if session else None
    return caller_of(workspace, row) if row else None


def list_sessions(workspace: Workspace) -> list[Row]:
    """Open ones without what would open anything, the last used first."""
    now = utc_now()
    return door_rows.open_sessions(workspace.store, started_after=now - LONGEST, used_after=now - IDLE)


def sign_out(workspace: Workspace, session: Session) -> None:
    with workspace.store.transaction() as tx:
        if door_rows.end_session(tx, session.id, why="signed out"):
            tx.event("signed_out", "account", session.account, by=session.name, session=session.id)


def end_session(workspace: Workspace, session_id: str, *, by: str) -> None:
    """End somebody's session. Raises NotFound where it is not open."""
    with workspace.store.transaction() as tx:
        row = door_rows.session(tx, session_id)
        if row is None or not door_rows.end_session(tx, session_id, why="ended"):
            raise NotFound(f"There is no open session {session_id!r}.", remedy="It may have ended by itself.")
        tx.event("session_ended", "account", row["account_id"], by=by, session=session_id)


def change_password(workspace: Workspace, session: Session, *, old: str, new: str) -> None:
    """Every session of the account ends, this one too. Raises Unauthenticated for a wrong old one, Invalid for the new one."""
    row = account_rows.account(workspace.store, session.account)
    if row is None or not is_password(old, row["password_hash"]):
        with workspace.store.transaction() as tx:
            tx.event("sign_in_failed", "account", session.account, by=STUDIO, session=session.id)
        raise Unauthenticated("That is not your password.", remedy="Type the one that you signed in with.")
    hashed = password_hash(checked_password(new, name=session.name))
    with workspace.store.transaction() as tx:
        # Hashing took its time: whoever ended this session meanwhile, or chose a password, is not undone.
        now, opened = account_rows.account(tx, session.account), door_rows.session(tx, session.id)
        if now is None or now["password_hash"] != row["password_hash"] or opened is None or opened["ended_at"]:
            raise Unauthenticated(
                "Your session ended meanwhile, so your password was not changed.", remedy="Sign in again."
            )
        account_rows.set_password(tx, session.account, hashed)
        door_rows.end_sessions_of(tx, session.account, why="password changed")
        end_password_links(tx, session.account, by=session.name)
        tx.event("password_changed", "account", session.account, by=session.name)


def _opened(workspace: Workspace, row: Row | None) -> Session | None:
    now = utc_now()
    if row is None or row["ended_at"] or now - row["started_at"] >= LONGEST or now - row["used_at"] >= IDLE:
        return None
    account = account_rows.account(workspace.store, row["account_id"])
    if account is None or account["ended_at"]:
        return None
    return Session(row["id"], account["id"], account["name"])

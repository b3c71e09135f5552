"""People: invited by link, given roles in projects, ended. The front door of accounts; signing in is beside it.

Who manages people is an owner everywhere; one such owner there always is, once there is an account.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import Conflict, Invalid, NotFound, Unauthenticated
from core.nouns import Role
from core.people.passwords import checked_password, password_hash
from core.people.roles import EVERYWHERE, Caller
from core.people.secrets import INVITATION, Secret, fits, new_secret, row_of
from core.store import accounts as account_rows
from core.store import letting_in as door_rows
from core.store import projects as project_rows
from core.store import sign_on as sign_on_rows
from core.store.connection import Row, Store, Transaction, new_id, utc_now
from core.store.trail_start import STUDIO
from core.workflows.workspace import Workspace, checked_person, project_named

# What a path may name without its project.
OBJECTS = tuple(account_rows.PROJECT_OF)
SET_UP_HOURS, INVITATION_DAYS = 24, 7
# No brackets: what is done at the machine itself carries them, and nobody is to be taken for it.
NAME = re.compile(r"[^\W_][\w .,'@-]{0,79}")
# Names under which the studio itself acts.
OWN_NAMES = frozenset({"local", "studio", STUDIO, "unknown", "proofroom", "sample"})
NO_INVITATION = "This link cannot be used: it was used already, taken back, or has expired."


@dataclass(frozen=True, slots=True)
class Person:
    """roles: by the project's name, EVERYWHERE among them. signs_on: linked to somebody at an identity provider."""

    account: str
    name: str
    roles: Mapping[str, Role]
    created_at: datetime
    ended_at: datetime | None
    signs_on: bool


def has_accounts(workspace: Workspace) -> bool:
    return account_rows.has_accounts(workspace.store)


def set_up_link(workspace: Workspace) -> Secret | None:
    """The one link by which the first owner comes in; an earlier one ends. None where there is an account."""
    secret = new_secret(INVITATION)
    with workspace.store.transaction() as tx:
        if account_rows.has_accounts(tx):
            return None
        for row in door_rows.open_invitations(tx, now=tx.at):
            door_rows.revoke_invitation(tx, row["id"], by="studio")
        door_rows.insert_invitation(
            tx, secret.id, secret_sha256=secret.sha256, name="", project_id=EVERYWHERE, role=Role.OWNER,
            expires_at=tx.at + timedelta(hours=SET_UP_HOURS), by="studio",
        )  # fmt: skip
        tx.event("made", "set_up_link", secret.id, by="studio")
    return secret


def invite(workspace: Workspace, name: str, *, role: str, project: str | None, by: str) -> Secret:
    """A link by which a new person chooses a password. project: None for everywhere. Raises Invalid, Conflict, NotFound."""
    chosen, given = checked_account_name(name), checked_role(role)
    project_id = project_named(workspace, project)["id"] if project else EVERYWHERE
    secret = new_secret(INVITATION)
    with workspace.store.transaction() as tx:
        if not account_rows.has_accounts(tx):
            raise Conflict(
                "Nobody signs in here yet.",
                remedy="Start `proofroom serve --sign-in`; it prints the link of the first account, which owns the studio.",
            )
        _check_is_free(tx, chosen)
        for row in door_rows.open_invitations(tx, now=tx.at):
            if row["name"].casefold() == chosen.casefold():
                door_rows.revoke_invitation(tx, row["id"], by=by)
        door_rows.insert_invitation(
            tx, secret.id, secret_sha256=secret.sha256, name=chosen, project_id=project_id, role=given,
            expires_at=tx.at + timedelta(days=INVITATION_DAYS), by=by,
        )  # fmt: skip
        tx.event("invited", "invitation", secret.id, by=by, project_id=project_id, role=given)
    return secret


def new_password_link(workspace: Workspace, name: str, *, by: str) -> Secret:
    """A link by which somebody who has an account chooses another password; an earlier one ends. Raises NotFound."""
    secret = new_secret(INVITATION)
    with workspace.store.transaction() as tx:
        row = _account(tx, name)
        end_password_links(tx, row["id"], by=by)
        door_rows.insert_invitation(
            tx, secret.id, secret_sha256=secret.sha256, name=row["name"], project_id=EVERYWHERE, role=None,
            expires_at=tx.at + timedelta(days=1), by=by, account_id=row["id"],
        )  # fmt: skip
        tx.event("new_password_link", "account", row["id"], by=by)
    return secret


def link_of(secret: Secret) -> str:
    """Where it is used, below the studio's address; what stands behind the # no server, log or referrer is told."""
    return f"/join#{secret.shown}"


def invited(workspace: Workspace, shown: str) -> Row:
    """The invitation behind a link that can still be used. Raises Unauthenticated, with the same words for whatever is wrong."""
    found = row_of(INVITATION, shown)
    row = door_rows.invitation(workspace.store, found) if found else None
    is_right = fits(shown, row["secret_sha256"] if row else None)
    if row is None or not is_right or row["used_at"] or row["revoked_at"] or row["expires_at"] <= utc_now():
        raise _no_invitation()
    if row["account_id"]:
        _account_of_link(workspace.store, row)
    return row


def redeem(workspace: Workspace, shown: str, *, name: str, password: str) -> str:
    """Use a link, once: the account that it stands for gets this password. Returns the account's id; slow by intention.

    name: chosen by the first owner, given by the link for everybody else. Raises Unauthenticated, Invalid, Conflict.
    """
    row = invited(workspace, shown)
    chosen = row["name"] or checked_account_name(name)
    hashed = password_hash(checked_password(password, name=chosen))
    with workspace.store.transaction() as tx:
        account_id, is_new = use_link(tx, row, chosen, hashed=hashed)
        if not is_new:
            account_rows.set_password(tx, account_id, hashed)
            door_rows.end_sessions_of(tx, account_id, why="password changed")
            tx.event("password_changed", "account", account_id, by=chosen)
    return account_id


def use_link(tx: Transaction, row: Row, chosen: str, *, hashed: str) -> tuple[str, bool]:
    """Use an invitation up: the account that it stands for, and whether that was made by it, with this hash. Raises Unauthenticated, Conflict.

    hashed: empty for an account without a password.
    """
    if not door_rows.use_invitation(tx, row["id"]):
        raise _no_invitation()
    if row["account_id"]:
        account_id = str(_account_of_link(tx, row)["id"])
        end_password_links(tx, account_id, by=chosen)
        return account_id, False
    if not row["name"] and account_rows.has_accounts(tx):
        raise _no_invitation()
    _check_is_free(tx, chosen)
    account_id = new_id("a_")
    account_rows.insert_account(tx, account_id, name=chosen, password_hash=hashed, by=row["created_by"])
    tx.event("joined", "account", account_id, by=chosen)
    _give(tx, account_id, row["project_id"], Role(row["role"]), by=row["created_by"])
    return account_id, True


def list_people(workspace: Workspace) -> list[Person]:
    """Everybody with their roles by the names of the projects, those who left too, by name."""
    store = workspace.store
    names = {row["id"]: row["name"] for row in project_rows.projects(store)} | {EVERYWHERE: EVERYWHERE}
    held: dict[str, dict[str, Role]] = {}
    linked = sign_on_rows.linked_accounts(store)
    held_here = [row for row in account_rows.memberships(store) if row["project_id"] in names]
    for row in sorted(held_here, key=lambda one: (one["project_id"] != EVERYWHERE, names[one["project_id"]].lower())):
        held.setdefault(row["account_id"], {})[names[row["project_id"]]] = Role(row["role"])
    return [
        Person(row["id"], row["name"], held.get(row["id"], {}), row["created_at"], row["ended_at"], row["id"] in linked)
        for row in account_rows.accounts(store)
    ]


def list_invitations(workspace: Workspace) -> list[Row]:
    """Links that can still be used, without what would open anything; project is a name, empty for everywhere."""
    names = {row["id"]: row["name"] for row in project_rows.projects(workspace.store)}
    return [
        row | {"project": names.get(row["project_id"], "")}
        for row in door_rows.open_invitations(workspace.store, now=utc_now())
    ]


def revoke_invitation(workspace: Workspace, invitation: str, *, by: str) -> None:
    """Take a link back. Raises NotFound, Conflict."""
    with workspace.store.transaction() as tx:
        if door_rows.invitation(tx, invitation) is None:
            raise NotFound(f"There is no invitation {invitation!r}.")
        if not door_rows.revoke_invitation(tx, invitation, by=by):
            raise Conflict("That link was used or taken back already.")
        tx.event("revoked", "invitation", invitation, by=by)


def set_role(workspace: Workspace, name: str, *, role: str | None, project: str | None, by: str) -> None:
    """Give a person a role in a project, or everywhere for None, in place of the one there; None takes it away.

    A role that is changed or taken ends the person's sessions, so that nothing stays open that it had opened; a first one does not.
    Raises NotFound, Invalid, Conflict for the last owner.
    """
    given = checked_role(role) if role is not None else None
    project_id = project_named(workspace, project)["id"] if project else EVERYWHERE
    with workspace.store.transaction() as tx:
        row = _account(tx, name)
        before = account_rows.roles_of(tx, row["id"]).get(project_id)
        if before == given:
            return
        if before == Role.OWNER and project_id == EVERYWHERE:
            _check_is_not_last_owner(tx, row)
        _give(tx, row["id"], project_id, given, by=by)
        if before is not None:
            door_rows.end_sessions_of(tx, row["id"], why="role changed")


def end_account(workspace: Workspace, name: str, *, by: str) -> None:
    """Nobody signs in with it any more; its sessions and tokens end, and the links for it and those that its person made. What they did stays. Raises NotFound, Conflict."""
    with workspace.store.transaction() as tx:
        row = _account(tx, name)
        _check_is_not_last_owner(tx, row)
        account_rows.end(tx, row["id"], by=by)
        door_rows.end_sessions_of(tx, row["id"], why="account ended")
        for token in door_rows.tokens(tx):
            if token["account_id"] == row["id"]:
                door_rows.revoke_token(tx, token["id"], by=by)
        end_password_links(tx, row["id"], by=by)
        sign_on_rows.remove_all(tx, row["id"], by=by)
        # Who made a link may have kept it: by one of them they would come in again as somebody else.
        tx.events("revoked", "invitation", door_rows.revoke_links_by(tx, row["name"], by=by), by=by)
        tx.event("ended", "account", row["id"], by=by)


def unlink_sign_on(workspace: Workspace, name: str, *, by: str) -> None:
    """Nobody comes in as this person by single sign-on any more, and their sessions end. Raises NotFound, Conflict."""
    with workspace.store.transaction() as tx:
        row = _account(tx, name)
        if not sign_on_rows.remove_all(tx, row["id"], by=by):
            raise Conflict(f"{row['name']} is linked to no identity provider.")
        door_rows.end_sessions_of(tx, row["id"], why="sign-on unlinked")
        tx.event("sign_on_unlinked", "account", row["id"], by=by)


def end_password_links(tx: Transaction, account_id: str, *, by: str) -> None:
    """Take back every link by which another password of an account could still be chosen."""
    tx.events("revoked", "invitation", door_rows.revoke_links_of(tx, account_id, by=by), by=by)


def caller_of(workspace: Workspace, account: Row) -> Caller:
    """Who asks, with the roles of this moment."""
    roles = account_rows.roles_of(workspace.store, account["id"])
    return Caller(account["name"], {place: Role(role) for place, role in roles.items()}, account["id"])


def project_for(workspace: Workspace, name_or_id: str, caller: Caller) -> str:
    """The id of a project, among those that the caller may see: others are to them as if there were none. Raises NotFound."""
    row = project_rows.project_named(workspace.store, name_or_id)
    if row is None or not caller.may_see(row["id"]):
        names = ", ".join(one["name"] for one in projects_for(workspace, caller)) or "none yet"
        raise NotFound(f"There is no project called {name_or_id!r}.", remedy=f"Projects here: {names}.")
    return str(row["id"])


def projects_for(workspace: Workspace, caller: Caller) -> list[Row]:
    return [row for row in project_rows.projects(workspace.store) if caller.may_see(row["id"])]


def home_of(workspace: Workspace, noun: str, name_or_id: str, caller: Caller) -> tuple[str, str]:
    """The id and the project of what a path names without its project, among the projects that the caller may see. Raises NotFound, Conflict."""
    rows = [row for row in account_rows.homes(workspace.store, noun, name_or_id) if caller.may_see(row["project_id"])]
    if not rows:
        raise NotFound(f"There is no {noun} {name_or_id!r}.")
    if rows[0]["id"] != name_or_id and len({row["project_id"] for row in rows}) > 1:
        raise Conflict(f"Several projects have a {noun} {name_or_id!r}.", remedy="Use its id.")
    return rows[0]["id"], rows[0]["project_id"]


def checked_account_name(name: str) -> str:
    """Raises Invalid with what is allowed."""
    cleaned = checked_person(name)
    if not NAME.fullmatch(cleaned) or cleaned.casefold() in OWN_NAMES:
        raise Invalid(
            f"{cleaned!r} cannot be an account's name.",
            remedy="Begin with a letter or digit, and use letters, digits, spaces and . , ' @ - _.",
        )
    return cleaned


def checked_role(role: str) -> Role:
    if role not in list(Role):
        raise Invalid(f"There is no role {role!r}.", remedy=f"Choose one of {', '.join(Role)}.")
    return Role(role)


def _account(tx: Transaction, name_or_id: str) -> Row:
    row = account_rows.account(tx, name_or_id)
    if row is None or row["ended_at"]:
        names = ", ".join(one["name"] for one in account_rows.accounts(tx) if not one["ended_at"]) or "none yet"
        raise NotFound(f"There is no account {name_or_id!r}.", remedy=f"Accounts: {names}.")
    return row


def _account_of_link(store: Store | Transaction, link: Row) -> Row:
    """Raises Unauthenticated where it has ended: who has the link alone is told no more than that it is none."""
    row = account_rows.account(store, link["account_id"])
    if row is None or row["ended_at"]:
        raise _no_invitation()
    return row


def _no_invitation() -> Unauthenticated:
    return Unauthenticated(NO_INVITATION, remedy="If you came in by it before, sign in; otherwise ask for another one.")


def _check_is_free(tx: Transaction, name: str) -> None:
    taken = account_rows.account(tx, name)
    if taken is not None:
        left = " of somebody who left" if taken["ended_at"] else ""
        raise Conflict(
            f"{name} is the name of an account{left} already.", remedy="Choose another: it stands with what they did."
        )


def _check_is_not_last_owner(tx: Transaction, row: Row) -> None:
    ended = {one["id"] for one in account_rows.accounts(tx) if one["ended_at"]}
    owners = {
        one["account_id"]
        for one in account_rows.memberships(tx)
        if (one["project_id"], one["role"]) == (EVERYWHERE, Role.OWNER) and one["account_id"] not in ended
    }
    if owners == {row["id"]}:
        raise Conflict(
            f"{row['name']} is the only owner everywhere.", remedy="Make somebody else an owner everywhere first."
        )


def _give(tx: Transaction, account_id: str, project_id: str, role: Role | None, *, by: str) -> None:
    account_rows.set_role(tx, account_id, project_id, role, by=by)
    tx.event(
        "role_changed", "account", account_id, by=by, project_id=project_id, role=role or "none",
        project=project_id or "everywhere",
    )  # fmt: skip

"""Access tokens: how a person's scripts ask the API. Shown once, narrowed to a role and a project, expiring, revocable."""

from __future__ import annotations

from datetime import timedelta

from core.errors import Conflict, Invalid, NotFound, Unauthenticated
from core.nouns import Role
from core.people.roles import EVERYWHERE, LADDER, Caller, Limits
from core.people.secrets import ACCESS_TOKEN, Secret, fits, new_secret, row_of
from core.store import accounts as account_rows
from core.store import letting_in as door_rows
from core.store import projects as project_rows
from core.store.connection import Row, utc_now
from core.workflows.people import caller_of, checked_role
from core.workflows.workspace import Workspace, checked_name, project_named

MOST_DAYS, USUAL_DAYS = 365, 90
NOTED_EVERY = timedelta(minutes=1)


def make_token(
    workspace: Workspace, name: str, *, account: str, role: str, project: str | None, by: str, days: int = USUAL_DAYS
) -> Secret:
    """A token of a person's. project: None for all that the person may. Raises Invalid, NotFound, Conflict for a role that they do not have."""
    checked_name(name, "token")
    narrowed = checked_role(role)
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"A token for {days:,} days is not possible.", remedy=f"Choose 1 to {MOST_DAYS}.")
    project_id = project_named(workspace, project)["id"] if project else EVERYWHERE
    secret = new_secret(ACCESS_TOKEN)
    with workspace.store.transaction() as tx:
        row = account_rows.account(tx, account)
        if row is None or row["ended_at"]:
            raise NotFound(f"There is no account {account!r}.", remedy="`proofroom accounts list` shows them.")
        held = [Role(one) for place, one in account_rows.roles_of(tx, row["id"]).items() if _reaches(place, project_id)]
        if not any(_covers(one, narrowed) for one in held):
            raise Conflict(
                f"{row['name']} is no {narrowed} there, and a token cannot do more than its person.",
                remedy=f"Choose a role that {row['name']} has, or a lesser one.",
            )
        if any(one["name"] == name and _is_in_use(one) for one in door_rows.tokens(tx)):
            raise Conflict(f"A token called {name!r} is in use already.", remedy="Choose another name, or revoke it.")
        door_rows.insert_token(
            tx, secret.id, account_id=row["id"], name=name, secret_sha256=secret.sha256, role=narrowed,
            project_id=project_id, expires_at=tx.at + timedelta(days=days), by=by,
        )  # fmt: skip
        tx.event(
            "made", "access_token", secret.id, by=by, project_id=project_id, account=row["id"], role=narrowed, days=days
        )
    return secret


def list_tokens(workspace: Workspace) -> list[Row]:
    """Every token without what would open anything, revoked ones too, newest first; project is a name, empty for all."""
    names = {row["id"]: row["name"] for row in project_rows.projects(workspace.store)}
    return [
        row | {"project": names.get(row["project_id"], ""), "is_in_use": _is_in_use(row)}
        for row in door_rows.tokens(workspace.store)
    ]


def revoke_token(workspace: Workspace, token: str, *, by: str) -> Row:
    """Take a token back; the next request that shows it is refused. token: its id, or the name of one in use. Raises NotFound, Conflict."""
    with workspace.store.transaction() as tx:
        rows = door_rows.tokens(tx)
        found = [row for row in rows if row["name"] == token and _is_in_use(row)]
        found = found or [row for row in rows if token in (row["id"], row["name"])]
        if not found:
            raise NotFound(f"There is no token {token!r}.", remedy="`proofroom tokens list` shows them.")
        if not door_rows.revoke_token(tx, found[0]["id"], by=by):
            raise Conflict(f"The token {found[0]['name']} was revoked already.")
        tx.event("revoked", "access_token", found[0]["id"], by=by)
    return {"id": found[0]["id"], "name": found[0]["name"]}


def caller_of_token(workspace: Workspace, shown: str) -> Caller:
    """Who asks, narrowed to what the token is for; its use is noted. Raises Unauthenticated, with the same words for whatever is wrong."""
    found = row_of(ACCESS_TOKEN, shown)
    row = door_rows.token(workspace.store, found) if found else None
    is_right = fits(shown, row["secret_sha256"] if row else None)
    account = account_rows.account(workspace.store, row["account_id"]) if row else None
    if row is None or not is_right or not _is_in_use(row) or account is None or account["ended_at"]:
        raise Unauthenticated(
            "The request shows no valid token.",
            remedy="Send `Authorization: Bearer …` with a token from `proofroom tokens add`.",
        )
    if row["used_at"] is None or utc_now() - row["used_at"] > NOTED_EVERY:
        with workspace.store.transaction() as tx:
            door_rows.note_token_use(tx, row["id"])
    whole = caller_of(workspace, account)
    return Caller(whole.name, whole.roles, whole.account, Limits(Role(row["role"]), row["project_id"]))


def _is_in_use(row: Row) -> bool:
    return row["revoked_at"] is None and row["expires_at"] > utc_now()


def _reaches(place: str, project_id: str) -> bool:
    """Whether a role held there counts for a token of that project; one for all projects counts wherever a role is held."""
    return place in (EVERYWHERE, project_id) or project_id == EVERYWHERE


def _covers(held: Role, wanted: Role) -> bool:
    if Role.AUDITOR in (held, wanted):
        return held in (wanted, Role.OWNER)
    return LADDER.index(held) >= LADDER.index(wanted)

"""People: accounts, roles, links, sessions and access tokens. For owners of the studio."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from core.nouns import Role
from core.workflows import access_tokens, people, signing_in
from studio import running
from studio.access import acting_person, needs
from studio.running import workspace

router = APIRouter(tags=["people"])
By = Annotated[str, Depends(acting_person)]


class NewPerson(BaseModel):
    """project: left out for everywhere."""

    name: str
    role: str
    project: str | None = None


class GivenRole(BaseModel):
    """role: null takes it away. project: left out for everywhere."""

    role: str | None
    project: str | None = None


class NewToken(BaseModel):
    """account: whose. role, project: what it is narrowed to; left out, every project of the person's."""

    name: str
    account: str
    role: str
    project: str | None = None
    days: int = access_tokens.USUAL_DAYS


@router.get("/accounts", dependencies=[needs(Role.OWNER)])
def accounts() -> list[dict[str, Any]]:
    """Everybody with their roles by project, `everywhere` among them; those who left too."""
    return [
        asdict(one) | {"roles": {place or "everywhere": role for place, role in one.roles.items()}}
        for one in people.list_people(workspace())
    ]


@router.put("/accounts/{account}/role", dependencies=[needs(Role.OWNER)])
def give_role(account: str, body: GivenRole, by: By) -> dict[str, Any]:
    """Another role than before, or none, ends the person's sessions."""
    people.set_role(workspace(), account, role=body.role, project=body.project, by=by)
    return {"account": account, "role": body.role, "project": body.project or "everywhere"}


@router.post("/accounts/{account}/end", dependencies=[needs(Role.OWNER)])
def end(account: str, by: By) -> dict[str, str]:
    people.end_account(workspace(), account, by=by)
    return {"account": account}


@router.post("/accounts/{account}/unlink", dependencies=[needs(Role.OWNER)])
def unlink(account: str, by: By) -> dict[str, str]:
    """Single sign-on lets nobody in as this person any more, and their sessions end."""
    people.unlink_sign_on(workspace(), account, by=by)
    return {"account": account}


@router.post("/accounts/{account}/new-password", dependencies=[needs(Role.OWNER)])
def new_password(account: str, by: By, request: Request) -> dict[str, str]:
    """A link by which the person chooses another password; not shown again."""
    return {"link": _link(request, people.new_password_link(workspace(), account, by=by))}


@router.get("/invitations", dependencies=[needs(Role.OWNER)])
def invitations() -> list[dict[str, Any]]:
    """Links that can still be used, without the part that opens anything."""
    return people.list_invitations(workspace())


@router.post("/invitations", dependencies=[needs(Role.OWNER)])
def invite(body: NewPerson, by: By, request: Request) -> dict[str, str]:
    """The answer has the link, which is not shown again."""
    made = people.invite(workspace(), body.name, role=body.role, project=body.project, by=by)
    return {"invitation": made.id, "link": _link(request, made)}


@router.delete("/invitations/{invitation}", dependencies=[needs(Role.OWNER)])
def revoke_invitation(invitation: str, by: By) -> dict[str, str]:
    people.revoke_invitation(workspace(), invitation, by=by)
    return {"invitation": invitation}


@router.get("/sessions", dependencies=[needs(Role.OWNER)])
def sessions() -> list[dict[str, Any]]:
    return signing_in.list_sessions(workspace())


@router.delete("/sessions/{session}", dependencies=[needs(Role.OWNER)])
def end_session(session: str, by: By) -> dict[str, str]:
    """Its pages close at once."""
    signing_in.end_session(workspace(), session, by=by)
    return {"session": session}


@router.get("/tokens", dependencies=[needs(Role.OWNER)])
def tokens() -> list[dict[str, Any]]:
    """Every token without the part that opens anything, revoked ones too."""
    return access_tokens.list_tokens(workspace())


@router.post("/tokens", dependencies=[needs(Role.OWNER)])
def add_token(body: NewToken, by: By) -> dict[str, Any]:
    """The answer has the token, which is not shown again."""
    made = access_tokens.make_token(
        workspace(), body.name, account=body.account, role=body.role, project=body.project, days=body.days, by=by
    )
    return {"id": made.id, "token": made.shown}


@router.post("/tokens/{token}/revoke", dependencies=[needs(Role.OWNER)])
def revoke_token(token: str, by: By) -> dict[str, Any]:
    """token: its id, or the name of one in use. The next request that shows it is refused."""
    return access_tokens.revoke_token(workspace(), token, by=by)


def _link(request: Request, secret: people.Secret) -> str:
    origin = running.public_address() or f"{request.url.scheme}://{request.url.netloc}"
    return origin + people.link_of(secret)

"""Accounts as their links make them, without a page."""

from __future__ import annotations

from core.nouns import Role
from core.workflows import people
from core.workflows.workspace import Workspace

PASSWORD = "a long enough sentence"


def first_owner(workspace: Workspace, name: str = "Olga") -> str:
    """The account's id."""
    link = people.set_up_link(workspace)
    assert link is not None
    return people.redeem(workspace, link.shown, name=name, password=PASSWORD)


def joined(workspace: Workspace, name: str, role: Role, project: str | None = None) -> str:
    """A person who used their invitation; the account's id."""
    link = people.invite(workspace, name, role=role, project=project, by="Olga")
    return people.redeem(workspace, link.shown, name="", password=PASSWORD)

"""What a role may do, and who is asking.

Owner, engineer, lead and reviewer each may what the next one may; an auditor stands beside them and only reads what is open
to auditors. A person has one role in a project, and may have one everywhere, which also holds for projects to come and for
what belongs to no project. An access token narrows what its person may; it never widens it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.nouns import Role

# In place of a project's id: all of them, those to come, and the studio itself.
EVERYWHERE = ""
LADDER = (Role.REVIEWER, Role.LEAD, Role.ENGINEER, Role.OWNER)
MEANING = {
    Role.OWNER: "everything, people included",
    Role.ENGINEER: "data, versions, runs, models, drafts and review",
    Role.LEAD: "data, review settings and results",
    Role.REVIEWER: "judges drafts, blind",
    Role.AUDITOR: "reads results and registers, changes nothing",
}


@dataclass(frozen=True, slots=True)
class Need:
    """The least role for something; what needs an auditor is for owners and auditors. auditors: they may too, since it only reads."""

    role: Role
    auditors: bool = False

    def is_met(self, role: Role) -> bool:
        if role is Role.AUDITOR:
            return self.auditors or self.role is Role.AUDITOR
        if self.role is Role.AUDITOR:
            return role is Role.OWNER
        return LADDER.index(role) >= LADDER.index(self.role)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an access token is for. project: its id, or everywhere that its person may."""

    role: Role
    project: str = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. name: stored with what they do. roles: by project id, EVERYWHERE among them. account: none for who sits at the machine."""

    name: str
    roles: Mapping[str, Role]
    account: str = ""
    limits: Limits | None = None

    def roles_in(self, project: str) -> frozenset[Role]:
        return frozenset(self.roles[place] for place in {project, EVERYWHERE} if place in self.roles)

    def may(self, need: Need, project: str) -> bool:
        """project: its id, or EVERYWHERE for what belongs to none."""
        if self.limits and not (self.limits.project in (EVERYWHERE, project) and need.is_met(self.limits.role)):
            return False
        return any(need.is_met(role) for role in self.roles_in(project))

    def may_see(self, project: str) -> bool:
        """Whether the person has any role there."""
        is_within = self.limits is None or self.limits.project in (EVERYWHERE, project)
        return is_within and bool(self.roles_in(project))

    def may_somewhere(self, need: Need, projects: Collection[str]) -> bool:
        """projects: the ids of all there are."""
        return any(self.may(need, project) for project in {*projects, EVERYWHERE})

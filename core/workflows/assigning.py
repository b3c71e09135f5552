"""Who judges what: briefs, with all their drafts, are assigned to named reviewers, or to all who have a role at that moment.

Assigned is always a brief, never a draft: who gets a draft must say nothing of who wrote it. Drafts that are written for it later go
to the same people. A brief that nobody is assigned to is for everybody, unless the project says that reviewers get only what is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid, NotFound
from core.nouns import Role
from core.store import accounts as account_rows
from core.store import assignments as rows
from core.store import briefs as brief_rows
from core.store.connection import Row
from core.workflows.workspace import Workspace, checked_person, project_named

MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Which:
    """Which briefs, in one of four ways: by id or external id, by a tag of their records, by the job that wrote drafts for them, or all."""

    briefs: tuple[str, ...] = ()
    tag: str = ""
    job: str = ""
    all: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What is assigned to one reviewer: briefs, their drafts, and of these those judged by them and those that wait for them."""

    reviewer: str
    n_briefs: int
    n_drafts: int
    n_done: int
    n_left: int


@dataclass(frozen=True, slots=True)
class Assignments:
    """loads: most left first. briefs: each assigned one with whom. n_unassigned, n_short: drafts that wait, without anybody, or for more
    people than they are assigned to. assigned_only: whether reviewers get nothing else."""

    loads: tuple[Load, ...]
    briefs: tuple[dict[str, Any], ...]
    n_unassigned: int
    n_short: int
    reviewers_per_draft: int
    assigned_only: bool

    @property
    def warnings(self) -> list[str]:
        """What stands in the way of every draft getting its verdicts, in sentences."""
        found = []
        if self.n_short:
            is_one = self.n_short == 1
            found.append(
                f"{'1 draft is' if is_one else f'{self.n_short:,} drafts are'} assigned to fewer people than judge each "
                f"({self.reviewers_per_draft}), and would wait for ever: assign {'it' if is_one else 'them'} to more people."
            )
        if self.assigned_only and self.n_unassigned:
            is_one = self.n_unassigned == 1
            found.append(
                f"{'1 draft waits' if is_one else f'{self.n_unassigned:,} drafts wait'} and {'is' if is_one else 'are'} assigned to nobody, "
                "so nobody gets " + ("it." if is_one else "them.")
            )
        return found


def assign(
    workspace: Workspace, project: str, which: Which, *, to: Sequence[str] = (), role: str = "", by: str
) -> dict[str, Any]:
    """Assign briefs, with all their drafts, to each of these reviewers; whoever had them keeps them. Raises Invalid, NotFound.

    role: besides, to everybody who has it in the project or everywhere now.
    """
    return _act(workspace, project, which, [*to, *_with_role(workspace, project, role)], is_assigned=True, by=by)


def unassign(workspace: Workspace, project: str, which: Which, *, of: Sequence[str] = (), by: str) -> dict[str, Any]:
    """Take briefs from these reviewers, or from all. Verdicts stay, and who is in such a draft finishes it. Raises Invalid, NotFound."""
    return _act(workspace, project, which, of, is_assigned=False, by=by)


def assignments(workspace: Workspace, project: str) -> Assignments:
    row = project_named(workspace, project)
    return Assignments(
        loads=tuple(Load(**load) for load in rows.loads(workspace.store, row["id"])),
        briefs=tuple(rows.assigned(workspace.store, row["id"])),
        **rows.counts(workspace.store, row["id"]),
        reviewers_per_draft=row["reviewers_per_draft"],
        assigned_only=row["assigned_only"],
    )


def known_reviewers(workspace: Workspace, project: str) -> list[str]:
    """Who has judged or been given something here, and whose role lets them."""
    project_id = project_named(workspace, project)["id"]
    return sorted({*rows.reviewers(workspace.store, project_id), *account_rows.names_in(workspace.store, project_id)})


def people_by_role(workspace: Workspace, project: str) -> dict[Role, list[str]]:
    """Who has which role that lets them judge drafts here, the roles in their order; nothing where nobody has an account."""
    found = account_rows.names_by_role(workspace.store, project_named(workspace, project)["id"])
    return {role: found[role] for role in Role if role in found}


def choices(workspace: Workspace, project: str) -> dict[str, list[Row]]:
    """What briefs can be chosen by: tags and jobs, with how many briefs each stands for."""
    project_id = project_named(workspace, project)["id"]
    return {
        "tags": rows.tags_of_briefs(workspace.store, project_id),
        "jobs": rows.jobs_of_drafts(workspace.store, project_id),
    }


def chosen_briefs(workspace: Workspace, project: str, which: Which) -> list[str]:
    """Ids of the briefs. Raises Invalid where not exactly one way is named, NotFound where it stands for none."""
    row = project_named(workspace, project)
    if sum(map(bool, (which.briefs, which.tag, which.job, which.all))) != 1:
        raise Invalid(
            "It is not clear which briefs are meant.", remedy="Name briefs, or a tag, or a job, or all of them."
        )
    if which.tag:
        return _some(
            rows.briefs_tagged(workspace.store, row["id"], which.tag),
            f"No brief comes from a record tagged {which.tag!r}.",
        )
    if which.job:
        return _some(
            rows.briefs_of_job(workspace.store, row["id"], which.job), f"No draft was written by a job {which.job!r}."
        )
    briefs = brief_rows.briefs(workspace.store, row["id"])
    if which.all:
        return _some([brief["id"] for brief in briefs], f"{row['name']} has no brief yet.")
    by_name = {brief["external_id"]: brief["id"] for brief in briefs} | {brief["id"]: brief["id"] for brief in briefs}
    unknown = [name for name in which.briefs if name not in by_name]
    if unknown:
        raise NotFound(f"There is no brief {unknown[0]!r} in {row['name']}.", remedy="Use ids as `briefs` lists them.")
    return list(dict.fromkeys(by_name[name] for name in which.briefs))


def _act(
    workspace: Workspace, project: str, which: Which, people: Sequence[str], *, is_assigned: bool, by: str
) -> dict[str, Any]:
    person = checked_person(by)
    row = project_named(workspace, project)
    named = list(dict.fromkeys(checked_person(one) for one in people))
    if is_assigned and not named:
        raise Invalid("Nobody is named.", remedy="Name the reviewers, or a role.")
    if len(named) > MOST_PEOPLE:
        raise Invalid(f"{len(named)} reviewers at once are not possible.", remedy=f"Name up to {MOST_PEOPLE}.")
    briefs = chosen_briefs(workspace, project, which)
    with workspace.store.transaction() as tx:
        if not named:
            named = sorted({one for found in rows.assigned(tx, row["id"]) for one in found["reviewers"]})
        n_changed = rows.insert_acts(tx, row["id"], briefs, named, is_assigned=is_assigned, by=person)
        tx.event(
            "assigned" if is_assigned else "unassigned", "drafts", row["id"], by=person, project_id=row["id"],
            n_briefs=len(briefs), n_people=len(named), n_changed=n_changed,
        )  # fmt: skip
        n_drafts = rows.n_drafts_of(tx, briefs)
    return {"reviewers": named, "n_briefs": len(briefs), "n_drafts": n_drafts, "n_changed": n_changed}


def _with_role(workspace: Workspace, project: str, role: str) -> list[str]:
    if not role:
        return []
    able = [one for one in Role if one is not Role.AUDITOR]
    if role not in able:
        raise Invalid(f"{role!r} is no role that judges drafts.", remedy=f"Choose {', '.join(able)}.")
    people = people_by_role(workspace, project).get(Role(role), [])
    if not people:
        raise NotFound(
            f"Nobody has the role {role} in {project_named(workspace, project)['name']}.", remedy="Name the reviewers."
        )
    return people


def _some(briefs: list[str], otherwise: str) -> list[str]:
    if not briefs:
        raise NotFound(otherwise)
    return briefs

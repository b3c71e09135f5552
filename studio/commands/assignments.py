"""Commands on who judges what: review assign, review unassign, review assignments."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.commands.common import By, Data, Json, Project, connect, show
from studio.commands.review import review
from studio.parts.counting import several

Briefs = Annotated[
    list[str] | None, typer.Option("--brief", help="A brief's id; may come several times.", show_default=False)
]
Tag = Annotated[str, typer.Option(help="Instead: briefs from records with this tag.", show_default=False)]
Job = Annotated[str, typer.Option(help="Instead: briefs that this job wrote drafts for.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Instead: every brief.")]


@review.command("assign")
def review_assign(
    project: Project,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="A reviewer's name; may come several times.", show_default=False),
    ] = None,
    role: Annotated[
        str, typer.Option(help="Also everybody who has this role here now, such as reviewer.", show_default=False)
    ] = "",
    brief: Briefs = None,
    tag: Tag = "",
    job: Job = "",
    everything: All = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Give briefs, with all their drafts, to named reviewers or to all with a role; others do not get them any more."""
    body = _body(to or [], brief, tag, job, everything) | {"role": role}
    answer = connect(data, by).post("projects", project, "assignments", body=body)
    show(answer, as_json, lambda: f"{_what(answer)} assigned to {', '.join(answer['reviewers'])}.")


@review.command("unassign")
def review_unassign(
    project: Project,
    of: Annotated[
        list[str] | None,
        typer.Option("--of", help="A reviewer's name; everybody, if none is named.", show_default=False),
    ] = None,
    brief: Briefs = None,
    tag: Tag = "",
    job: Job = "",
    everything: All = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take briefs from reviewers; verdicts stay."""
    body = _body(of or [], brief, tag, job, everything)
    answer = connect(data, by).post("projects", project, "assignments", "take-off", body=body)
    show(answer, as_json, lambda: f"{_what(answer)} taken from {', '.join(answer['reviewers']) or 'nobody'}.")


@review.command("assignments")
def review_assignments(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Who has how many drafts left."""
    answer = connect(data).get("projects", project, "assignments")
    lines = [
        f"{load['reviewer']}: {load['n_left']} of {several(load['n_drafts'], 'draft')} left ({several(load['n_briefs'], 'brief')})"
        for load in answer["loads"]
    ]
    lines.append(f"Assigned to nobody: {several(answer['n_unassigned'], 'draft')}.")
    show(answer, as_json, lambda: "\n".join([*lines, *answer["warnings"]]))


def _body(reviewers: list[str], brief: list[str] | None, tag: str, job: str, everything: bool) -> dict[str, Any]:
    return {"reviewers": reviewers, "briefs": brief or [], "tag": tag, "job": job, "all": everything}


def _what(answer: dict[str, Any]) -> str:
    return f"{several(answer['n_briefs'], 'brief')} with {several(answer['n_drafts'], 'draft')}"

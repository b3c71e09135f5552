"""Commands on briefs and single drafts: briefs add, import, list, templates; draft again, aside, back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from core.records.encoding import decode
from studio.commands.common import By, Data, Json, Project, connect, show
from studio.parts.counting import several

briefs = typer.Typer(help="Briefs: add, import, list, templates.", no_args_is_help=True)
draft = typer.Typer(
    help="One draft, before anybody judges it: again, aside, back. Look at drafts only if you do not review.",
    no_args_is_help=True,
)
Draft = Annotated[str, typer.Argument(help="Its id, as in the JSON of `proofroom drafts`.")]


@briefs.command("add")
def add(
    prompt: Annotated[str, typer.Argument(help="What is to be written.")],
    project: Project,
    audience: Annotated[str, typer.Option(help="For whom.")] = "",
    form: Annotated[str, typer.Option("--format", help="Such as: a title and three paragraphs.")] = "",
    length: Annotated[str, typer.Option(help="80-120, or 100 for at most so many words.")] = "",
    fact: Annotated[
        list[str] | None, typer.Option(help="A fact that it must use; several times.", show_default=False)
    ] = None,
    not_say: Annotated[
        list[str] | None, typer.Option(help="Words that it must not say; several times.", show_default=False)
    ] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add one brief."""
    body = {"prompt": prompt, "audience": audience, "format": form, "length": length, "facts": fact or [], "must_not_say": not_say or []}  # fmt: skip
    answer = connect(data, by).post("projects", project, "briefs", "typed", body=body)
    show(answer, as_json, lambda: f"Added as {answer['brief']}.")


@briefs.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="JSON Lines, or CSV with a header.", exists=True, dir_okay=False)],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add the briefs of a file. Rows that are none are listed with the reason; the others get in.

    Fields or columns: id, prompt, audience, format, length, facts, must_not_say, reference.
    """
    answer = add_from(connect(data, by), project, file)
    show(answer, as_json, lambda: f"{several(len(answer['briefs']), 'brief')} added or there already.")


@briefs.command("list")
def listing(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Every brief with its number of drafts."""
    rows = connect(data).get("projects", project, "briefs")
    lines = [f"{row['external_id']}: {row['prompt'][:80]!r}, {several(row['n_drafts'], 'draft')}" for row in rows]
    show({"briefs": rows}, as_json, lambda: "\n".join(lines) or "No brief yet.")


@briefs.command("templates")
def templates(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Briefs to begin with, for the goal of the project."""
    rows = connect(data).get("projects", project, "briefs", "templates")
    lines = [f"{row['name']}: {row['prompt']!r} For {row['audience']}; {row['length']} words." for row in rows]
    show({"templates": rows}, as_json, lambda: "\n".join(lines))


@draft.command("again")
def again(
    draft: Draft,
    max_new_tokens: Annotated[int, typer.Option(help="The longest it may be.")] = 256,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set it aside and have it written anew by the same system, with other luck."""
    client = connect(data, by)
    job = client.post("drafts", draft, "again", body={"max_new_tokens": max_new_tokens})["job"]
    client.wait(job, quiet=as_json)
    answer = client.get("jobs", job, "drafts")
    words = (
        "Written anew; the former one waits aside."
        if answer["drafts"]
        else "Not written anew; the former one stays where it was."
    )
    show(answer, as_json, lambda: "\n".join([words, *answer["missed"]]))


@draft.command("aside")
def aside(draft: Draft, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take it out of the queue; it stays stored."""
    answer = connect(data, by).put("drafts", draft, "aside", body={"is_aside": True})
    show(answer, as_json, lambda: "Set aside.")


@draft.command("back")
def back(draft: Draft, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Put it back into the queue."""
    answer = connect(data, by).put("drafts", draft, "aside", body={"is_aside": False})
    show(answer, as_json, lambda: "Back in the queue.")


def add_from(client: Any, project: str, file: Path) -> dict[str, Any]:
    """Add the briefs of a file, and say on standard error which rows were refused."""
    added: dict[str, Any] = client.post(
        "projects", project, "briefs", body={"lines": decode(file.read_bytes(), file.name).text}
    )
    for one in added["refused"]:
        print(f"{file.name}, row {one['row']}: {one['reason']}", file=sys.stderr)
    return added

"""Commands on quality: flags list and set; gold add, remove, list and undo; rescore; difficulty."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from core.errors import Invalid
from studio.commands.common import By, Data, Json, Project, connect, show

flags = typer.Typer(help="The flags that count in a project: list, set.", no_args_is_help=True)
gold = typer.Typer(
    help="The gold subset, which others are compared with: add, remove, list, undo.", no_args_is_help=True
)
Records = Annotated[list[str], typer.Argument(help="One or more records, by id or external id.")]


@flags.command("list")
def list_flags(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Every flag, whether it is on here, and how many records have it."""
    show_flags(connect(data).get("projects", project, "flags"), as_json)


@flags.command("set")
def set_flags(
    project: Project,
    changes: Annotated[list[str], typer.Argument(help="NAME=on or NAME=off, one or more.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Switch flags on or off; records are scored anew, and nothing is measured again."""
    wanted = dict(parsed(change) for change in changes)
    client = connect(data, by)
    answer = client.put("projects", project, "flags", body={"flags": wanted})
    if answer["job"]:
        client.wait(answer["job"], quiet=as_json)
    show_flags(answer["flags"], as_json)


@gold.command("add")
def add(records: Records, project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Add records to the gold subset."""
    mark(records, project, by, data, as_json, remove=False)


@gold.command("remove")
def remove(records: Records, project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take records out of the gold subset."""
    mark(records, project, by, data, as_json, remove=True)


@gold.command("list")
def list_gold(project: Project, data: Data = None, as_json: Json = False) -> None:
    """The records of the gold subset."""
    rows = connect(data).get("projects", project, "gold")
    words = "\n".join(f"{row['external_id']}  {row['title']}" for row in rows) or "No record is marked yet."
    show({"gold": rows}, as_json, lambda: words)


@gold.command("undo")
def undo(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take back your last mark."""
    answer = connect(data, by).post("projects", project, "gold", "undo")
    show(answer, as_json, lambda: "Taken back." if answer["record"] else "There is nothing to undo.")


def rescore(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Score all records anew: learnt from your decisions where there are enough, else by the formula."""
    client = connect(data, by)
    job = client.post("projects", project, "rescore")["job"]
    if job:
        client.wait(job, quiet=as_json)
    state = client.get("projects", project, "score-state")
    show(state, as_json, lambda: score_in_words(state))


def difficulty(
    project: Project,
    limit: Annotated[int, typer.Option(help="So many records at most, the most doubtful first.")] = 500,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Let a base model read the answers of doubtful records: does the question help it to foresee them?"""
    client = connect(data, by)
    job = client.post("projects", project, "difficulty", body={"limit": limit})["job"]
    if job:
        client.wait(job, quiet=as_json)
    state = client.get("projects", project, "difficulty")
    show(
        state,
        as_json,
        lambda: (
            f"{state['n']} records are in doubt; {state['n_read']} of them have been read, {state['n_measured'] - state['n_read']} give no example."
        ),
    )


def score_in_words(state: dict[str, Any]) -> str:
    """One sentence on how scores are made."""
    if state["kind"] == "learnt":
        facts = state["facts"]
        return (
            f"Scores are learnt from {state['n_decisions']} decisions: {facts['accuracy']:.0%} of them right when left out "
            f"({facts['share_of_larger']:.0%} by always saying the same), AUROC {facts['auroc']:.2f}."
        )
    missing = state["n_missing"]
    return "Scores follow the fixed formula" + (
        f"; {missing} more decisions to learn from are needed." if missing else "."
    )


def parsed(change: str) -> tuple[str, bool]:
    name, _, value = change.partition("=")
    if value not in ("on", "off"):
        raise Invalid(f"{change!r} does not say on or off.", remedy="Write for instance off_voice=off.")
    return name, value == "on"


def mark(records: list[str], project: str, by: str, data: Any, as_json: bool, *, remove: bool) -> None:
    client = connect(data, by)
    answer: dict[str, Any] = {}
    for record in records:
        answer = client.post("projects", project, "gold", body={"record": record, "remove": remove})
    show(answer, as_json, lambda: f"{answer['n_gold']} records in the gold subset.")


def show_flags(rows: list[dict[str, Any]], as_json: bool) -> None:
    words = [
        f"{'on ' if row['is_on'] else 'off'}  {row['name']:22} {'defect' if row['is_defect'] else 'notice'} {row['n_records']:>7,}  {row['meaning']}"
        for row in rows
    ]
    show({"flags": rows}, as_json, lambda: "\n".join(words))

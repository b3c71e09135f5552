"""Commands on groups of runs that are started together to answer one question: which are worth it, those there are, the report of one."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from studio.commands.common import Data, Json, Project, connect, show, write_new

# By kind of the group.
COMMANDS = {"experiment": "curation", "learning_curve": "learning-curve"}


def groups(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Groups of runs of a project, newest first: sweeps, learning curves, comparisons of the choice of records."""
    found = connect(data).get("projects", project, "run-groups")
    show({"groups": found}, as_json, lambda: "\n".join(map(_words, found)) or "No runs were started together yet.")


def offers(
    project: Project,
    version: Annotated[str | None, typer.Argument(help="A frozen version; the newest.", show_default=False)] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Experiments that the data suggests for a version, why, and the command that starts each."""
    which = {"version": version} if version else {}
    found = connect(data).get("projects", project, "runs", "offers", **which)
    told = [one | {"command": _command(one["kind"], version, project)} for one in found]
    show({"offers": told}, as_json, lambda: "\n\n".join(map(_offer_words, told)) or "Nothing is suggested for it.")


def group(
    name: Annotated[str, typer.Argument(help="Its name or id; of several of one name the newest.")],
    project: Project,
    form: Annotated[Literal["md", "json"], typer.Option("--format", help="md or json.")] = "md",
    to: Annotated[
        Path | None, typer.Option("--to", help="A file that does not exist yet, for the report.", show_default=False)
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The report of a group: its question, what came out, its runs with their figures and intervals, and how they were set."""
    client = connect(data)
    wanted = "json" if as_json and to is None else form
    told = client.get_text("projects", project, "run-groups", name, "report", format=wanted)
    if to is None:
        show(json.loads(told) if as_json else told, as_json, told.rstrip)
        return
    write_new(to, told)
    show({"file": str(to), "n_bytes": to.stat().st_size}, as_json, lambda: f"Written to {to}.")


def _words(one: dict[str, Any]) -> str:
    n_over = sum(run["status"] not in ("queued", "running") for run in one["runs"])
    line = f"{one['name']} ({one['id']}): {n_over} of {len(one['runs'])} runs have ended"
    best = next((run for run in one["runs"] if run["run"] == one["best"]), None)
    return f"{line}, the lowest hold-out loss {best['eval_loss']:.3f} by {best['part']}" if best else line


def _command(kind: str, version: str | None, project: str) -> str:
    """What starts an experiment of this kind, as one types it."""
    words = ["proofroom", COMMANDS[kind], *([version] if version else []), "--project", project, "--wait"]
    return shlex.join(words)


def _offer_words(one: dict[str, str]) -> str:
    first = f"It freezes {one['freezes']} first. " if one["freezes"] else ""
    return f"{one['sentence']} {first}To start it: {one['command']}"

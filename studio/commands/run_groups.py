"""Commands on groups of runs that were started together to answer one question: list them, and the report of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from studio.commands.common import Data, Json, Project, connect, show, write_new


def groups(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Groups of runs of a project, newest first: sweeps, learning curves, comparisons of the choice of records."""
    found = connect(data).get("projects", project, "run-groups")
    show({"groups": found}, as_json, lambda: "\n".join(map(_words, found)) or "No runs were started together yet.")


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

"""Commands on the rubric: show, set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from studio.commands.common import By, Data, Json, Project, connect, show, text_of
from studio.parts.counting import several

rubric = typer.Typer(
    help="What reviewers may say of a draft besides the verdict, reasons and criteria: show, set.", no_args_is_help=True
)


@rubric.command("show")
def rubric_show(project: Project, data: Data = None, as_json: Json = False) -> None:
    """The rubric in force, as the file that `set` takes."""
    found = connect(data).get("projects", project, "rubric")
    show(found, as_json, lambda: yaml.safe_dump(_file(found), allow_unicode=True, sort_keys=False, width=110).rstrip())


@rubric.command("set")
def rubric_set(
    file: Annotated[
        Path,
        typer.Argument(
            help="YAML or JSON with reasons (texts), criteria (name, meaning, critical) and searches (reason, and flag or holds).",
            exists=True,
        ),
    ],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put a rubric in force; verdicts keep the reasons and scores that they have."""
    answer = connect(data, by).put("projects", project, "rubric", body={"content": text_of(file)})
    words = (
        f"Reviewers choose among {several(len(answer['reasons']), 'reason')} and score {_counted(answer['criteria'])}."
    )
    show(answer, as_json, lambda: words)


def _file(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("reasons", "criteria", "searches")}


def _counted(criteria: list[dict[str, Any]]) -> str:
    n_critical = sum(one["critical"] for one in criteria)
    return f"{len(criteria)} criteria, {n_critical} of them critical" if criteria else "no criterion"

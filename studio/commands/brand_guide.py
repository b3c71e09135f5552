"""Commands on the brand guide: show, set, vale, remove, check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid
from studio.commands.common import By, Data, Json, Project, connect, show, text_of
from studio.parts.counting import several

guide = typer.Typer(help="The brand guide: show, set, vale, remove, check.", no_args_is_help=True)


@guide.command("show")
def guide_show(project: Project, data: Data = None, as_json: Json = False) -> None:
    """The guide in force, as the file that `set` takes."""
    client = connect(data)
    if as_json:
        show(client.get("projects", project, "guide"), as_json, str)
        return
    typer.echo(client.get_text("projects", project, "guide", "file"), nl=False)


@guide.command("set")
def guide_set(
    file: Annotated[Path, typer.Argument(help="YAML or JSON with notes, spelling, presets and rules.", exists=True)],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put a guide in force; the one before is kept in the studio."""
    body = {"content": text_of(file)}
    answer = connect(data, by).put("projects", project, "guide", body=body)
    show(answer, as_json, lambda: f"The guide has {several(answer['n_rules'], 'rule')}.")


@guide.command("vale")
def guide_vale(
    paths: Annotated[list[Path], typer.Argument(help="Files of a Vale style, or folders with them.", exists=True)],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Bring the rules of a Vale style along; what cannot be is listed with the reason."""
    files = [file for path in paths for file in (sorted(path.rglob("*.yml")) if path.is_dir() else [path])]
    if not files:
        raise Invalid("There is no .yml file in it.", remedy="Name the folder of a style, such as styles/Brand.")
    # Named by its folder and file, as Vale names it.
    body = {"files": [{"path": f"{f.resolve().parent.name}/{f.name}", "content": text_of(f)} for f in files]}
    answer = connect(data, by).post("projects", project, "guide", "vale", body=body)
    show(answer, as_json, lambda: "\n".join(_in_words(answer)))


@guide.command("remove")
def guide_remove(name: str, project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take one rule out of the guide."""
    answer = connect(data, by).delete("projects", project, "guide", "rules", name)
    show(answer, as_json, lambda: f"{name} is gone; {several(answer['n_rules'], 'rule')} left.")


@guide.command("check")
def guide_check(
    file: Annotated[Path, typer.Argument(exists=True)], project: Project, data: Data = None, as_json: Json = False
) -> None:
    """Check a text: a line for each place that breaks a rule."""
    text = text_of(file)
    answer = connect(data).post("projects", project, "guide", "check", body={"text": text})
    lines = [
        f"{text.count(chr(10), 0, note['start']) + 1}: {note['level']}: {note['message']} ({note['rule']})"
        for note in answer["notes"]
    ]
    lines += [f"{name} took too long on this text and was not checked." for name in answer["unchecked"]]
    show(answer, as_json, lambda: "\n".join(lines) or "Nothing breaks a rule.")


def _in_words(answer: dict[str, Any]) -> list[str]:
    lines = [f"{several(len(answer['added']), 'rule')} added, {len(answer['replaced']):,} replaced."]
    return lines + [f"{one['file']}: {one['reason']}" for one in answer["refused"]]

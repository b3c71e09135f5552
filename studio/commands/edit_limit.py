"""Commands on the light-edit limit: review edit next, label, undo; review limit show, take."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.commands.common import By, Data, Json, Project, connect, show

edit = typer.Typer(help="Call edits what they are: next, label, undo.", no_args_is_help=True)
limit = typer.Typer(help="The light-edit limit that the labels speak for: show, take.", no_args_is_help=True)
LABELS = {"same": "the same text", "light": "a light edit", "rewritten": "rewritten"}


@edit.command("next")
def edit_next(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """The next edit to label, draft and final text."""
    answer = connect(data, by).get("projects", project, "edits", "next")
    if answer["edit"] is None:
        words = "No edit is left for you to label."
    else:
        words = f"{answer['edit']}\n\nDraft:\n\n{answer['draft']}\n\nFinal text:\n\n{answer['final']}"
    show(answer, as_json, lambda: words)


@edit.command("label")
def edit_label(
    edit: Annotated[str, typer.Argument(help="As `review edit next` gave it.")],
    label: Annotated[str, typer.Argument(help="same, light or rewritten.")],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say what an edit is: the same text, a light edit, or rewritten."""
    answer = connect(data, by).put("projects", project, "edits", edit, "label", body={"label": label})
    show(answer, as_json, lambda: f"{edit}: {LABELS[label]}, stored.")


@edit.command("undo")
def edit_undo(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Take back your last label."""
    answer = connect(data, by).post("projects", project, "edits", "undo")
    show(answer, as_json, lambda: f"{answer['edit']} is open again." if answer["edit"] else "There is nothing to undo.")


@limit.command("show")
def limit_show(project: Project, data: Data = None, as_json: Json = False) -> None:
    """The limit in force, how far it agrees with the labels, and which one would serve best."""
    answer = connect(data).get("projects", project, "light-edit-limit")
    show(answer, as_json, lambda: "\n".join(_told(answer)))


@limit.command("take")
def limit_take(
    project: Project,
    limit: Annotated[float, typer.Argument(help="As `review limit show` gave it.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put the limit that serves best in force; every rate follows it."""
    row = connect(data, by).post("projects", project, "light-edit-limit", "best", body={"limit": limit})
    answer = {"project": row["name"], "light_edit_limit": row["light_edit_limit"]}
    show(answer, as_json, lambda: f"Up to {answer['light_edit_limit']:.0%} of the words is a light edit.")


def _told(answer: dict[str, Any]) -> list[str]:
    lines = [f"A light edit: up to {answer['light_edit_limit']:.0%} of the words ({answer['origin']})."]
    for kind, counts in (answer["calibration"] or {"classes": {}})["classes"].items():
        lines.append(f"  {kind.replace('_', ' ')}: " + ", ".join(f"{n} {LABELS[name]}" for name, n in counts.items()))
    lines += answer["in_words"]
    if answer["best_limit"] is not None:
        lines.append(f"`proofroom review limit take {answer['best_limit']:g} --project NAME` puts it in force.")
    return lines

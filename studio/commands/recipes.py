"""Commands on recipes: what one takes, saved ones, what cleaning steps change, readiness."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid
from studio.client import Client
from studio.commands.common import By, Data, Json, Project, connect, show

recipes = typer.Typer(help="Saved recipes: list, save, forget.", no_args_is_help=True)
cleaning = typer.Typer(help="Cleaning steps: count what each changes, show before and after.", no_args_is_help=True)

Base = Annotated[str, typer.Option("--recipe", help="recommended, everything, random:K, longest:K, or a saved one.")]
File = Annotated[
    Path | None, typer.Option("--recipe-file", help="Settings as JSON, over --recipe.", show_default=False)
]
Clean = Annotated[
    list[str] | None,
    typer.Option(
        "--clean", help="A cleaning step, once for each; `none` for no cleaning.", show_default="letters and links"
    ),
]
By_ = Annotated[str, typer.Option("--balance", help="Cap groups: tag, author, month or year.")]
Cap = Annotated[int, typer.Option("--cap", help="The most records of a group.")]
Share = Annotated[float, typer.Option("--share", help="Instead of --cap: the most of all records, from 0 to 1.")]
PerCluster = Annotated[
    int | None,
    typer.Option("--per-cluster", help="The most records of those that say the same; 0 for all.", show_default=False),
]
Mask = Annotated[
    list[str] | None,
    typer.Option(
        "--mask", help="A kind of fact to mask in the answers, once for each (price, date, version, plan, link, policy, offer); `none`.",
        show_default="none",
    ),
]  # fmt: skip
Move = Annotated[
    list[str] | None,
    typer.Option("--move", help="A kind to mask whose sentences the fact store keeps, once for each; `none`.", show_default="none"),
]  # fmt: skip
MinScore = Annotated[float | None, typer.Option("--min-score", help="From 0 to 1.", show_default=False)]


def recipe_of(
    client: Client,
    project: str,
    recipe: str,
    *,
    file: Path | None,
    clean: list[str] | None,
    balance: str,
    cap: int,
    share: float,
    per_cluster: int | None,
    min_score: float | None,
    mask: list[str] | None,
    move: list[str] | None,
) -> str | dict[str, Any]:
    """The recipe that the options describe: its name alone, or settings where more than the name was given."""
    given: dict[str, Any] = {}
    if file is not None:
        given |= _read(file)
    if clean is not None:
        given["clean"] = [step for step in clean if step != "none"]
    if balance or cap or share:
        given["balance"] = {"by": balance, "at_most": cap, "share": share}
    if per_cluster is not None:
        given["per_cluster"] = per_cluster
    if min_score is not None:
        given["min_score"] = min_score
    for setting, kinds in (("facts_masked", mask), ("facts_moved", move)):
        if kinds is not None:
            given[setting] = [kind for kind in kinds if kind != "none"]
    if not given:
        return recipe
    saved = {row["name"]: row["settings"] for row in client.get("projects", project, "recipes")}
    return saved.get(recipe, {"take": recipe}) | given


def _read(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"{file} cannot be read as a recipe: {error}.", remedy="Write one JSON object.") from None
    if not isinstance(value, dict):
        raise Invalid(f"{file} holds no JSON object.", remedy='Write {"take": "recommended", ...}.')
    return value


def preview(
    project: Project,
    recipe: Base = "recommended",
    seed: Annotated[int, typer.Option(help="Draws random:K.")] = 17,
    recipe_file: File = None,
    clean: Clean = None,
    balance: By_ = "",
    cap: Cap = 0,
    share: Share = 0.0,
    per_cluster: PerCluster = None,
    min_score: MinScore = None,
    mask: Mask = None,
    move: Move = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What a recipe would take and leave out, rule by rule; nothing is stored."""
    client = connect(data)
    chosen = recipe_of(
        client, project, recipe, file=recipe_file, clean=clean, balance=balance, cap=cap, share=share,
        per_cluster=per_cluster, min_score=min_score, mask=mask, move=move,
    )  # fmt: skip
    found = client.post("projects", project, "recipe-preview", body={"recipe": chosen, "seed": seed})
    words = f"{found['n_records']} records, {found['n_words']} words; left out: {found['dropped'] or 'nothing'}"
    show(found, as_json, lambda: words)


def readiness(project: Project, data: Data = None, as_json: Json = False) -> None:
    """How many good examples there are against what the goal usually needs, and what to do next."""
    found = connect(data).get("projects", project, "readiness")
    about = "about " if found["is_estimated"] else ""
    words = f"{about}{found['n_good']} of {found['low']} to {found['high']} examples. {found['sentence']}"
    show(found, as_json, lambda: words)


@recipes.command("list")
def recipes_list(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Saved recipes with their settings."""
    rows = connect(data).get("projects", project, "recipes")
    lines = [f"{row['name']}: {json.dumps(row['settings'], ensure_ascii=False)}" for row in rows]
    show({"recipes": rows}, as_json, lambda: "\n".join(lines) or "No recipe has been saved yet.")


@recipes.command("save")
def recipes_save(
    name: Annotated[str, typer.Argument(help="What to call it; one of that name is replaced.")],
    file: Annotated[Path, typer.Argument(help="Settings as JSON.")],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Keep settings under a name, for `--recipe NAME`."""
    answer = connect(data, by).put("projects", project, "recipes", name, body=_read(file))
    show(answer, as_json, lambda: f"{name} is saved.")


@recipes.command("forget")
def recipes_forget(
    name: Annotated[str, typer.Argument(help="Its name.")],
    project: Project,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take a saved recipe off the list; versions made by it keep theirs."""
    answer = connect(data, by).delete("projects", project, "recipes", name)
    show(answer, as_json, lambda: f"{name} is off the list.")


@cleaning.command("count")
def cleaning_count(project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Try every step on every record, and count what each changes; nothing is changed."""
    client = connect(data, by)
    client.wait(client.post("projects", project, "cleaning")["job"], quiet=as_json)
    found = client.get("projects", project, "cleaning")
    lines = [f"{step}: {one['n_changed']} of {found['n_records']} records" for step, one in found["steps"].items()]
    show(found, as_json, lambda: "\n".join(lines))


@cleaning.command("show")
def cleaning_show(
    step: Annotated[str, typer.Argument(help="The step's name, as `cleaning count` lists it.")],
    project: Project,
    limit: Annotated[int, typer.Option(help="How many records.")] = 5,
    offset: Annotated[int, typer.Option(help="How many to pass over.")] = 0,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Before and after of records that a step changes: [-removed-] {+added+}."""
    found = connect(data).get("projects", project, "cleaning", step, limit=limit, offset=offset)
    show(
        {"texts": found},
        as_json,
        lambda: "\n\n".join(map(_in_words, found)) or "It changes no record, or was not counted yet.",
    )


def _in_words(text: dict[str, Any]) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return f"{text['title']}, {text['label']}:\n" + "".join(marks[s["kind"]].format(s["text"]) for s in text["spans"])

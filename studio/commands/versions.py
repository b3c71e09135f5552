"""Commands on frozen versions: freeze, list, compare, look for leaks, export, take back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.errors import Invalid
from studio.commands.common import By, Data, Json, Override, Project, connect, show
from studio.commands.data import files_of
from studio.commands.recipes import Base, By_, Cap, Clean, File, Mask, MinScore, Move, PerCluster, Share, recipe_of

versions = typer.Typer(help="Frozen versions: list, compare, leaks, import.", no_args_is_help=True)
Version = Annotated[str, typer.Argument(help="Its name.")]
PAGE = 1_000


def freeze(
    project: Project,
    name: Annotated[str, typer.Option(help="What to call the version.")],
    recipe: Base = "recommended",
    seed: Annotated[int, typer.Option(help="Draws the splits, and random:K.")] = 17,
    max_length: Annotated[
        int | None, typer.Option(help="The most tokens an example may have.", show_default="the recipe's, 1024")
    ] = None,
    recipe_file: File = None,
    clean: Clean = None,
    balance: By_ = "",
    cap: Cap = 0,
    share: Share = 0.0,
    per_cluster: PerCluster = None,
    min_score: MinScore = None,
    mask: Mask = None,
    move: Move = None,
    hold_out: Annotated[
        str | None, typer.Option(help="A version whose held-out examples this one shall have, to compare runs on both.")
    ] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Freeze a dataset version by value, with its hash and its splits."""
    client = connect(data, by)
    chosen = recipe_of(
        client, project, recipe, file=recipe_file, clean=clean, balance=balance, cap=cap, share=share,
        per_cluster=per_cluster, min_score=min_score, mask=mask, move=move,
    )  # fmt: skip
    body = {"name": name, "recipe": chosen, "seed": seed, "max_length_tokens": max_length, "hold_out": hold_out}
    started = client.post("projects", project, "versions", body=body)
    client.wait(started["job"], quiet=as_json)
    details = client.get("projects", project, "versions", name)
    answer = {
        "version": details["name"],
        "id": details["id"],
        "content_sha256": details["content_sha256"],
        "n_records": details["n_records"],
        "n_examples": {split: details[f"n_{split}"] for split in ("train", "validation", "test")},
        "dropped": details["dropped"],
        "cleaned": details["card"].get("cleaned", {}),
        "facts": details["card"].get("facts", {}),
    }
    n = answer["n_examples"]
    show(
        answer,
        as_json,
        lambda: (
            f"{name}: {answer['n_records']} records, {n['train']} / {n['validation']} / {n['test']} examples, "
            f"hash {answer['content_sha256'][:12]}; left out: {answer['dropped'] or 'nothing'}; "
            f"cleaned: {answer['cleaned'] or 'nothing'}; facts put out: "
            + (
                ", ".join(f"{one['n_spans']} {kind} ({one['choice']})" for kind, one in answer["facts"].items())
                or "none"
            )
        ),
    )


@versions.command("list")
def versions_list(project: Project, data: Data = None, as_json: Json = False) -> None:
    """The frozen versions, newest first."""
    rows = connect(data).get("projects", project, "versions")
    lines = [f"{r['name']}: {r['n_train']} / {r['n_validation']} / {r['n_test']} examples, {r['recipe']}" for r in rows]
    show({"versions": rows}, as_json, lambda: "\n".join(lines) or "No versions yet.")


@versions.command("compare")
def versions_compare(
    older: Version,
    newer: Version,
    project: Project,
    rows: Annotated[bool, typer.Option("--rows", help="Each record that differs, with who and why.")] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the records into this file.", show_default=False)
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What differs between two versions: records added, removed, edited and re-tagged, and settings."""
    client = connect(data)
    where = ("projects", project, "versions", older, "compare", newer)
    found = client.get(*where)
    if csv is not None:
        if csv.exists():
            raise Invalid(f"{csv} exists already.", remedy="Name a file that does not.")
        csv.write_text(client.get_text(*where, "csv"), encoding="utf-8", newline="")
    lines = [found["words"]]
    if rows:
        found["records"] = []
        while page := client.get(*where, "records", limit=PAGE, offset=len(found["records"])):
            found["records"] += page
        lines += [
            f"{row['change']}  {row['record']}: {row['why']}" + (f" ({row['who']})" if row["who"] else "")
            for row in found["records"]
        ]
    show(found, as_json, lambda: "\n".join(lines))


@versions.command("leaks")
def versions_leaks(
    version: Version,
    project: Project,
    against: Annotated[Path | None, typer.Option(help="A file to compare with, instead of the hold-out.")] = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Look for held-out examples, or texts of a file, that stand in the training text too."""
    client = connect(data, by)
    upload = None
    if against is not None:
        ((file, name),) = files_of([against]) if against.is_file() else [(against, against.name)]
        if not file.is_file():
            raise Invalid(f"There is no file {file}.", remedy="Name one file.")
        upload = {"sha256": client.upload(file, name)["sha256"], "path": name}
    job = client.post("projects", project, "versions", version, "leaks", body={"against": upload})["job"]
    found = client.wait(job, quiet=as_json)["result"]
    lines = [f"{found['n_leaks']} leaks between {found['n_trained']} training examples and {found['n_held']} others."]
    lines += [
        f"  {one['held']} ({one['held_in']}) stands in {one['trained']}: {one['score']:.0%}" for one in found["leaks"]
    ]
    show(found, as_json, lambda: "\n".join([*lines, *found["refused"]]))


@versions.command("import")
def versions_import(
    folder: Annotated[Path, typer.Argument(help="The folder of an exported version.")],
    project: Project,
    confirm_terms: Annotated[
        bool, typer.Option("--confirm-terms", help="The terms of its sources, as its card states them, hold here.")
    ] = False,
    name: Annotated[str, typer.Option(help="Another name than the card's.")] = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take an exported version back, Parquet or JSON Lines, as a frozen version with the same hash."""
    client = connect(data, by)
    uploads = [client.upload(file, path) for file, path in files_of([folder])]
    body = {
        "files": [{"sha256": u["sha256"], "path": u["path"]} for u in uploads],
        "confirm_terms": confirm_terms,
        "name": name,
    }
    started = client.post("projects", project, "version-imports", body=body)
    client.wait(started["job"], quiet=as_json)
    details = client.get("projects", project, "versions", started["version"])
    answer = {key: details[key] for key in ("name", "id", "content_sha256", "n_records")}
    show(answer, as_json, lambda: f"{answer['name']} is back, hash {answer['content_sha256'][:12]}.")


def export_version(
    version: Version,
    project: Project,
    to: Annotated[Path, typer.Option(help="A folder that does not exist yet.")],
    format_: Annotated[str, typer.Option("--format", help="parquet or jsonl.")] = "parquet",
    override: Override = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Copy a frozen version out: Parquet or JSON Lines, with its card."""
    body = {"to": str(to.resolve()), "format": format_, "override": override}
    answer = connect(data, by).post("projects", project, "versions", version, "export", body=body)
    show(answer, as_json, lambda: f"Written to {answer['folder']}.")

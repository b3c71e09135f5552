"""Commands on exports: make one and copy it out, list them, copy one again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Conflict
from studio.client import Client
from studio.commands.common import By, Data, Json, Override, Project, connect, show

exports = typer.Typer(help="Exported models: list, copy.", no_args_is_help=True)
Run = Annotated[str, typer.Argument(help="Its id or name.")]
To = Annotated[Path, typer.Option("--to", help="A folder that does not exist yet.")]


def export(
    run: Run,
    project: Project,
    to: To,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="adapter: LoRA weights in PEFT's form; merged: a whole model in safetensors; gguf: one file for llama.cpp and Ollama.",
        ),
    ] = "adapter",
    type_: Annotated[str, typer.Option("--type", help="Of gguf: q8_0 or f16.", show_default="q8_0")] = "",
    override: Override = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take a run's model away, checked, with the line that serves it."""
    target = to.resolve()
    _refuse_existing(target)
    client = connect(data, by)
    body = {"format": format_, "type": type_, "override": override, "project": project}
    started = client.post("runs", run, "exports", body=body)
    if started["job"]:
        client.wait(started["job"], quiet=as_json)
    answer = _copied(client, started["export"], target, override)
    show(answer, as_json, lambda: _words(answer))


@exports.command("list")
def exports_list(run: Run, project: Project, data: Data = None, as_json: Json = False) -> None:
    """The exports of a run, newest first."""
    rows = connect(data).get("runs", run, "exports", project=project)
    show({"exports": rows}, as_json, lambda: "\n".join(map(_line, rows)) or "No exports yet.")


@exports.command("copy")
def exports_copy(
    export: Annotated[str, typer.Argument(help="Its id.")],
    to: To,
    override: Override = "",
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Copy a finished export to a folder."""
    target = to.resolve()
    _refuse_existing(target)
    answer = _copied(connect(data, by), export, target, override)
    show(answer, as_json, lambda: _words(answer))


def _refuse_existing(target: Path) -> None:
    """Before a minute's work, not after it."""
    if target.exists():
        raise Conflict(f"{target} exists already.", remedy="Name a folder that does not.")


def _copied(client: Client, export: str, target: Path, override: str) -> dict[str, Any]:
    """The export as it lies in the target."""
    answer: dict[str, Any] = client.post("exports", export, "copies", body={"to": str(target), "override": override})
    return answer


def _words(export: dict[str, Any]) -> str:
    return "\n".join(
        filter(None, [f"Written to {export['folder']}.", _checked(export), f"To serve it: {export['command']}"])
    )


def _line(export: dict[str, Any]) -> str:
    what = f"{export['format']} {export['type']}".strip()
    told = export["folder"] or export["reason"] or "its files are not on this machine"
    return f"{export['export']} {what}: {export['status']}. {_checked(export)} {told}".replace("  ", " ")


def _checked(export: dict[str, Any]) -> str:
    if export["largest_difference"] is None:
        return ""
    return (
        f"Checked: largest difference of a next-token probability after {export['n_prompts']} prompts "
        f"{export['largest_difference']:.2g} (limit {export['limit']:g}), in running text {export['mean_in_text']:.2g} on average."
    )

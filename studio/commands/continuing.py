"""The command that goes on from a run with what its reviewers did."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from core.errors import Invalid
from studio.commands.common import By, Data, Json, Project, connect, show
from studio.commands.run_words import estimate_words
from studio.parts.counting import several

Run = Annotated[str, typer.Argument(help="The run to go on from: its id or name.")]


def continue_run(
    run: Run,
    project: Project,
    pairs_from: Annotated[
        str, typer.Option(help="reviews, or a run that went on from another: its pairs and settings are taken again.")
    ] = "reviews",
    setting: Annotated[
        list[str] | None,
        typer.Option("--setting", "--set", metavar="NAME=VALUE", help="beta, nll_weight, learning_rate, epochs ...; several times for several.", show_default=False),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the new run.", show_default=False)] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what it would learn from, and start nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Return when it has ended.")] = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Go on from a run with the edits of its reviewers, as a new run."""
    client = connect(data, by)
    body: dict[str, Any] = {"pairs_from": pairs_from, "settings": dict(map(_setting, setting or [])), "name": name}
    told = client.post("projects", project, "runs", run, "continuation", "plan", body=body)
    if plan:
        show(told, as_json, lambda: _plan_words(told))
        return
    if not as_json:
        typer.echo(_plan_words(told), err=True)
    started = client.post("projects", project, "runs", run, "continuation", body=body)
    if wait:
        client.wait(started["job"], quiet=as_json)
    summary = client.get("runs", started["run"])
    show(summary, as_json, lambda: _words(summary))


def _setting(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        raise Invalid(f"{text!r} is no setting.", remedy="Write NAME=VALUE, such as --setting beta=0.2.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _plan_words(told: dict[str, Any]) -> str:
    lines = [
        f"{several(told['n_pairs'], 'pair')}: {several(told['n_edits'], 'edit')}, "
        f"{several(told['n_beside'], 'rejected draft')} beside one that was signed off, "
        f"{several(told['n_preferred'], 'draft')} that lost side by side; "
        f"{told['n_aside']} kept aside to measure on."
    ]
    lines += [f"{several(one['n'], 'verdict')}: {one['words']}." for one in told["left_out"]]
    lines += told["obstacles"]
    lines.append(estimate_words(told["estimate"]))
    return "\n".join(lines)


def _words(run: dict[str, Any]) -> str:
    line = f"{run['name']} ({run['run']}): {run['status']}"
    if run["reason"]:
        line += f". {run['reason']}"
    found = run["preference"]
    if found:
        before, after, held_out = found["before"], found["after"], found["hold_out"]
        of = f"of {after['n']} pairs {'kept aside' if found['is_aside'] else 'that it learnt from'}"
        line += (
            f". It finds the signed-off text likelier in {after['n_likelier']} {of}, {before['n_likelier']} before; {after['n_moved']} moved "
            "towards it."
        )
        if held_out["before"] is not None:
            line += f" Hold-out loss {held_out['before']:.3f} before, {held_out['after']:.3f} after, nats per token."
    return line

"""Commands on what runs leave: check a run first, compare runs, sweep the rate, notes, and the models of a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.client import Client
from studio.commands.common import By, Data, Json, OfProject, Project, connect, run_of, show, write_new
from studio.commands.run_settings import Settings, settings_of
from studio.commands.run_words import check_words

models = typer.Typer(help="Models: list, card, approve, retire, take-back, roll-back.", no_args_is_help=True)
Reason = Annotated[str, typer.Option("--reason", help="Why; stored with the decision.")]
Run = Annotated[str, typer.Argument(help="Its id or name.")]
Version = Annotated[str | None, typer.Argument(help="A frozen version; the newest.", show_default=False)]
Wait = Annotated[bool, typer.Option("--wait", help="Return when all have ended.")]
Preset = Annotated[str, typer.Option(help="auto, voice, support or code.")]


def preflight(
    project: Project,
    version: Version = None,
    preset: Preset = "auto",
    setting: Settings = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Check a run before it is started: every example as the model reads it, leaks, memory and speed on the longest ones, and what it would take."""
    client = connect(data, by)
    body = _body(version, preset, setting)
    job = client.post("projects", project, "runs", "check", body=body)["job"]
    client.wait(job, quiet=as_json)
    told = client.post("projects", project, "runs", "checked", body=body)
    # After the check, whose trial it may rest on.
    told["estimate"] = client.post("projects", project, "runs", "plan", body=body)["estimate"]
    show(told, as_json, lambda: check_words(told, told["estimate"]))


def compare(
    runs: Annotated[list[str], typer.Argument(help="Two or more runs; the others are compared with the first.")],
    project: Project,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Runs side by side: losses with their intervals, differences on the same texts, settings that differ."""
    compared = connect(data).get("projects", project, "runs", "compare", run=runs)
    show(compared, as_json, lambda: "\n".join([*map(_compared_words, compared["runs"]), *_differing_words(compared)]))


def compare_drafts(
    runs: Annotated[list[str], typer.Argument(help="Two or more runs.")],
    project: Project,
    brief: Annotated[str | None, typer.Option("--brief", help="Only this one.", show_default=False)] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What runs wrote for the same briefs, else at their ends for held-out requests; nothing while a draft waits for its blind verdict."""
    only = {"brief": brief} if brief else {}
    told = connect(data).get("projects", project, "runs", "compare", "drafts", run=runs, **only)
    show(told, as_json, lambda: _drafts_words(told))


def held_out(run: Run, project: OfProject = None, data: Data = None, as_json: Json = False) -> None:
    """Every held-out text with its loss before and after training, the worst first."""
    client = connect(data)
    rows = client.get("runs", run_of(client, run, project)["run"], "held-out")
    show({"texts": rows}, as_json, lambda: "\n".join(map(_text_words, rows)) or "Nothing was held out.")


def sweep(
    project: Project,
    version: Version = None,
    preset: Preset = "auto",
    setting: Settings = None,
    wait: Wait = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Start three runs that differ in the learning rate alone: half, the preset's, twice."""
    body = _body(version, preset, setting)
    _start_group("sweep", connect(data, by), project, body, wait=wait, as_json=as_json)


def learning_curve(
    project: Project,
    version: Version = None,
    preset: Preset = "auto",
    setting: Settings = None,
    wait: Wait = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Start three runs on a quarter, half and all of the training records: would more examples help?"""
    body = _body(version, preset, setting)
    _start_group("learning-curve", connect(data, by), project, body, wait=wait, as_json=as_json)


def curation(
    project: Project,
    version: Version = None,
    preset: Preset = "auto",
    setting: Settings = None,
    wait: Wait = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Start runs on one hold-out that learn as many answer tokens: what was chosen, every record, as many at random, the longest. Does choosing pay?"""
    client = connect(data, by)
    body = _body(version, preset, setting)
    started = client.post("projects", project, "runs", "curation", body=body)
    if not started["runs"]:
        # What stands against the version was not frozen yet; now it is.
        client.wait(started["job"], quiet=as_json)
    _start_group("curation", client, project, body, wait=wait, as_json=as_json, started=started)


def _body(version: str | None, preset: str, setting: list[str] | None) -> dict[str, Any]:
    return {"version": version, "preset": preset, "settings": settings_of(setting)}


def _start_group(
    what: str,
    client: Client,
    project: str,
    body: dict[str, Any],
    *,
    wait: bool,
    as_json: bool,
    started: dict[str, Any] | None = None,
) -> None:
    """Start runs that are compared, unless they are started, and wait for all of them where asked. what: the route's last part."""
    if not started or not started["runs"]:
        started = client.post("projects", project, "runs", what, body=body)
    if wait:
        for run in started["runs"]:
            client.wait(run["job"], quiet=as_json)
    show(started, as_json, lambda: "\n".join(run["run"] for run in started["runs"]))


def note(
    run: Run,
    text: Annotated[
        str | None, typer.Option("--text", help="The note; what stood there before is kept.", show_default=False)
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="A tag; several times for several.", show_default=False)
    ] = None,
    project: OfProject = None,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Read or write what stands beside a run."""
    client = connect(data, by)
    run_id = run_of(client, run, project)["run"]
    found = client.get("runs", run_id, "note")
    if text is not None or tag is not None:
        body = {"note": found["note"] if text is None else text, "tags": found["tags"] if tag is None else tag}
        found = client.put("runs", run_id, "note", body=body)
    show(found, as_json, lambda: f"{found['note'] or 'No note.'}\n{', '.join(found['tags'])}".rstrip())


@models.command("list")
def models_list(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Every model of a project: the approved one, candidates, retired ones."""
    found = connect(data).get("projects", project, "models")
    show({"models": found}, as_json, lambda: "\n".join(map(_model_words, found)) or "No model yet.")


@models.command("card")
def models_card(
    run: Run,
    project: Project,
    to: Annotated[
        Path | None, typer.Option("--to", help="A file that does not exist yet, for the Markdown.", show_default=False)
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What a run's model is, what it learnt from, how good it is, who decided what on it, and what nobody measured."""
    client = connect(data)
    if to is None:
        told = client.get_text("projects", project, "models", run, "card", format="json" if as_json else "md")
        show(json.loads(told) if as_json else told, as_json, told.rstrip)
        return
    write_new(to, client.get_text("projects", project, "models", run, "card"))
    show({"file": str(to), "n_bytes": to.stat().st_size}, as_json, lambda: f"Written to {to}.")


@models.command("approve")
def models_approve(
    run: Run, project: Project, reason: Reason, by: By = "", data: Data = None, as_json: Json = False
) -> None:
    """Approve a run's model; the one approved before is retired."""
    _decided(connect(data, by).post("projects", project, "models", run, "approve", body={"reason": reason}), as_json)


@models.command("retire")
def models_retire(
    run: Run, project: Project, reason: Reason, by: By = "", data: Data = None, as_json: Json = False
) -> None:
    """Retire a model."""
    _decided(connect(data, by).post("projects", project, "models", run, "retire", body={"reason": reason}), as_json)


@models.command("take-back")
def models_take_back(run: Run, project: Project, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Undo the last decision on a model."""
    _decided(connect(data, by).post("projects", project, "models", run, "take-back"), as_json)


@models.command("roll-back")
def models_roll_back(project: Project, reason: Reason, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Approve the model again that was approved before the present one."""
    _decided(connect(data, by).post("projects", project, "models", "roll-back", body={"reason": reason}), as_json)


def _decided(model: dict[str, Any], as_json: bool) -> None:
    show(model, as_json, lambda: _model_words(model))


def _model_words(model: dict[str, Any]) -> str:
    line = f"{model['name']} ({model['run']}): {model['state']}"
    decided = model["decided"]
    return f"{line} by {decided['done_by']}: {decided['reason']}" if decided else line


def _compared_words(run: dict[str, Any]) -> str:
    line = f"{run['name']}: {run['status']}"
    loss, difference = run["loss"], run["difference"]
    if loss and loss["low"] is not None:
        line += f", hold-out loss {loss['value']:.3f} ({loss['low']:.3f} to {loss['high']:.3f}, {loss['n']} texts)"
    if difference and difference["low"] is not None:
        line += (
            f", {difference['value']:+.3f} ({difference['low']:+.3f} to {difference['high']:+.3f}) against the first"
        )
        line += "" if difference["is_apart"] else ", may be chance"
    if voice := run["voice"]:
        tuned = voice["tuned"]
        line += f", voice distance {tuned['distance']:.2f} ({tuned['low']:.2f} to {tuned['high']:.2f}, {voice['n']} requests)"
    if (heart := run["by_heart"]) and heart["n"]:
        line += f", {heart['n_new']} of {heart['n']} learnt by heart"
    return line


def _differing_words(compared: dict[str, Any]) -> list[str]:
    """A line for each setting that is not the same in all runs, with each run's value."""
    names = [run["name"] for run in compared["runs"]]
    lines = [
        f"  {setting.replace('_', ' ')}: "
        + ", ".join(f"{value} ({name})" for name, value in zip(names, values, strict=True))
        for setting, values in compared["differs"].items()
    ]
    return ["Set differently:", *lines] if lines else ["All settings are the same."]


def _text_words(row: dict[str, Any]) -> str:
    part = f", part {row['part']}" if row["part"] else ""
    title = row["title"] or "a record that is gone"
    return f"{row['tuned']:.3f} ({row['base']:.3f} before, {row['difference']:+.3f}): {title}{part}"


def _drafts_words(told: dict[str, Any]) -> str:
    lines = [
        f"{one['brief']}, {draft['name']}:\n{draft['text']}\n" for one in told["briefs"] for draft in one["drafts"]
    ]
    if why := told["held_back"]["why"]:
        lines.append(why)
    if not lines:
        lines = [
            f"{one['external_id']}, {draft['name']}:\n{draft['text']}\n"
            for one in told["held_out"]["requests"]
            for draft in one["drafts"]
        ]
    return (
        "\n".join(lines)
        or "Two of these runs have drafts neither for the same brief nor for the same held-out request."
    )

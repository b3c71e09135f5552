"""Commands on models: train, runs, jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid
from studio.client import Client
from studio.commands import bundles
from studio.commands.common import By, Data, Json, OfProject, Project, connect, run_of, show
from studio.commands.run_settings import Settings, folder_or_id, settings_of
from studio.commands.run_words import estimate_words, plan_words

runs = typer.Typer(
    help="Runs: list, show, cancel, resume, compare, drafts, offers, groups, group, note, bundle, continue.",
    no_args_is_help=True,
)
jobs = typer.Typer(help="Background jobs: list, waiting, show, move, cancel.", no_args_is_help=True)
Run = Annotated[str, typer.Argument(help="Its id or name.")]


def train(
    project: Project,
    version: Annotated[str | None, typer.Argument(help="A frozen version; the newest.", show_default=False)] = None,
    preset: Annotated[str, typer.Option(help="auto, voice, support or code.")] = "auto",
    max_steps: Annotated[
        int | None, typer.Option(help="Stop after so many optimiser steps.", show_default=False)
    ] = None,
    epochs: Annotated[float | None, typer.Option(help="Passes over the examples.", show_default=False)] = None,
    base: Annotated[
        str | None,
        typer.Option(
            help="A folder with a model in safetensors form, or the hub id of a cached one.", show_default=False
        ),
    ] = None,
    setting: Settings = None,
    name: Annotated[str | None, typer.Option(help="What to call the run.", show_default=False)] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(help="Make the run of this bundle again, with its data and settings.", show_default=False),
    ] = None,
    confirm_terms: Annotated[
        bool,
        typer.Option("--confirm-terms", help="The terms of the bundle's sources, as its card states them, hold here."),
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what it would take and what stands in its way, and start nothing.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Return when it has ended.")] = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Train an adapter on a frozen version, or make the one of a bundle again."""
    client = connect(data, by)
    if bundle is not None:
        _again(
            client, project, bundle, base=folder_or_id(base) if base else None, confirm_terms=confirm_terms, wait=wait,
            others=(version, max_steps, epochs, name, setting, plan or None), as_json=as_json,
        )  # fmt: skip
        return
    body = {
        "version": version,
        "preset": preset,
        "settings": settings_of(setting, max_steps=max_steps, epochs=epochs, base=base),
        "name": name,
    }
    if plan or not as_json:
        told = client.post("projects", project, "runs", "plan", body=body)
        if plan:
            show(told, as_json, lambda: plan_words(told))
            return
        typer.echo(estimate_words(told["estimate"]), err=True)
    started = client.post("projects", project, "runs", body=body)
    if wait:
        client.wait(started["job"], quiet=as_json)
    summary = client.get("runs", started["run"])
    show(summary, as_json, lambda: _run_words(summary))


def _again(
    client: Client,
    project: str,
    bundle: Path,
    *,
    base: str | None,
    others: tuple[Any, ...],
    confirm_terms: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Train from a bundle. others: what the bundle says itself."""
    if any(one is not None for one in others):
        raise Invalid("A bundle says its version and settings itself.", remedy="Leave the others out.")
    started = bundles.start_from(client, project, bundle, base=base, confirm_terms=confirm_terms, quiet=as_json)
    if wait:
        client.wait(started["job"], quiet=as_json)
    summary = client.get("runs", started["run"])
    told = client.get("projects", project, "runs", started["run"], "reproduction")
    show(
        summary | {"reproduction": told},
        as_json,
        lambda: _run_words(summary) + (f"\n{bundles.words(told)}" if told else ""),
    )


@runs.command("list")
def runs_list(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Every run of a project, newest first."""
    rows = connect(data).get("projects", project, "runs")
    show({"runs": rows}, as_json, lambda: "\n".join(map(_run_words, rows)) or "No runs yet.")


@runs.command("show")
def runs_show(run: Run, project: OfProject = None, data: Data = None, as_json: Json = False) -> None:
    """One run with its figures."""
    summary = run_of(connect(data), run, project)
    show(summary, as_json, lambda: _run_words(summary) + _network_words(summary))


@runs.command("cancel")
def runs_cancel(run: Run, project: OfProject = None, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Stop a run at its next step, with a checkpoint."""
    client = connect(data, by)
    found = run_of(client, run, project)
    client.post("jobs", found["job"], "cancel")
    summary = client.get("runs", found["run"])
    show(summary, as_json, lambda: _run_words(summary))


@runs.command("resume")
def runs_resume(
    run: Run,
    project: OfProject = None,
    wait: Annotated[bool, typer.Option("--wait", help="Return when it has ended.")] = False,
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Go on with a run that stopped early, from its last checkpoint."""
    client = connect(data, by)
    resumed = client.post("runs", run_of(client, run, project)["run"], "resume")
    if wait:
        client.wait(resumed["job"], quiet=as_json)
        if not as_json:
            told = client.get("runs", resumed["run"], "curve")["resumed"][-1:]
            typer.echo("".join(f"{one['sentence']}\n" for one in told), err=True, nl=False)
    summary = client.get("runs", resumed["run"])
    show(summary, as_json, lambda: _run_words(summary))


@jobs.command("list")
def jobs_list(project: Project, data: Data = None, as_json: Json = False) -> None:
    """Jobs of a project, newest first."""
    rows = connect(data).get("projects", project, "jobs")
    show({"jobs": rows}, as_json, lambda: "\n".join(map(_job_words, rows)) or "No jobs yet.")


@jobs.command("waiting")
def jobs_waiting(data: Data = None, as_json: Json = False) -> None:
    """Jobs of every project that wait, in the order of their turn."""
    rows = connect(data).get("jobs", "waiting")
    show({"jobs": rows}, as_json, lambda: "\n".join(map(_waiting_words, rows)) or "No job waits.")


@jobs.command("show")
def jobs_show(job: str, data: Data = None, as_json: Json = False) -> None:
    """One job: state, progress, reason, and how it was kept off the network."""
    row = connect(data).get("jobs", job)
    show(row, as_json, lambda: _job_words(row) + _network_words(row))


@jobs.command("move")
def jobs_move(
    job: str,
    to: Annotated[str, typer.Option("--to", help="next, last, or usual: where it comes by itself.")],
    by: By = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Move a job that waits; one that runs goes on."""
    row = connect(data, by).post("jobs", job, "move", body={"to": to})
    show(row, as_json, lambda: _job_words(row))


@jobs.command("cancel")
def jobs_cancel(job: str, by: By = "", data: Data = None, as_json: Json = False) -> None:
    """Ask a job to stop."""
    row = connect(data, by).post("jobs", job, "cancel")
    show(row, as_json, lambda: _job_words(row))


def _network_words(told: dict[str, Any]) -> str:
    """Of a run or a job that has ended."""
    return f"\nnetwork: {told['network_in_words']}" if told["network_in_words"] else ""


def _run_words(run: dict[str, Any]) -> str:
    line = f"{run['name']} ({run['run']}): {run['status']}"
    if run["reason"]:
        line += f". {run['reason']}"
    if run["eval_loss"] is not None:
        change = run["eval_loss"] / run["base_eval_loss"] - 1
        line += f", hold-out loss {run['base_eval_loss']:.3f} to {run['eval_loss']:.3f} nats per token ({change:+.1%})"
    if run["tokens_per_second"]:
        line += f", {run['tokens_per_second']:.0f} tokens/s for {run['seconds'] / 60:.1f} min"
    return line


def _job_words(job: dict[str, Any]) -> str:
    line = f"{job['id']} {job['label']}: {job['state']}"
    if job["total"]:
        line += f" {job['done']:g}/{job['total']:g}"
    if job["place"] is not None:
        line += f", number {job['place']} of {job['n_waiting']} that wait"
    return f"{line}. {job['reason']}".rstrip(". ") + "."


def _waiting_words(job: dict[str, Any]) -> str:
    moved = ", moved by hand" if job["is_moved"] else ""
    return f"{job['id']} {job['label']} {job['subject']} ({job['project']}), asked for by {job['created_by']}{moved}"

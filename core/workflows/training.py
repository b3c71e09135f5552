"""Start a run, resume it, and read how it goes and what it made; what its job left is taken over in `run_collecting`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Conflict, NotFound, Refused
from core.jobs.folder import JobFolder, whole_events
from core.nouns import JobState
from core.outgoing.isolation import network_words
from core.store import runs as run_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id
from core.training.energy import WITHOUT_GPU
from core.training.presets import TAKE, config_from, reasons_for
from core.workflows.freezing import version_folder
from core.workflows.run_plans import obstacles_of, plan_run
from core.workflows.workspace import (
    Workspace,
    checked_name,
    checked_person,
    new_job_folder,
    project_named,
    queue_job,
)

__all__ = ["TAKE", "WITHOUT_GPU", "plan_run", "reasons_for"]

PREFLIGHT = "preflight.json"
DRAFTS = "drafts.json"


def start_run(
    workspace: Workspace,
    project: str,
    version: str | None,
    *,
    by: str,
    preset_name: str = "auto",
    settings: dict[str, Any] | None = None,
    name: str | None = None,
) -> dict[str, str]:
    """Start training. Returns the ids of run and job. Raises Refused with every obstacle of the run card, Invalid for a name that no run can have."""
    part = Part("", settings or {}, version, name)
    return start_runs(workspace, project, [part], by=by, preset_name=preset_name)[0]


@dataclass(frozen=True, slots=True)
class Part:
    """One run of several that are started together. words: what it is among them. version: None for the newest.

    reproduces: the facts of the run that it makes again, on as many threads.
    """

    words: str
    settings: dict[str, Any]
    version: str | None = None
    name: str | None = None
    reproduces: dict[str, Any] | None = None


def start_runs(
    workspace: Workspace,
    project: str,
    parts: Sequence[Part],
    *,
    by: str,
    preset_name: str = "auto",
    group: str | None = None,
    before: Callable[[Transaction], None] = lambda tx: None,
) -> list[dict[str, str]]:
    """Start training, all of the runs or none. Returns the ids of run and job of each.

    group: of which they are parts; before: what is written first, in the same transaction. Raises Refused with every obstacle, and
    Invalid for a name that is none.
    """
    person = checked_person(by)
    names = [checked_name(part.name, "run") if part.name else "" for part in parts]
    plans = [plan_run(workspace, project, p.version, preset_name=preset_name, settings=p.settings) for p in parts]
    obstacles = dict.fromkeys(one for plan in plans for one in plan["obstacles"])
    if obstacles:
        raise Refused(" ".join(obstacles))
    n_before = len(run_rows.runs(workspace.store, plans[0]["version"]["project_id"]))
    started = []
    with workspace.store.transaction() as tx:
        before(tx)
        for number, (part, plan, name) in enumerate(zip(parts, plans, names, strict=True), start=n_before + 1):
            chosen, run_id = plan["version"], new_id("run_")
            job_id, folder = new_job_folder(workspace)
            _queue(
                workspace,
                tx,
                folder,
                run_id=run_id,
                version=chosen,
                config=plan["config"],
                by=person,
                again=part.reproduces,
            )
            run_rows.insert_run(
                tx, run_id, project_id=chosen["project_id"], version_id=chosen["id"],
                name=name or f"{chosen['name']}-{number}", job_id=job_id, config=plan["config"],
                estimate=plan["estimate"], by=person, group_id=group, part=part.words, reproduces=part.reproduces,
                differs=plan["differs"],
            )  # fmt: skip
            tx.event("started", "run", run_id, by=person, project_id=chosen["project_id"], version=chosen["name"])
            started.append({"run": run_id, "job": job_id})
    workspace.supervisor.wake()
    return started


def resume_run(workspace: Workspace, run: str, *, by: str) -> dict[str, str]:
    """Go on with a run that was cancelled, lost or failed, from its last checkpoint. Returns the ids of run and job."""
    person = checked_person(by)
    row = run_named(workspace, run)
    assert not row["continues"], "`continuing.resume` goes on with any run"
    if row["state"] in (JobState.QUEUED, JobState.RUNNING, JobState.DONE):
        raise Conflict(f"The run {row['name']} is {row['state']}; only one that stopped early can be resumed.")
    version = version_rows.version_named(workspace.store, row["project_id"], row["version_id"])
    if version is None:
        raise NotFound(f"The version that {row['name']} was trained on is gone.")
    obstacles = obstacles_of(workspace, version, config_from(row["config"]))
    if obstacles:
        raise Refused(" ".join(obstacles))
    job_id, folder = new_job_folder(workspace)
    with workspace.store.transaction() as tx:
        _queue(
            workspace,
            tx,
            folder,
            run_id=row["id"],
            version=version,
            config=row["config"],
            by=person,
            again=row["reproduces"],
        )
        run_rows.continue_run(tx, row["id"], job_id)
        tx.event("resumed", "run", row["id"], by=person, project_id=row["project_id"])
    workspace.supervisor.wake()
    return {"run": row["id"], "job": job_id}


def run_named(workspace: Workspace, run: str, *, project: str | None = None) -> Row:
    """One run by id or name, of one project where its name or id is given. Of a project's runs of one name the newest.

    Raises NotFound, and Conflict where several projects have a run of that name and none is given.
    """
    owner = project_named(workspace, project) if project is not None else None
    row = run_rows.run(workspace.store, run, owner["id"] if owner else None)
    if row is None:
        where = f" in {owner['name']}" if owner else ""
        raise NotFound(f"There is no run {run!r}{where}.", remedy="`proofroom runs list` shows them.")
    if owner is None and row["id"] != run:
        others = run_rows.projects_with(workspace.store, run)
        if len(others) > 1:
            raise Conflict(
                f"The projects {', '.join(others)} each have a run {run!r}.",
                remedy="Name the project (--project), or use the run's id.",
            )
    return row


def list_runs(workspace: Workspace, project: str) -> list[Row]:
    return run_rows.runs(workspace.store, project_named(workspace, project)["id"])


def run_summary(workspace: Workspace, run: str) -> dict[str, Any]:
    """A run under the names of the command-line contract."""
    row = run_named(workspace, run)
    metrics = row["metrics"] or {}
    names = (
        "n_train_examples", "n_dropped", "n_train_tokens", "n_answer_tokens", "seconds", "tokens_per_second", "base_eval_loss", "eval_loss",
        "peak_memory_mb", "device_memory_mb", "n_steps",
    )  # fmt: skip
    return {
        "run": row["id"],
        "name": row["name"],
        "status": row["state"],
        "reason": row["reason"],
        "version": row["version"],
        "adapter": row["adapter"],
        "job": row["job_id"],
        **{name: metrics.get(name) for name in names},
        "config": row["config"],
        "estimate": row["estimate"],
        "group": row["group_id"],
        "part": row["part"],
        "best_step": metrics.get("best_step"),
        "stopped_early": metrics.get("stopped_early", False),
        "reproduces": row["reproduces"]["run"] if row["reproduces"] else None,
        "by_heart": metrics.get("by_heart"),
        "job_seconds": metrics.get("job_seconds"),
        "energy_wh": metrics.get("energy_wh"),
        "energy_is_measured": metrics.get("energy_is_measured", False),
        "general_ability": metrics.get("general_ability"),
        "voice": metrics.get("voice"),
        "canaries": metrics.get("canaries"),
        "consistency": metrics.get("consistency"),
        "continues": row["continues"]["run"] if row["continues"] else None,
        "preference": metrics.get("preference"),
        "network": metrics.get("network"),
        "network_in_words": network_words(metrics.get("network")) if row["metrics"] else None,
    }


def run_curve(workspace: Workspace, run: str) -> dict[str, list[dict[str, Any]]]:
    """Steps and hold-out losses so far, from the files of the run's jobs, so a reload shows all of it.

    resumed: for each time that it was resumed the step from which it went on, and the sentence that says so.
    """
    row = run_named(workspace, run)
    steps: dict[int, dict[str, Any]] = {}
    evaluations: dict[int, dict[str, Any]] = {}
    resumed = []
    for mark in sorted(run_folder(workspace, row["id"]).glob("*_job_*")):
        # The mark holds what the job told once that has ended; until then it is empty, and the job's folder has it.
        kept = mark if mark.stat().st_size else workspace.supervisor.folder(mark.name.split("_", 1)[1]).event_file
        for event in whole_events(kept):
            if event["kind"] == "resumed":
                resumed.append(event)
            target = {"step": steps, "eval": evaluations}.get(event["kind"])
            if target is not None:
                # A resumed run repeats the steps after its checkpoint; the later telling counts.
                target[event["step"]] = event
    return {
        "steps": [steps[k] for k in sorted(steps)],
        "evaluations": [evaluations[k] for k in sorted(evaluations)],
        "resumed": resumed,
    }


def run_preflight(workspace: Workspace, run: str) -> dict[str, Any] | None:
    """What a run checked before it started, as `preflight.json` has it; None before it has ended well."""
    file = run_folder(workspace, run_named(workspace, run)["id"]) / PREFLIGHT
    told: dict[str, Any] | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return told


def run_drafts(workspace: Workspace, run: str) -> list[dict[str, Any]]:
    """What a run wrote at its end for held-out requests, as `drafts_of_held_out` tells it; empty where it wrote none."""
    file = run_folder(workspace, run_named(workspace, run)["id"]) / DRAFTS
    told: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["requests"] if file.exists() else []
    return told


def adapter_folder(workspace: Workspace, run: Row) -> Path:
    """Where a run's adapter lies. Raises Refused when it has none."""
    if not run["adapter"]:
        raise Refused(
            f"The run {run['name']} has no adapter: it is {run['state']}.", remedy="Wait for it, or resume it."
        )
    return workspace.folder.root / run["adapter"]


def run_folder(workspace: Workspace, run_id: str) -> Path:
    return workspace.folder.runs / run_id


def marked_folder(workspace: Workspace, run_id: str, job_id: str) -> Path:
    """The run's own folder, made where it is new, with a mark for its job: the curve is read from all of them, in their order."""
    own = run_folder(workspace, run_id)
    own.mkdir(parents=True, exist_ok=True)
    (own / f"{len(list(own.glob('*_job_*'))):03d}_{job_id}").touch()
    return own


def _queue(
    workspace: Workspace,
    tx: Transaction,
    folder: JobFolder,
    *,
    run_id: str,
    version: Row,
    config: dict[str, Any],
    by: str,
    again: dict[str, Any] | None,
) -> None:
    own = marked_folder(workspace, run_id, folder.id)
    settings = {
        "run": run_id,
        "version": version["name"],
        "version_folder": str(version_folder(workspace, version["id"])),
        "content_sha256": version["content_sha256"],
        "config": config,
        "models": str(workspace.folder.models),
        "checkpoint": str(own / "checkpoint"),
        "threads": again["machine"].get("threads") if again else None,
    }
    queue_job(
        tx, folder, project_id=version["project_id"], kind="train", settings=settings,
        facts={"run": run_id, "version": version["name"]}, by=by, stops_by_itself=True,
    )  # fmt: skip

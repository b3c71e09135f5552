"""Plan a run, start it, watch it, cancel and resume it, take its adapter over and export it."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.folder import JobFolder, whole_events
from core.nouns import Goal, JobState
from core.store import records as record_rows
from core.store import runs as run_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.training.base_models import EMBEDDED, EMBEDDED_SHAPE, base_shape, model_folder
from core.training.estimates import estimate_run
from core.training.presets import REASONS as PRESET_REASONS
from core.training.presets import TrainConfig, config_from, differing_settings, preset
from core.workflows.freezing import version_folder, version_named
from core.workflows.gates import sources_that_forbid
from core.workflows.workspace import Workspace, checked_person, new_job_folder, project_named, queue_job

__all__ = ["PRESET_REASONS"]

ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json", "manifest.json")


def plan_run(
    workspace: Workspace,
    project: str,
    version: str | None,
    *,
    preset_name: str = "auto",
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The run card: version, configuration, what differs from the preset, estimate, and what stands in the way.

    version: None for the newest. `obstacles` are sentences; a run starts only when there are none.
    """
    row = project_named(workspace, project)
    chosen = _version(workspace, row, version)
    goal = Goal(row["goal"]) if preset_name == "auto" else _goal(preset_name)
    base = (settings or {}).get("base", EMBEDDED)
    shape = EMBEDDED_SHAPE if base == EMBEDDED else base_shape(model_folder(base, workspace.folder.models))
    reference = replace(
        preset(
            goal,
            n_examples=chosen["n_train"],
            longest_tokens=chosen["card"].get("longest_tokens", 1024),
            width=shape.width,
        ),
        base=base,
    )
    config = config_from(settings or {}, base=reference)
    tokens = chosen["card"].get("n_tokens", {})
    estimate = estimate_run(
        config,
        n_train=chosen["n_train"],
        n_train_tokens=chosen["n_train_tokens"],
        n_evaluation_tokens=tokens.get("validation", 0) + tokens.get("test", 0),
        measured_speeds=run_rows.measured_speeds(workspace.store, base),
        shape=shape,
    )
    return {
        "version": chosen,
        "config": config.to_dict(),
        "differs": differing_settings(config, reference),
        "estimate": asdict(estimate),
        "obstacles": _obstacles(workspace, chosen, config),
    }


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
    """Start training. Returns the ids of run and job. Raises Refused with every obstacle of the run card."""
    person = checked_person(by)
    plan = plan_run(workspace, project, version, preset_name=preset_name, settings=settings)
    if plan["obstacles"]:
        raise Refused(" ".join(plan["obstacles"]))
    chosen = plan["version"]
    run_id = new_id("run_")
    job_id, folder = new_job_folder(workspace)
    run_name = name or f"{chosen['name']}-{len(run_rows.runs(workspace.store, chosen['project_id'])) + 1}"
    with workspace.store.transaction() as tx:
        _queue(workspace, tx, folder, run_id=run_id, version=chosen, config=plan["config"], by=person)
        run_rows.insert_run(
            tx, run_id, project_id=chosen["project_id"], version_id=chosen["id"], name=run_name, job_id=job_id,
            config=plan["config"], estimate=plan["estimate"], by=person,
        )  # fmt: skip
        tx.event("started", "run", run_id, by=person, project_id=chosen["project_id"], version=chosen["name"])
    workspace.supervisor.wake()
    return {"run": run_id, "job": job_id}


def resume_run(workspace: Workspace, run: str, *, by: str) -> dict[str, str]:
    """Go on with a run that was cancelled, lost or failed, from its last checkpoint. Returns the ids of run and job."""
    person = checked_person(by)
    row = run_named(workspace, run)
    if row["state"] in (JobState.QUEUED, JobState.RUNNING, JobState.DONE):
        raise Conflict(f"The run {row['name']} is {row['state']}; only one that stopped early can be resumed.")
    version = version_rows.version_named(workspace.store, row["project_id"], row["version_id"])
    if version is None:
        raise NotFound(f"The version that {row['name']} was trained on is gone.")
    obstacles = _obstacles(workspace, version, config_from(row["config"]))
    if obstacles:
        raise Refused(" ".join(obstacles))
    job_id, folder = new_job_folder(workspace)
    with workspace.store.transaction() as tx:
        _queue(workspace, tx, folder, run_id=row["id"], version=version, config=row["config"], by=person)
        run_rows.continue_run(tx, row["id"], job_id)
        tx.event("resumed", "run", row["id"], by=person, project_id=row["project_id"])
    workspace.supervisor.wake()
    return {"run": row["id"], "job": job_id}


def run_named(workspace: Workspace, run: str, *, project: str | None = None) -> Row:
    """One run by id or name, of one project where its name or id is given. Raises NotFound."""
    owner = project_named(workspace, project) if project is not None else None
    row = run_rows.run(workspace.store, run, owner["id"] if owner else None)
    if row is None:
        where = f" in {owner['name']}" if owner else ""
        raise NotFound(f"There is no run {run!r}{where}.", remedy="`proofroom runs list` shows them.")
    return row


def list_runs(workspace: Workspace, project: str) -> list[Row]:
    return run_rows.runs(workspace.store, project_named(workspace, project)["id"])


def run_summary(workspace: Workspace, run: str) -> dict[str, Any]:
    """A run under the names of the command-line contract."""
    row = run_named(workspace, run)
    metrics = row["metrics"] or {}
    names = (
        "n_train_examples", "n_dropped", "n_train_tokens", "seconds", "tokens_per_second", "base_eval_loss", "eval_loss",
        "peak_memory_mb", "n_steps",
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
    }


def run_curve(workspace: Workspace, run: str) -> dict[str, list[dict[str, Any]]]:
    """Steps and hold-out losses so far, from the files of the run's jobs, so a reload shows all of it."""
    row = run_named(workspace, run)
    steps: dict[int, dict[str, Any]] = {}
    evaluations: dict[int, dict[str, Any]] = {}
    for mark in sorted(run_folder(workspace, row["id"]).glob("*_job_*")):
        # The mark holds what the job told once that has ended; until then it is empty, and the job's folder has it.
        kept = mark if mark.stat().st_size else workspace.supervisor.folder(mark.name.split("_", 1)[1]).event_file
        for event in whole_events(kept):
            target = {"step": steps, "eval": evaluations}.get(event["kind"])
            if target is not None:
                # A resumed run repeats the steps after its checkpoint; the later telling counts.
                target[event["step"]] = event
    return {"steps": [steps[k] for k in sorted(steps)], "evaluations": [evaluations[k] for k in sorted(evaluations)]}


def worst_held_out(workspace: Workspace, run: str, *, limit: int = 5) -> list[dict[str, Any]]:
    """The hold-out examples with the highest loss after training: record, title, base and tuned loss in nats per token."""
    row = run_named(workspace, run)
    worst = sorted((row["metrics"] or {}).get("examples", []), key=lambda e: -e["tuned"])[:limit]
    records = {e["example_id"]: e["example_id"].rpartition(":")[0] for e in worst}
    titles = record_rows.titles(workspace.store, list(records.values()))
    return [
        {"record_id": record, "title": titles[record], "base": e["base"], "tuned": e["tuned"]}
        for e in worst
        if (record := records[e["example_id"]]) in titles
    ]


def collect_run(workspace: Workspace, tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
    """Copy the adapter to its place and note the figures."""
    run = run_rows.run_of_job(tx, job["id"])
    if run is None:
        return
    target = run_folder(workspace, run["id"]) / "adapter"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder.out / "adapter", target)
    run_rows.finish_run(
        tx, job["id"], status="done", adapter=str(target.relative_to(workspace.folder.root)), metrics=result
    )
    tx.event(
        "trained",
        "run",
        run["id"],
        by=job["created_by"],
        project_id=job["project_id"],
        weights=result["weights_sha256"],
    )


def adapter_folder(workspace: Workspace, run: Row) -> Path:
    """Where a run's adapter lies. Raises Refused when it has none."""
    if not run["adapter"]:
        raise Refused(
            f"The run {run['name']} has no adapter: it is {run['state']}.", remedy="Wait for it, or resume it."
        )
    return workspace.folder.root / run["adapter"]


def export_adapter(workspace: Workspace, run: str, *, target: Path, by: str, project: str | None = None) -> list[str]:
    """Copy a run's adapter to a folder that must not exist. Returns the names of the files."""
    row = run_named(workspace, run, project=project)
    source = adapter_folder(workspace, row)
    if target.exists():
        raise Conflict(f"{target} exists already.", remedy="Name a folder that does not.")
    target.mkdir(parents=True)
    for name in ADAPTER_FILES:
        shutil.copyfile(source / name, target / name)
    with workspace.store.transaction() as tx:
        tx.event("exported", "run", row["id"], by=checked_person(by), project_id=row["project_id"])
    return list(ADAPTER_FILES)


def run_folder(workspace: Workspace, run_id: str) -> Path:
    return workspace.folder.runs / run_id


def _queue(
    workspace: Workspace,
    tx: Transaction,
    folder: JobFolder,
    *,
    run_id: str,
    version: Row,
    config: dict[str, Any],
    by: str,
) -> None:
    own = run_folder(workspace, run_id)
    own.mkdir(parents=True, exist_ok=True)
    # A mark for each job of the run, in order: the curve is read from all of them.
    (own / f"{len(list(own.glob('*_job_*'))):03d}_{folder.id}").touch()
    settings = {
        "run": run_id,
        "version": version["name"],
        "version_folder": str(version_folder(workspace, version["id"])),
        "content_sha256": version["content_sha256"],
        "config": config,
        "models": str(workspace.folder.models),
        "checkpoint": str(own / "checkpoint"),
    }
    queue_job(
        tx, folder, project_id=version["project_id"], kind="train", settings=settings,
        facts={"run": run_id, "version": version["name"]}, by=by, stops_by_itself=True,
    )  # fmt: skip


def _version(workspace: Workspace, project: Row, name: str | None) -> Row:
    if name is not None:
        return version_named(workspace, project["id"], name)
    versions = version_rows.versions(workspace.store, project["id"])
    if not versions:
        raise Refused(f"{project['name']} has no frozen version.", remedy="Freeze one first: `proofroom freeze`.")
    return versions[0]


def _goal(name: str) -> Goal:
    if name not in list(Goal):
        raise Invalid(f"{name!r} is not a preset.", remedy=f"Choose auto, {', '.join(Goal)}.")
    return Goal(name)


def _obstacles(workspace: Workspace, version: Row, config: TrainConfig) -> list[str]:
    # The card names the version's sources; their terms are those of today.
    ids = [source["id"] for source in version["card"]["sources"]]
    obstacles = sources_that_forbid(source_rows.sources_by_id(workspace.store, ids), "train", utc_now().date())
    if not version["n_train"]:
        obstacles.append(f"The version {version['name']} has no training example.")
    if config.base != EMBEDDED:
        model_folder(config.base, workspace.folder.models)
    return obstacles


def note_run_end(tx: Transaction, job: Row, state: str) -> None:
    """Keep the run's own state true when its job ended without a result."""
    if state != JobState.DONE:
        run_rows.finish_run(tx, job["id"], status=state)


def keep_curve(workspace: Workspace, job: Row) -> None:
    """Copy what a training job told of its steps to the run's own folder, which backups hold."""
    told = workspace.supervisor.folder(job["id"]).event_file
    mark = next(run_folder(workspace, job["facts"]["run"]).glob(f"*_{job['id']}"), None)
    if mark is not None and told.exists():
        unfinished = mark.with_name("curve.part")
        shutil.copyfile(told, unfinished)
        unfinished.replace(mark)

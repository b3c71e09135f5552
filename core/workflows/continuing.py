"""Go on from a run with what its reviewers did: preference pairs from their verdicts, as a run of its own.

The pairs are frozen by value beside the new run, with a hash, so that the same run can be made again from them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.errors import Conflict, NotFound, Refused
from core.jobs.folder import JobFolder
from core.nouns import JobState, PreferencePair
from core.review.pairs import write_pairs
from core.review.statistics import wilson_interval
from core.store import models as model_rows
from core.store import runs as run_rows
from core.store import versions as version_rows
from core.store.connection import Row, Transaction, new_id
from core.training.hardware import hardware
from core.training.manifests import read_manifest
from core.training.preference_plan import (
    REASONS,
    PreferenceConfig,
    continuation_config,
    estimate_continuation,
    kept_aside,
    settings_of,
)
from core.training.presets import config_from
from core.workflows import training
from core.workflows.freezing import version_folder
from core.workflows.gates import against_run
from core.workflows.models import RETIRED, state_of
from core.workflows.review_pairs import PAIRS, REVIEWS, WHY, Gate, PairsFound, found_pairs, frozen_pairs
from core.workflows.run_plans import earlier_runs_on, held_out_tokens, obstacles_of, shape_of
from core.workflows.training import adapter_folder, marked_folder, run_folder, run_named
from core.workflows.workspace import Workspace, checked_name, checked_person, new_job_folder, queue_job

__all__ = ["REASONS"]

# Fewer say more of one afternoon than of what reviewers want.
LEAST_PAIRS = 4
OWN_NAME = re.compile(r"-reviewed-\d+$")


def plan_continuation(
    workspace: Workspace,
    project: str,
    run: str,
    *,
    pairs_from: str = REVIEWS,
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What going on from a run would learn from, be set to and take, and what stands in its way. Nothing is stored.

    pairs_from: "reviews", or the run whose frozen pairs and settings are taken again. left_out: how many verdicts are in no pair, and why.
    """
    row = run_named(workspace, run, project=project)
    found = found_pairs(workspace, project, row, pairs_from)
    config = _config(workspace, project, row, pairs_from, settings)
    version = _version(workspace, row)
    return {
        "run": row["id"],
        "name": row["name"],
        "n_pairs": len(found.pairs),
        "n_edits": found.n_edits,
        "n_beside": len(found.pairs) - found.n_edits - found.n_preferred,
        "n_preferred": found.n_preferred,
        "n_aside": len(kept_aside(found.pairs)[1]),
        "left_out": [{"reason": reason, "n": n, "words": WHY[reason]} for reason, n in found.left_out.items()],
        "settings": settings_of(config),
        "estimate": _estimate(workspace, version, config, found.pairs),
        "obstacles": _obstacles(workspace, row, version, config, found),
    }


def start_continuation(
    workspace: Workspace,
    project: str,
    run: str,
    *,
    by: str,
    pairs_from: str = REVIEWS,
    settings: dict[str, Any] | None = None,
    name: str | None = None,
) -> dict[str, str]:
    """Start a run that goes on from another one's adapter. Returns the ids of run and job.

    Raises Refused with every obstacle, and Invalid where the adapter is no longer the one that was trained.
    """
    person = checked_person(by)
    row = run_named(workspace, run, project=project)
    found = found_pairs(workspace, project, row, pairs_from)
    config, version = _config(workspace, project, row, pairs_from, settings), _version(workspace, row)
    obstacles = _obstacles(workspace, row, version, config, found)
    if obstacles:
        raise Refused(" ".join(obstacles))
    trained = (row["metrics"] or {}).get("weights_sha256")
    weights: str = read_manifest(adapter_folder(workspace, row), trained_sha256=trained)["weights_sha256"]
    own_name = checked_name(name, "run") if name else _name_after(workspace, row)
    run_id = new_id("run_")
    job_id, folder = new_job_folder(workspace)
    own = marked_folder(workspace, run_id, job_id)
    continues = _learnt_from(workspace, row, found) | {
        "weights_sha256": weights,
        "pairs_sha256": write_pairs(own / PAIRS, found.pairs),
        "pairs_from": pairs_from,
        "beta": config.beta,
        "nll_weight": config.nll_weight,
    }
    with workspace.store.transaction() as tx:
        _queue(workspace, tx, folder, run_id=run_id, version=version, config=config, continues=continues, by=person)
        run_rows.insert_run(
            tx, run_id, project_id=row["project_id"], version_id=version["id"], name=own_name, job_id=job_id,
            config=config.run.to_dict(), estimate=_estimate(workspace, version, config, found.pairs), by=person,
            continues=continues,
        )  # fmt: skip
        tx.event(
            "continued", "run", run_id, by=person, project_id=row["project_id"], earlier=row["name"],
            n_pairs=len(found.pairs), pairs_sha256=continues["pairs_sha256"],
        )  # fmt: skip
    workspace.supervisor.wake()
    return {"run": run_id, "job": job_id}


def resume(workspace: Workspace, run: str, *, by: str) -> dict[str, str]:
    """Go on with any run that was cancelled, lost or failed, from its last checkpoint. Returns the ids of run and job."""
    row = run_named(workspace, run)
    if not row["continues"]:
        return training.resume_run(workspace, run, by=by)
    person = checked_person(by)
    if row["state"] in (JobState.QUEUED, JobState.RUNNING, JobState.DONE):
        raise Conflict(f"The run {row['name']} is {row['state']}; only one that stopped early can be resumed.")
    version = _version(workspace, row)
    continues = row["continues"]
    config = PreferenceConfig(config_from(row["config"]), continues["beta"], continues["nll_weight"])
    obstacles = obstacles_of(workspace, version, config.run)
    pairs = frozen_pairs(workspace, row)
    gate = Gate(workspace, row, [pair.record_id for pair in pairs])
    n_barred = sum(bool(gate.against(pair.run_ids, pair.record_id)) for pair in pairs)
    if n_barred:
        obstacles.append(
            f"{n_barred} of its {len(pairs)} pairs may no longer be trained on: their sources forbid it, or are gone. Start a new "
            "continuation instead."
        )
    if obstacles:
        raise Refused(" ".join(obstacles))
    job_id, folder = new_job_folder(workspace)
    with workspace.store.transaction() as tx:
        marked_folder(workspace, row["id"], job_id)
        _queue(workspace, tx, folder, run_id=row["id"], version=version, config=config, continues=continues, by=person)
        run_rows.continue_run(tx, row["id"], job_id)
        tx.event("resumed", "run", row["id"], by=person, project_id=row["project_id"])
    workspace.supervisor.wake()
    return {"run": row["id"], "job": job_id}


def preference_of(run: Row) -> dict[str, Any] | None:
    """What a run that went on from another measured: preference before and after, the hold-out loss before and after.

    likelier_interval: of the share of pairs in which it finds the signed-off text likelier (Wilson, 95 %). None for any other
    run, and before it has ended.
    """
    told = (run["metrics"] or {}).get("preference")
    if not run["continues"] or told is None:
        return None
    after = told["after"]
    return told | {"likelier_interval": wilson_interval(after["n_likelier"], after["n"])}


def _learnt_from(workspace: Workspace, row: Row, found: PairsFound) -> dict[str, Any]:
    """The run that is gone on from, and what its model will have learnt from then on: how many pairs, of which briefs, records and sources."""
    earlier = row["continues"] or {"briefs": [], "records": [], "sources": []}
    gate = Gate(workspace, row, [pair.record_id for pair in found.pairs])
    sources = {source for pair in found.pairs for source in gate.sources(pair.run_ids, pair.record_id)}
    return {
        "run": row["id"],
        "name": row["name"],
        "n_pairs": len(found.pairs),
        "n_edits": found.n_edits,
        "n_preferred": found.n_preferred,
        # What it has learnt the answers to, the runs before it included: of no use to judge it by.
        "briefs": sorted({*earlier["briefs"], *(pair.brief_id for pair in found.pairs)}),
        "records": sorted({*earlier["records"], *(pair.record_id for pair in found.pairs if pair.record_id)}),
        # Their terms bind what is made of it for as long as it is used.
        "sources": sorted({*earlier.get("sources", []), *sources}),
    }


def _name_after(workspace: Workspace, row: Row) -> str:
    number = len(run_rows.runs(workspace.store, row["project_id"])) + 1
    return f"{OWN_NAME.sub('', row['name'])[:60]}-reviewed-{number}"


def _config(
    workspace: Workspace, project: str, row: Row, pairs_from: str, settings: dict[str, Any] | None
) -> PreferenceConfig:
    """What the earlier run and a person's settings make; with another run's pairs come that one's settings, under these."""
    taken: dict[str, Any] = {}
    if pairs_from != REVIEWS:
        other = run_named(workspace, pairs_from, project=project)
        taken = settings_of(
            PreferenceConfig(config_from(other["config"]), other["continues"]["beta"], other["continues"]["nll_weight"])
        )
    return continuation_config(
        config_from(row["config"]), taken | (settings or {}), was_continued=bool(row["continues"])
    )


def _version(workspace: Workspace, row: Row) -> Row:
    version = version_rows.version_named(workspace.store, row["project_id"], row["version_id"])
    if version is None:
        raise NotFound(f"The version that {row['name']} was trained on is gone.")
    return version


def _obstacles(workspace: Workspace, row: Row, version: Row, config: PreferenceConfig, found: PairsFound) -> list[str]:
    """Sentences of what stands in the way of going on from a run; empty where nothing does."""
    obstacles = []
    if not row["adapter"]:
        obstacles.append(f"The run {row['name']} has no adapter: it is {row['state']}.")
    if state_of(model_rows.current_act(workspace.store, row["id"])) == RETIRED:
        obstacles.append(f"The model of {row['name']} was retired.")
    obstacles += obstacles_of(workspace, version, config.run)
    # What it went on with before has terms, too.
    obstacles += [one for one in against_run(workspace, row, version) if one not in obstacles]
    n = len(found.pairs)
    if n < LEAST_PAIRS:
        have = "no pair" if not n else "1 pair" if n == 1 else f"{n} pairs"
        obstacles.append(
            f"The reviews make {have} to learn from; at least {LEAST_PAIRS} are needed. A draft that is signed off with an edit makes one."
        )
    return obstacles


def _estimate(
    workspace: Workspace, version: Row, config: PreferenceConfig, pairs: Sequence[PreferencePair]
) -> dict[str, Any]:
    base = config.run.base
    estimate = estimate_continuation(
        config,
        pairs,
        **held_out_tokens(version),
        earlier=earlier_runs_on(hardware(), workspace, base, processes=1),
        shape=shape_of(base, workspace),
    )
    return asdict(estimate)


def _queue(
    workspace: Workspace,
    tx: Transaction,
    folder: JobFolder,
    *,
    run_id: str,
    version: Row,
    config: PreferenceConfig,
    continues: dict[str, Any],
    by: str,
) -> None:
    own = run_folder(workspace, run_id)
    begun_from = run_rows.run(workspace.store, continues["run"])
    assert begun_from is not None, "runs are never deleted"
    told = {name: value for name, value in continues.items() if name not in ("briefs", "records", "sources")}
    settings = {
        "run": run_id,
        "version": version["name"],
        "version_folder": str(version_folder(workspace, version["id"])),
        "content_sha256": version["content_sha256"],
        "config": config.to_dict(),
        "models": str(workspace.folder.models),
        "checkpoint": str(own / "checkpoint"),
        "start": str(adapter_folder(workspace, begun_from)),
        "pairs": str(own / PAIRS),
        "continues": told,
        "records": continues["records"],
    }
    queue_job(
        tx, folder, project_id=version["project_id"], kind="continue", settings=settings,
        facts={"run": run_id, "version": version["name"]}, by=by, stops_by_itself=True,
    )  # fmt: skip

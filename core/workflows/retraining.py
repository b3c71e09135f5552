"""Whether a project has a reason to train again, from its reviews, decisions, sources and vectors. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.nouns import FINAL_JOB_STATES, System
from core.review.retrain import OWN_SHARE, Reason, drift_reason, kept_reason, rate_reason, source_reasons
from core.review.summary import TUNED_DRAFTS
from core.store import retrain as retrain_rows
from core.store import runs as run_rows
from core.store import sources as source_rows
from core.store import versions as version_rows
from core.store.connection import Row, utc_now
from core.workflows.gates import run_lapses
from core.workflows.results import results_json
from core.workflows.workspace import Workspace, project_named

# Enough for an interval of seven points to either side at most; twice as many take four times as long, and the desk waits for it.
MOST_COMPARED = 200


def retraining(workspace: Workspace, project: str, *, summary: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """run and version that are spoken of, and reasons with their kind, sentence and counts; none while a run is under way.

    Spoken of is the newest run that has a model. summary: its results with told verdicts alone, for who has counted them already.
    """
    row = project_named(workspace, project)
    runs = run_rows.runs(workspace.store, row["id"])
    is_under_way = any(run["state"] not in FINAL_JOB_STATES for run in runs)
    run = next((run for run in runs if run["adapter"]), None)
    if run is None or is_under_way:
        return {"run": run["name"] if run else None, "version": run["version"] if run else None, "reasons": []}
    version = version_rows.version_named(workspace.store, row["id"], run["version_id"])
    assert version is not None, "a run's version is never deleted"
    reasons = [
        _rate(workspace, row, run, summary),
        *_sources(workspace, version),
        *_lapsed(workspace, run, version),
        _kept(workspace, version),
        _drift(workspace, version),
    ]
    return {
        "run": run["name"],
        "version": version["name"],
        "reasons": [asdict(reason) for reason in reasons if reason is not None],
    }


def _rate(workspace: Workspace, project: Row, run: Row, summary: Mapping[str, Any] | None) -> Reason | None:
    told = summary if summary is not None else results_json(workspace, project["id"], only_told=True)
    # An older run's rate is no reason any more: this one was trained since.
    if told["run"] != run["name"]:
        return None
    drafts = TUNED_DRAFTS[System(told["system"])]
    return rate_reason(
        run["name"], told["systems"][told["system"]], project["pass_target"], drafts=drafts, caution=told["uneven_in_words"]
    )  # fmt: skip


def _sources(workspace: Workspace, version: Row) -> list[Reason]:
    held = retrain_rows.n_held_by_source(workspace.store, version["id"])
    rows = source_rows.sources_by_id(workspace.store, list(held))
    told = [source | {"n_records": held[source["id"]]} for source in rows]
    return source_reasons(version["name"], told, utc_now().date())


def _lapsed(workspace: Workspace, run: Row, version: Row) -> list[Reason]:
    """What was withdrawn or limited since; what expired is told with its sources."""
    return [
        Reason("lapsed", f"{lapse.sentence} So the model of {run['name']} may not be used as it is.", {})
        for lapse in run_lapses(workspace, run, version)
        if not lapse.key.endswith(":expired")
    ]


def _kept(workspace: Workspace, version: Row) -> Reason | None:
    n_new = retrain_rows.n_kept_since(workspace.store, version["project_id"], version["id"], version["created_at"])
    return kept_reason(version["name"], n_new, version["n_records"])


def _drift(workspace: Workspace, version: Row) -> Reason | None:
    found = retrain_rows.drift(
        workspace.store, version["project_id"], version["id"], version["created_at"], share=OWN_SHARE, most=MOST_COMPARED
    )  # fmt: skip
    return drift_reason(version["name"], n_held=found["n_held"], n_new=found["n_new"], n_far=found["n_far"])

"""A run on a tiny model that a real worker has begun, with a checkpoint after every step, and that goes on for long if it is let."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from core.workflows import jobs, training
from core.workflows.workspace import Workspace
from tests.jobs_by_hand import finish

SETTINGS: dict[str, Any] = {
    "train_tokens": 5_000_000, "batch_size": 2, "n_evaluations": 0, "n_drafts": 0, "checkpoint_minutes": 0.0,
    "max_length_tokens": 256,
}  # fmt: skip


def begun_run(workspace: Workspace, base: Path, **settings: Any) -> dict[str, str]:
    """Start a run of the version v1 in the project voice, and wait for its first checkpoint. Returns the ids of run and job."""
    started = training.start_run(workspace, "voice", "v1", by="Ann", settings=SETTINGS | {"base": str(base)} | settings)
    wait_for(workspace, started["job"], "checkpoint")
    return started


def wait_for(workspace: Workspace, job: str, kind: str, *, seconds: float = 120) -> dict[str, Any]:
    """The first event of a kind that a job tells."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        workspace.supervisor.poll()
        for event in workspace.supervisor.folder(job).events():
            if event["kind"] == kind:
                return event
        time.sleep(0.02)
    raise AssertionError(f"{job} told of no {kind}: {jobs.job_progress(workspace, job)}")


def stopped_run(workspace: Workspace, base: Path) -> str:
    """The same, cancelled. Returns the run's id."""
    started = begun_run(workspace, base)
    jobs.cancel_job(workspace, started["job"], by="Ann")
    assert finish(workspace, started["job"])["state"] == "cancelled"
    return started["run"]

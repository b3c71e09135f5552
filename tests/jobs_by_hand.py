"""Runs queued jobs of a workspace to their end, in real worker processes, without a server's thread."""

from __future__ import annotations

import time
from typing import Any

from core.nouns import FINAL_JOB_STATES
from core.workflows.jobs import job_progress
from core.workflows.workspace import Workspace


def finish(workspace: Workspace, job: str, *, seconds: float = 600) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        workspace.supervisor.poll()
        progress = job_progress(workspace, job)
        if progress["state"] in FINAL_JOB_STATES:
            return progress
        time.sleep(0.05)
    raise AssertionError(f"{job} did not end: {job_progress(workspace, job)}")

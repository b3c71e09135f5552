"""Runs queued jobs of a workspace to their end, in real worker processes, without a server's thread."""

from __future__ import annotations

import time
from typing import Any

from core.nouns import FINAL_JOB_STATES
from core.workflows.jobs import job_progress
from core.workflows.workspace import Workspace

# Most jobs of tests take tens of milliseconds: they are looked at often at first, and a long one takes no time from its worker.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, GROWTH = 0.002, 0.05, 1.2


def finish(workspace: Workspace, job: str, *, seconds: float = 600) -> dict[str, Any]:
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE_SECONDS
    while time.monotonic() < deadline:
        workspace.supervisor.poll()
        progress = job_progress(workspace, job)
        if progress["state"] in FINAL_JOB_STATES:
            return progress
        time.sleep(pause)
        pause = min(LONGEST_PAUSE_SECONDS, GROWTH * pause)
    raise AssertionError(f"{job} did not end: {job_progress(workspace, job)}")

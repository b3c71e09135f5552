"""Drafts that the endpoint elsewhere writes alone: no model of this machine is loaded for them, and a job that waits can be cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.workflows import briefing, drafting, endpoint, jobs, training
from core.workflows.workspace import Workspace, open_workspace
from tests.core.outgoing.conftest import server
from tests.core.outgoing.listening import Asked, Turn, told
from tests.edited_drafts import workspace_with_drafts
from tests.jobs_by_hand import finish

__all__ = ["server"]

# How long the endpoint is silent, and within what of it a busy machine has to be done.
SECONDS_OF_SILENCE, SECONDS_TO_END = 90, 30


@pytest.fixture
def workspace(tmp_path: Path, server: Asked) -> Iterator[Workspace]:
    """Real workers; the run's adapter is one that no model could load."""
    workspace_with_drafts(tmp_path / "data", n_briefs=2).close()
    opened = open_workspace(DataFolder(tmp_path / "data"))
    endpoint.set_endpoint(opened, f"http://127.0.0.1:{server.port}/v1", "m", by="Ann", allows_private=True)
    yield opened
    opened.close()


@pytest.fixture
def silent(server: Asked) -> Iterator[Asked]:
    """It takes a request, and says nothing until the test is over, or for longer than anybody waits."""
    is_over = threading.Event()

    def wait(_body: dict[str, Any], _n_before: int) -> Turn:
        is_over.wait(SECONDS_OF_SILENCE)
        return (200, {}, told("Too late."))

    server.by_request = wait
    yield server
    is_over.set()


def written_elsewhere(workspace: Workspace) -> str:
    (run,) = training.list_runs(workspace, "p")
    briefs = [brief["id"] for brief in briefing.list_briefs(workspace, "p")]
    return drafting.write_drafts(
        workspace, "p", run=run["id"], brief_ids=briefs, systems=["external"], by="Ann", max_new_tokens=16
    )["job"]


def test_no_model_of_this_machine_is_loaded_where_the_endpoint_writes_alone(
    workspace: Workspace, server: Asked
) -> None:
    ended = finish(workspace, written_elsewhere(workspace))
    assert (ended["state"], ended["reason"]) == ("done", "")
    assert [row["text"] for row in drafting.drafts_of_job(workspace, ended["id"])] == ["A text.", "A text."]
    assert "Loading the model" not in workspace.supervisor.folder(ended["id"]).status()["seconds"]


def test_a_cancelled_job_that_waits_for_the_endpoint_ends_before_it_answers(
    workspace: Workspace, silent: Asked
) -> None:
    job = written_elsewhere(workspace)
    deadline = time.monotonic() + 60
    while not silent.requests:
        assert time.monotonic() < deadline, "the endpoint is not asked"
        workspace.supervisor.poll()
        time.sleep(0.05)
    jobs.cancel_job(workspace, job, by="Ann")
    deadline = time.monotonic() + SECONDS_TO_END
    assert finish(workspace, job, seconds=SECONDS_TO_END)["state"] == "cancelled"
    while workspace.supervisor.folder(job).worker_is_alive():
        assert time.monotonic() < deadline, "the worker goes on without its job"
        time.sleep(0.05)

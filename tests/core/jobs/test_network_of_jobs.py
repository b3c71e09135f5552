"""What is told of how the worker of a job was kept off the network, in real workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.jobs.executor import REPOSITORY
from core.jobs.folder import JobFolder
from core.outgoing.namespace import SWITCH
from core.workflows import importing, jobs, projects
from core.workflows.workspace import Workspace
from tests.core.outgoing.test_kept_off import why_not
from tests.jobs_by_hand import finish


def strictest() -> str:
    return "Python sockets guarded" if why_not() else "isolated"


def worked(folder: JobFolder, settings: dict[str, Any], **environment: str) -> dict[str, Any]:
    """What a worker said last of a job that cannot be done with these settings."""
    folder.create({"id": folder.id, "kind": "import", "settings": settings, "stops_by_itself": False})
    command = [sys.executable, "-m", "core.jobs.worker", str(folder.root)]
    done = subprocess.run(command, cwd=REPOSITORY, env=os.environ | environment, capture_output=True, timeout=60)
    assert done.returncode == 1
    return folder.status()


def test_a_job_tells_how_it_was_kept_off_and_what_it_tried(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    upload = importing.keep_upload(workspace, "posts.jsonl", json.dumps({"text": "A post of a few words."}).encode())
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    job = importing.import_files(workspace, "p", [upload], terms, name="posts", by="Ann")["job"]
    assert jobs.job_progress(workspace, job)["network_in_words"] is None
    ended = finish(workspace, job)
    assert ended["state"] == "done"
    assert (ended["network"]["isolation"], ended["network"]["n_attempts"]) == (strictest(), 0)
    assert ended["network_in_words"].endswith("no attempt to reach out")


def test_a_job_whose_folder_is_gone_says_that_nothing_is_recorded(workspace: Workspace) -> None:
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    upload = importing.keep_upload(workspace, "posts.jsonl", b'{"text": "A post."}')
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    job = importing.import_files(workspace, "p", [upload], terms, name="posts", by="Ann")["job"]
    finish(workspace, job)
    (workspace.supervisor.folder(job).root / "status.json").unlink()
    assert jobs.job_progress(workspace, job)["network_in_words"] == "not recorded"


def test_a_job_that_fails_tells_it_too(tmp_path: Path) -> None:
    status = worked(JobFolder(tmp_path / "job"), {}, **{SWITCH: "off"})
    assert status["state"] == "failed"
    assert status["network"]["isolation"] == "Python sockets guarded"


def test_a_job_that_has_to_reach_the_endpoint_is_not_called_isolated(tmp_path: Path) -> None:
    settings = {"endpoint": {"url": "https://models.example/v1", "model": "m", "allows_private": False}}
    network = worked(JobFolder(tmp_path / "job"), settings)["network"]
    assert network["isolation"] == "Python sockets guarded, named hosts allowed"
    assert network["why_not"] == "it has to reach hosts that an owner named"


@pytest.mark.parametrize("had_begun", [False, True])
def test_jobs_of_one_run_are_told_of_together(tmp_path: Path, had_begun: bool) -> None:
    checkpoint = tmp_path / "run" / "checkpoint"
    if had_begun:
        # By a version of the studio that recorded nothing.
        checkpoint.mkdir(parents=True)
    settings = {"checkpoint": str(checkpoint)}
    worked(JobFolder(tmp_path / "first"), settings, **{SWITCH: "off"})
    network = worked(JobFolder(tmp_path / "second"), settings)["network"]
    assert network["isolation"] == ("not recorded" if had_begun else "Python sockets guarded")
    assert network["n_workers"] == 2 + had_begun

"""The order in which jobs start: what somebody waits for before runs, the older first, and what a person moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound
from core.jobs.context import JobContext
from core.workflows import jobs, projects
from core.workflows.workspace import Workspace, new_job_folder, open_workspace, queue_job
from studio.parts import happenings
from tests.core.jobs.test_supervisor import HeldExecutor


@pytest.fixture
def executor() -> HeldExecutor:
    return HeldExecutor()


@pytest.fixture
def workspace(tmp_path: Path, executor: HeldExecutor) -> Iterator[Workspace]:
    """A studio in which a run is under way: what is queued after it waits."""
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=executor)
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    queued(opened, "under way")
    opened.supervisor.poll()
    yield opened
    for job in list(executor.locks):
        executor.die(job)
    opened.close()


def queued(workspace: Workspace, *names: str, kind: str = "train") -> list[str]:
    """Jobs of a kind, all asked for in one breath. Returns their ids."""
    ids = []
    with workspace.store.transaction() as tx:
        for name in names:
            job, folder = new_job_folder(workspace)
            project = projects.list_projects(workspace)[0]["id"]
            queue_job(
                tx, folder, project_id=project, kind=kind, settings={}, facts={"run": name, "name": name}, by="Ann"
            )
            ids.append(job)
    return ids


def waiting(workspace: Workspace) -> list[str]:
    return [job["subject"] for job in jobs.waiting_jobs(workspace)]


def test_what_was_asked_for_in_one_breath_starts_in_its_order(workspace: Workspace) -> None:
    queued(workspace, *"abcdefgh")
    assert waiting(workspace) == list("abcdefgh")


def test_what_somebody_waits_for_goes_before_runs_and_not_before_its_like(workspace: Workspace) -> None:
    queued(workspace, "run 1", "run 2")
    queued(workspace, "check", kind="preflight")
    queued(workspace, "drafts", kind="draft")
    queued(workspace, "run 3")
    assert waiting(workspace) == ["check", "drafts", "run 1", "run 2", "run 3"]


def test_a_moved_job_is_the_one_that_starts_when_the_running_one_ends(
    workspace: Workspace, executor: HeldExecutor
) -> None:
    _, second = queued(workspace, "run 1", "run 2")
    (check,) = queued(workspace, "check", kind="preflight")
    (running,) = executor.locks
    told = jobs.move_job(workspace, second, "next", by="Bo")
    assert (told["place"], told["n_waiting"], told["is_moved"]) == (1, 3, True)
    assert waiting(workspace) == ["run 2", "check", "run 1"]
    workspace.supervisor.poll()
    assert list(executor.locks) == [running]
    executor.die(running)
    workspace.supervisor.poll()
    assert list(executor.locks) == [second]
    assert jobs.job_progress(workspace, check)["place"] == 1


def test_a_job_goes_last_and_back_to_its_place(workspace: Workspace) -> None:
    first, _, third = queued(workspace, "run 1", "run 2", "run 3")
    jobs.move_job(workspace, first, "last", by="Bo")
    assert waiting(workspace) == ["run 2", "run 3", "run 1"]
    jobs.move_job(workspace, third, "next", by="Bo")
    assert waiting(workspace) == ["run 3", "run 2", "run 1"]
    for job in (first, third):
        assert jobs.move_job(workspace, job, "usual", by="Bo")["is_moved"] is False
    assert waiting(workspace) == ["run 1", "run 2", "run 3"]


def test_a_move_concerns_the_lane_of_the_job_alone(workspace: Workspace) -> None:
    queued(workspace, "under way too", kind="import")
    workspace.supervisor.poll()
    first, _ = queued(workspace, "import 1", "import 2", kind="import")
    queued(workspace, "run 1")
    told = jobs.move_job(workspace, first, "last", by="Bo")
    assert (told["place"], told["n_waiting"]) == (2, 2)
    assert {job["subject"]: job["place"] for job in jobs.waiting_jobs(workspace)} == {
        "import 2": 1, "import 1": 2, "run 1": 1,
    }  # fmt: skip


def test_a_move_is_an_event_with_the_persons_name(workspace: Workspace) -> None:
    (job,) = queued(workspace, "run 1")
    jobs.move_job(workspace, job, "next", by=" Bo ")
    (event,) = workspace.store.read("SELECT * FROM events WHERE action = 'moved'")
    assert (event["noun"], event["object_id"], event["done_by"], event["facts"]) == ("job", job, "Bo", {"to": "next"})
    (told, *_) = happenings.lines(projects.standing(workspace, "p").recent)
    assert told[1:] == ("Bo", "moved a waiting job")


def test_what_runs_or_is_over_or_is_not_there_cannot_be_moved(workspace: Workspace, executor: HeldExecutor) -> None:
    (running,) = executor.locks
    with pytest.raises(Conflict, match="Training is running; only a job that waits can be moved"):
        jobs.move_job(workspace, running, "next", by="Bo")
    executor.die(running)
    workspace.supervisor.poll()
    with pytest.raises(Conflict, match="Training is lost"):
        jobs.move_job(workspace, running, "next", by="Bo")
    with pytest.raises(NotFound, match="no job 'job_none'"):
        jobs.move_job(workspace, "job_none", "next", by="Bo")
    (job,) = queued(workspace, "run 1")
    with pytest.raises(Invalid, match="cannot be moved to 'first'"):
        jobs.move_job(workspace, job, "first", by="Bo")
    assert workspace.store.read("SELECT * FROM events WHERE action = 'moved'") == []


def test_a_running_job_comes_before_those_that_wait_and_has_no_place(workspace: Workspace) -> None:
    (job,) = queued(workspace, "run 1")
    jobs.move_job(workspace, job, "next", by="Bo")
    assert [(one["state"], one["place"]) for one in jobs.active_jobs(workspace)] == [("running", None), ("queued", 1)]


def test_a_run_that_is_resumed_is_told_by_the_steps_that_it_takes_now(workspace: Workspace) -> None:
    (job,) = (one["id"] for one in jobs.active_jobs(workspace))
    now = 100.0
    context = JobContext(workspace.supervisor.folder(job), clock=lambda: now)
    context.report(phase="Training", done=500, total=1_000)
    now = 110.0
    context.report(phase="Training", done=520, total=1_000)
    told = jobs.job_progress(workspace, job)
    assert (told["rate"], told["eta_seconds"]) == (2.0, 240.0)


def test_what_is_measured_after_the_last_step_is_told_by_its_own_pace(workspace: Workspace) -> None:
    (job,) = (one["id"] for one in jobs.active_jobs(workspace))
    now = 100.0
    context = JobContext(workspace.supervisor.folder(job), clock=lambda: now)
    context.report(phase="Training", done=60, total=60, eta_seconds=0.0)
    context.report(phase="Measuring the tuned model", done=0, total=40)
    now = 110.0
    context.report(phase="Measuring the tuned model", done=10, total=40)
    assert jobs.job_progress(workspace, job)["eta_seconds"] == 30.0

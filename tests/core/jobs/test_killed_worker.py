"""A worker that the system ends, as it does when memory is short: SIGKILL to a real process in the middle of a check and of a run."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.jobs.broken_off import lost_reason
from core.workflows import continuing, jobs, preflighting, training
from core.workflows.workspace import Workspace
from tests.core.workflows.finished_run import finished_run
from tests.core.workflows.stopped_run import begun_run, wait_for
from tests.jobs_by_hand import finish

pytestmark = pytest.mark.slow

DIED = "The worker process died without a last word; it was killed, or the machine ran out of memory."
LESS = "fewer tokens at a time, with Save memory on, or with shorter examples; or take a smaller base model."
OF_A_CHECK = f"{DIED} Start it again. If memory was short, check again with {LESS}"
OF_A_RUN = f"{DIED} Resume the run: it goes on from its last checkpoint. If memory was short, start a run with {LESS}"


@pytest.fixture
def base(workspace: Workspace, tmp_path: Path) -> Path:
    """Of a project `voice` with the version v1."""
    finished_run(workspace, tmp_path)
    return tmp_path / "base"


def killed(workspace: Workspace, job: str, *, seconds: float = 60) -> dict[str, Any]:
    """How a job ends whose worker is killed as soon as it is at work."""
    folder = workspace.supervisor.folder(job)
    deadline = time.monotonic() + seconds
    while not folder.status():
        assert time.monotonic() < deadline, "its worker never began"
        workspace.supervisor.poll()
        time.sleep(0.02)
    (worker,) = [one for one in psutil.process_iter(["cmdline"]) if str(folder.root) in (one.info["cmdline"] or [])]
    worker.kill()
    return finish(workspace, job)


def test_a_check_that_is_killed_says_what_to_do_and_stands_against_its_run_until_one_goes_through(
    workspace: Workspace, base: Path
) -> None:
    settings = {"base": str(base)}

    def against(**more: Any) -> str | None:
        told: str | None = training.plan_run(workspace, "voice", "v1", settings=settings | more)["check_broke_off"]
        return told

    ended = killed(workspace, preflighting.check_first(workspace, "voice", "v1", by="Ann", settings=settings))
    assert (ended["state"], ended["reason"]) == ("lost", OF_A_CHECK)
    # What changes nothing of what a check looks at is barred too; what changes it is not.
    assert (against(), against(epochs=9.0), against(rank=8)) == (OF_A_CHECK, OF_A_CHECK, None)
    again = preflighting.check_first(workspace, "voice", "v1", by="Ann", settings=settings)
    assert finish(workspace, again)["state"] == "done"
    assert against() is None


def test_a_run_that_is_killed_says_that_it_can_be_resumed_and_what_else_helps(workspace: Workspace, base: Path) -> None:
    started = begun_run(workspace, base)
    assert killed(workspace, started["job"])["state"] == "lost"
    assert training.run_summary(workspace, started["run"])["reason"] == OF_A_RUN
    resumed = continuing.resume(workspace, started["run"], by="Ann")["job"]
    assert wait_for(workspace, resumed, "step")["step"] > 1
    jobs.cancel_job(workspace, resumed, by="Ann")
    assert finish(workspace, resumed)["state"] == "cancelled"


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("continue", "Resume the run: it goes on from its last checkpoint. If memory was short, go on from the earlier run again with fewer tokens at a "
         "time and with Save memory on (`proofroom runs continue RUN --setting micro_batch_tokens=512 --setting gradient_checkpointing=true`)."),
        ("score", "Start it again. If memory was short, use fewer or shorter rows, or a machine with more memory."),
    ],
)  # fmt: skip
def test_each_kind_of_job_that_died_says_what_helps_it(kind: str, after: str) -> None:
    assert lost_reason(kind, "") == f"{DIED} {after}"
    assert lost_reason(kind, "Killed") == f"{DIED} {after} Its last words: Killed"

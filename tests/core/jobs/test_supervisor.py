"""Jobs by their folder: ends are written once, results are joined once, a dead worker is a lost job."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Conflict, StoreFull
from core.jobs.context import JobCancelled, JobContext
from core.jobs.folder import JobFolder
from core.jobs.supervisor import Supervisor
from core.store import jobs as job_rows
from core.store.connection import Row, Store, Transaction


class HeldExecutor:
    """Starts nothing; the test plays the worker, holding the lock as a live one would."""

    def __init__(self) -> None:
        self.locks: dict[str, int] = {}

    def start(self, folder: JobFolder) -> None:
        descriptor = os.open(folder.alive, os.O_RDWR | os.O_CREAT)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self.locks[folder.id] = descriptor

    def die(self, job: str) -> None:
        os.close(self.locks.pop(job))

    def reap(self) -> None:
        return

    def leave(self) -> None:
        return


class Studio:
    def __init__(self, root: Path) -> None:
        self.store = Store(root / "p.duckdb")
        self.executor = HeldExecutor()
        self.collected: list[str] = []
        self.ended: list[str] = []
        self.trouble: Exception | None = None
        self.root = root / "jobs"
        self.supervisor = self.new_supervisor()

    def new_supervisor(self) -> Supervisor:
        def collect(tx: Transaction, job: Row, folder: JobFolder, result: dict[str, Any]) -> None:
            if self.trouble:
                raise self.trouble
            self.collected.append(job["id"])

        def note(tx: Transaction, job: Row, state: str) -> None:
            self.ended.append(state)

        return Supervisor(self.store, self.root, self.executor, {"train": collect, "import": collect}, note)

    def queue(self, job: str, kind: str = "train") -> JobFolder:
        folder = JobFolder(self.root / job)
        folder.create({"id": job, "kind": kind, "settings": {}})
        with self.store.transaction() as tx:
            job_rows.insert_job(tx, job, project_id="p", kind=kind, facts={}, by="ann")
        return folder

    def state(self, job: str) -> str:
        row = job_rows.job(self.store, job)
        assert row is not None
        return str(row["state"])


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = Studio(tmp_path)
    yield opened
    for job in list(opened.executor.locks):
        opened.executor.die(job)
    opened.store.close()


def finish(studio: Studio, folder: JobFolder, state: str = "done") -> None:
    JobContext(folder).finish(state, result={"n": 1})
    studio.executor.die(folder.id)


def test_a_queued_job_is_started_and_its_end_is_taken_over(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    assert studio.state("job_1") == "running"
    finish(studio, folder)
    studio.supervisor.poll()
    assert (studio.state("job_1"), studio.collected) == ("done", ["job_1"])


def test_a_job_without_its_folder_is_lost_and_holds_up_no_other(studio: Studio) -> None:
    with studio.store.transaction() as tx:
        job_rows.insert_job(tx, "job_gone", project_id="p", kind="train", facts={}, by="ann")
    studio.queue("job_2")
    studio.supervisor.poll()
    assert (studio.state("job_gone"), studio.state("job_2")) == ("lost", "running")


def test_results_are_collected_once_however_often_one_looks(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    finish(studio, folder)
    for _ in range(3):
        studio.supervisor.poll()
    assert studio.collected == ["job_1"]
    assert studio.ended == ["done"]


def test_a_restarted_server_finds_the_running_job_again(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    second = studio.new_supervisor()
    second.poll()
    assert studio.state("job_1") == "running"
    finish(studio, folder)
    second.poll()
    assert studio.state("job_1") == "done"


def test_a_worker_that_died_without_a_word_is_lost_with_a_reason(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    folder.log.write_text("Out of memory")
    studio.executor.die("job_1")
    studio.supervisor.poll()
    row = job_rows.job(studio.store, "job_1")
    assert row is not None
    assert row["state"] == "lost"
    assert row["reason"] == (
        "The worker process died without a last word; it was killed, or the machine ran out of memory. Resume the run: it goes on from its "
        "last checkpoint. If memory was short, start a run with fewer tokens at a time, with Save memory on, or with shorter examples; or take "
        "a smaller base model. Its last words: Out of memory"
    )


def test_what_a_lost_worker_left_half_written_goes(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    folder.unfinished.mkdir(exist_ok=True)
    (folder.unfinished / "records.parquet").write_bytes(b"half")
    studio.executor.die("job_1")
    studio.supervisor.poll()
    assert not folder.unfinished.exists()


def test_a_final_state_is_never_overwritten(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    finish(studio, folder, "failed")
    studio.supervisor.poll()
    folder.write_status({"state": "done", "result": {}})
    studio.supervisor.poll()
    assert studio.state("job_1") == "failed"
    assert studio.collected == []


def test_results_that_do_not_fit_fail_their_job_with_the_reason(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    studio.trouble = Conflict("The version is there already.")
    finish(studio, folder)
    studio.supervisor.poll()
    row = job_rows.job(studio.store, "job_1")
    assert row is not None
    assert row["state"] == "failed"
    assert "The version is there already." in row["reason"]


def test_an_unexpected_error_while_taking_over_ends_the_job_with_an_incident(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    studio.trouble = KeyError("gone")
    finish(studio, folder)
    studio.supervisor.poll()
    row = job_rows.job(studio.store, "job_1")
    assert row is not None
    assert row["state"] == "failed"
    assert re.search(r"KeyError.*Quote i[0-9a-f]{8};", row["reason"])


@pytest.mark.parametrize("trouble", [StoreFull("The disk refused."), OSError(errno.ENOSPC, "No space left on device")])
def test_results_wait_for_a_full_disk_and_are_taken_over_when_there_is_room(
    studio: Studio, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.jobs.supervisor.DISK_FULL_SECONDS", 0.0)
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    studio.trouble = trouble
    finish(studio, folder)
    studio.supervisor.poll()
    assert (studio.state("job_1"), studio.collected) == ("running", [])
    studio.trouble = None
    studio.supervisor.poll()
    assert (studio.state("job_1"), studio.collected) == ("done", ["job_1"])


def test_a_full_disk_is_not_asked_again_at_once(studio: Studio) -> None:
    folder = studio.queue("job_1")
    studio.supervisor.poll()
    studio.trouble = StoreFull("The disk refused.")
    finish(studio, folder)
    studio.supervisor.poll()
    studio.trouble = None
    studio.supervisor.poll()
    assert studio.state("job_1") == "running"


def test_an_import_does_not_wait_behind_a_training_run(studio: Studio) -> None:
    studio.queue("job_1", "train")
    studio.queue("job_2", "train")
    studio.queue("job_3", "import")
    studio.supervisor.poll()
    assert [studio.state(f"job_{i}") for i in (1, 2, 3)] == ["running", "queued", "running"]


def test_a_worker_asked_to_cancel_stops_at_its_next_report(studio: Studio) -> None:
    folder = studio.queue("job_1")
    context = JobContext(folder)
    context.report(phase="a", done=1, total=2)
    folder.ask_to_cancel()
    with pytest.raises(JobCancelled):
        context.report(phase="a", done=2, total=2)


def test_a_queued_job_that_is_cancelled_ends_at_once_and_never_starts(studio: Studio) -> None:
    studio.queue("job_1")
    folder = studio.queue("job_2")
    studio.supervisor.poll()
    folder.ask_to_cancel()
    studio.supervisor.poll()
    row = job_rows.job(studio.store, "job_2")
    assert row is not None
    assert (row["state"], row["reason"]) == ("cancelled", "Cancelled before it began.")
    assert "job_2" not in studio.executor.locks


def test_events_are_read_whole_and_from_a_number_on(studio: Studio) -> None:
    folder = studio.queue("job_1")
    context = JobContext(folder)
    context.event("step", step=1)
    context.event("step", step=2)
    with (folder.root / "events.jsonl").open("a") as file:
        file.write('{"kind": "st')
    assert [event["step"] for event in folder.events(after=1)] == [2]

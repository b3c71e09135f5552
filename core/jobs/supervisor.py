"""Starts queued jobs, watches running ones and has their results collected.

The database holds the ledger, the folders hold the truth: after a restart of the server the
supervisor reads both and goes on. A worker that died without a last word makes a lost job.

Two lanes with one job at a time in each: short work (imports, freezing, suggesting tags) never waits behind a training run.
In a lane the job with the highest priority starts next, and of those with the same the oldest. By itself a job has the
priority of its kind: what somebody waits for (a check, measuring, drafts, an export) goes before all runs that are queued,
and waits only for the one that goes on, because two models at once may not fit into memory. A person who moves a job gives
it a priority of its own, above or below those that wait. Nothing of this touches a job that runs.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.errors import ProofroomError, StoreFull
from core.full_disk import says_full
from core.incidents import note_incident, places_of
from core.jobs.broken_off import has_no_room, lost_reason, machine_reason, no_room_reason
from core.jobs.executor import Executor
from core.jobs.folder import JobFolder
from core.nouns import FINAL_JOB_STATES, JobState
from core.store import jobs as job_rows
from core.store.connection import Row, Store, Transaction

log = logging.getLogger(__name__)

LANES = {
    "import": "short", "index": "short", "freeze": "short", "score": "short", "suggest": "short", "cleaning": "short", "version": "short", "guide": "short", "judge": "short", "audit": "short", "pii": "short",
    "curate": "long", "difficulty": "long", "leaks": "long", "preflight": "long", "train": "long",
    "continue": "long", "draft": "long", "export": "long", "facts": "long",
}  # fmt: skip
# They take long, and nobody sits and waits for them.
PATIENT_KINDS = frozenset({"train", "continue", "difficulty"})
POLL_SECONDS = 0.3
DISK_FULL_SECONDS = 20.0
PREPARING_SECONDS = 60.0

# Joins a finished job's results to the database, inside the transaction that marks it collected.
Collector = Callable[[Transaction, Row, JobFolder, dict[str, Any]], None]
# Told of every final state, in the same transaction that writes it.
OnEnd = Callable[[Transaction, Row, str], None]


def usual_priority(kind: str) -> int:
    """What a job of this kind has until a person moves it."""
    return 0 if kind in PATIENT_KINDS else 1


class Supervisor:
    """One per server. `poll()` is one round and may be called from tests; `run()` does it until stopped."""

    def __init__(
        self,
        store: Store,
        jobs_folder: Path,
        executor: Executor,
        collectors: Mapping[str, Collector],
        on_end: OnEnd,
    ) -> None:
        self._store = store
        self._folder = jobs_folder
        self._executor = executor
        self._collectors = collectors
        self._on_end = on_end
        self._wake = threading.Event()
        self._stopping = False
        self._not_before: dict[str, float] = {}
        self._preparing: dict[str, threading.Thread] = {}
        self._not_prepared: dict[str, str] = {}
        self._lost: dict[str, str] = {}
        self._round_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop watching. Workers go on; the next server finds them."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        for preparing in list(self._preparing.values()):
            preparing.join(timeout=PREPARING_SECONDS)
        self._executor.leave()

    def wake(self) -> None:
        self._wake.set()

    def prepare(self, job_id: str, write_inputs: Callable[[], None]) -> None:
        """Have a job's inputs and its spec written in the background; the job starts when they are whole.

        Called before the ledger has the job's row: a queued job without a spec that nobody is preparing is a lost one.
        """
        thread = threading.Thread(
            target=self._prepare, args=(job_id, write_inputs), name=f"prepare {job_id}", daemon=True
        )
        self._preparing[job_id] = thread
        thread.start()

    def folder(self, job_id: str) -> JobFolder:
        return JobFolder(self._folder / job_id)

    def poll(self) -> None:
        """One round: settle what ended, then start what may start."""
        with self._round_lock:
            self._executor.reap()
            unsettled = job_rows.unsettled_jobs(self._store)
            for job in unsettled:
                if job["state"] != JobState.QUEUED:
                    if time.monotonic() >= self._not_before.get(job["id"], 0.0):
                        self._settle(job)
                elif self.folder(job["id"]).cancel_is_asked() and not self.folder(job["id"]).worker_is_alive():
                    self._end(job, self.folder(job["id"]), JobState.CANCELLED, {"reason": "Cancelled before it began."})
            self._start_queued()
        self._store.settle()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.poll()
            except Exception as error:  # noqa: BLE001 - the frame of the thread: one job's trouble must not stop the watching of all others
                log.error("a round of the supervisor failed\n%s", places_of(error))
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()

    def _prepare(self, job_id: str, write_inputs: Callable[[], None]) -> None:
        try:
            write_inputs()
        except ProofroomError as error:
            self._not_prepared[job_id] = str(error)
        except Exception as error:  # noqa: BLE001 - the frame of the thread: the job must end with a reason
            by_machine = machine_reason(error, "")
            if by_machine:
                log.warning("the inputs of %s could not be written: the machine had no room", job_id)
                self._not_prepared[job_id] = by_machine
                return
            incident = note_incident(log, f"in writing the inputs of {job_id}", error)
            self._not_prepared[job_id] = f"Its inputs could not be written ({type(error).__name__}). Quote {incident}."
        finally:
            self._preparing.pop(job_id, None)
            self.wake()

    def _start_queued(self) -> None:
        rows = [
            row for row in job_rows.unsettled_jobs(self._store) if row["state"] in (JobState.QUEUED, JobState.RUNNING)
        ]
        busy = {LANES[row["kind"]] for row in rows if row["state"] == JobState.RUNNING}
        for row in rows:
            lane = LANES[row["kind"]]
            if row["state"] != JobState.QUEUED or lane in busy or row["id"] in self._preparing:
                continue
            folder = self.folder(row["id"])
            if row["id"] in self._not_prepared:
                self._end(row, folder, JobState.FAILED, {"reason": self._not_prepared.pop(row["id"])})
                continue
            if not folder.has_spec():
                # Restored from a backup, which leaves the work in progress out, or the server ended while it was prepared.
                self._end(row, folder, JobState.LOST, {"reason": "Its inputs are not here. Start it again."})
                continue
            busy.add(lane)
            # Started before it is marked: a server killed in between finds the lock held and only marks it.
            if not folder.worker_is_alive() and not folder.status():
                self._executor.start(folder)
            job_rows.mark_started(self._store, row["id"])

    def _settle(self, job: Row) -> None:
        folder = self.folder(job["id"])
        # Asked before the status is read: a worker that ends in between has then written its last word.
        alive = folder.worker_is_alive()
        status = folder.status()
        state = status.get("state")
        if state in FINAL_JOB_STATES:
            self._end(job, folder, JobState(state), status)
        elif not alive:
            # Looked for once: until the store can take it, there may be room again.
            reason = self._lost.setdefault(job["id"], _lost_reason(folder, job["kind"]))
            self._end(job, folder, JobState.LOST, {"reason": reason})

    def _end(self, job: Row, folder: JobFolder, state: JobState, status: dict[str, Any]) -> None:
        if state is not JobState.DONE:
            # What a worker left half written is read by nobody, and holds the words of people.
            shutil.rmtree(folder.unfinished, ignore_errors=True)
        try:
            self._write_end(job, folder, state, status)
        except StoreFull:
            self._wait_for_space(job)
        except ProofroomError as error:
            # A result that cannot be joined is a failure with a reason, not a job that never ends.
            self._write_end(job, folder, JobState.FAILED, {"reason": f"Its results could not be taken over: {error}"})
        except Exception as error:  # noqa: BLE001 - one job's trouble must not stop the watching of all others
            if isinstance(error, OSError) and says_full(error):
                self._wait_for_space(job)
                return
            incident = note_incident(log, f"in taking over the results of {job['id']}", error)
            reason = (
                f"Its results could not be taken over ({type(error).__name__}). They stay in the job's folder. "
                f"Quote {incident}; the details stand in the studio's log."
            )
            self._write_end(job, folder, JobState.FAILED, {"reason": reason})

    def _wait_for_space(self, job: Row) -> None:
        """The results wait in the job's folder, and are taken over when there is room; nothing is lost."""
        self._not_before[job["id"]] = time.monotonic() + DISK_FULL_SECONDS
        log.warning("the results of %s wait in its folder, because the disk is full", job["id"])

    def _write_end(self, job: Row, folder: JobFolder, state: JobState, status: dict[str, Any]) -> None:
        result = status.get("result") or {}
        with self._store.transaction() as tx:
            if state is JobState.DONE and job_rows.mark_collected(tx, job["id"]):
                self._collectors[job["kind"]](tx, job, folder, result)
            if job_rows.mark_ended(tx, job["id"], state=state, reason=status.get("reason", ""), result=result):
                self._on_end(tx, job, state)


def _lost_reason(folder: JobFolder, kind: str) -> str:
    if has_no_room(folder.root.parent):
        return no_room_reason(kind)
    return lost_reason(kind, folder.last_words(300))

"""Kill -9 in the middle of many writers at once: the trail is whole, and what the head had not yet heard of is counted, not called tampering."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from core.config import DataFolder
from core.store.connection import Store
from tests.reliability.faults import faults_of
from tests.reliability.trail_check import checked

REPOSITORY = Path(__file__).resolve().parents[2]
WRITERS = """
import sys, threading
from pathlib import Path
from core.store.connection import Store
store = Store(Path(sys.argv[1]))

def write(name):
    for n in range(100000):
        with store.transaction() as tx:
            if n % 5:
                tx.event("keep", "record", f"r_{n}", by=name, project_id="p")
            else:
                tx.events("reject", "record", [f"r_{n}_{k}" for k in range(40)], by=name, project_id="p")

threads = [threading.Thread(target=write, args=(f"writer {n}",)) for n in range(4)]
for thread in threads:
    thread.start()
print("writing", flush=True)
"""


@pytest.mark.slow
@pytest.mark.alone
def test_a_trail_is_unbroken_after_every_kill_9_of_many_writers(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    n_before, n_followed = 0, 0
    for turn, _ in enumerate(faults_of(16, "writers of one store")):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITERS, str(folder.database)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.2 + 0.037 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        store = Store(folder.database)
        found = checked(store)
        store.close()
        assert (found.findings, found.n_behind) == ([], 0)
        assert found.n_entries > n_before
        assert found.n_followed - n_followed in (0, 1)
        n_before, n_followed = found.n_entries, found.n_followed


def test_writers_at_once_leave_one_chain(tmp_path: Path) -> None:
    store = Store(tmp_path / "p.duckdb")

    def write(name: str) -> None:
        for n in range(25):
            with store.transaction() as tx:
                tx.event("keep", "record", f"r_{n}", by=name)

    threads = [Thread(target=write, args=(f"writer {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = checked(store)
    assert (found.n_entries, found.last, found.findings) == (100, 100, [])
    store.close()


def test_a_write_that_fails_leaves_no_gap(tmp_path: Path) -> None:
    store = Store(tmp_path / "p.duckdb")

    def fail() -> None:
        with store.transaction() as tx:
            tx.event("keep", "record", "r", by="Ann")
            raise ValueError("no")

    for _ in range(3):
        with store.transaction() as tx:
            tx.event("keep", "record", "r", by="Ann")
        with pytest.raises(ValueError, match="no"):
            fail()
    found = checked(store)
    assert (found.n_entries, found.last, found.findings) == (3, 3, [])
    store.close()

"""A worker gives way to the studio, and to everything else on the machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from core.jobs.worker import AUTOGROUP, NICENESS

TELL = "import os; from core.jobs.worker import give_way; give_way(); print(os.nice(0)); print(open({file!r}).read())"


def told_by_a_session_of_its_own(file: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", TELL.format(file=file)],
        start_new_session=True,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_a_worker_is_nicer_than_the_process_that_started_it() -> None:
    assert int(told_by_a_session_of_its_own("/dev/null")[0]) == min(os.nice(0) + NICENESS, 19)


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not group processes by session")
def test_a_workers_session_is_nicer_than_others() -> None:
    assert told_by_a_session_of_its_own(str(AUTOGROUP))[1].endswith(f"nice {NICENESS}")

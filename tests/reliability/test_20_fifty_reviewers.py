"""Checklist 20: fifty reviewers at once, and the server killed with -9 while they are at it: none is handed another's draft, no verdict is lost or doubled.

The small version of tests/benchmarks/review_load.py, which measures how long "next" takes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which

import pytest

from tests.benchmarks.review_load import Plan, build, reviewed, what_is_stored
from tests.reliability.faults import faults_of

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.browser]


def test_20_every_acknowledged_verdict_is_there_once_and_no_draft_went_to_two(tmp_path: Path) -> None:
    data = tmp_path / "data"
    build(data, 150)
    n_browsers = 1 if which("chromium") else 0
    plan = Plan(n_api=50 - n_browsers, n_browsers=n_browsers, seconds=40.0, think_seconds=10.0)
    # Browser tests before this one leave an event loop running in this thread, and asyncio runs one in each.
    with ThreadPoolExecutor(1) as another:
        seen = another.submit(reviewed, data, plan).result()
    stored = what_is_stored(data, seen)
    assert stored["n_verdicts_acknowledged"] > 20
    assert len(faults_of(20)) == sum([seen.back_after_seconds is not None])
    assert (stored["n_lost"], stored["n_doubled"], stored["n_handed_to_two"]) == (0, 0, 0)
    # A draft whose answer the killed server never gave is handed to the same person again.
    assert stored["n_verdicts_stored"] >= stored["n_verdicts_acknowledged"]
    assert dict(seen.n_refused) == {}

"""The whole loop where there is no way to another machine: from the import to the erasure by commands, and every page in a browser.

What is asked of the network is counted three times: by the kernel, whoever asks, native code too; by each job's own namespace; and by a
watch on Python in every process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.core.outgoing.test_kept_off import why_not

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow, pytest.mark.alone]

REPOSITORY = Path(__file__).resolve().parents[2]
KINDS = {"import", "curate", "freeze", "train", "draft", "export"}


@pytest.fixture(scope="module")
def guard_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guard") / "log.jsonl"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, guard_log: Path) -> dict[str, Any]:
    if why_not():
        pytest.skip(why_not())
    path = os.pathsep.join((str(REPOSITORY / "tests" / "guard"), str(REPOSITORY)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.loop_cut_off", str(tmp_path_factory.mktemp("loop"))],
        cwd=REPOSITORY, env=os.environ | {"PROOFROOM_GUARD_LOG": str(guard_log), "PYTHONPATH": path}, capture_output=True, text=True, timeout=1_800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    assert facts["why_not"] == ""
    return facts


def test_checklist_14_the_loop_had_no_interface_but_its_own_loopback(told: dict[str, Any]) -> None:
    assert told["interfaces"] == ["lo"]


def test_checklist_14_neither_the_studio_nor_a_command_asked_the_kernel_for_a_way_out(told: dict[str, Any]) -> None:
    assert told["unrouted"]["by_the_loop"] == 0
    # So the count is one that counts. With the pages it holds what the browser asks for itself, such as whether there is IPv6.
    assert told["unrouted"]["after_one_try"] == told["unrouted"]["with_the_pages"] + 1


def test_checklist_14_every_job_of_the_loop_was_isolated_and_tried_nothing(told: dict[str, Any]) -> None:
    assert {job["kind"] for job in told["jobs"]} >= KINDS
    # Each by itself: several are of one kind.
    quiet = {"isolation": "isolated", "n_attempts": 0, "n_native": 0}
    wrong = [
        job for job in told["jobs"] if job["state"] != "done" or not quiet.items() <= (job["network"] or {}).items()
    ]
    assert wrong == []


def test_checklist_14_no_page_asked_anybody_but_the_studio(told: dict[str, Any]) -> None:
    assert told["n_pages"] > 20
    assert told["asked_by_pages"] == []


def test_checklist_14_no_python_of_server_workers_or_commands_looked_up_a_host(
    told: dict[str, Any], guard_log: Path
) -> None:
    notes = [json.loads(line) for line in guard_log.read_text(encoding="utf-8").splitlines()]
    watched = {note["pid"] for note in notes if note["kind"] == "watched"}
    assert told["server"] in watched
    assert len(watched) > 20
    asked = [(note["argv"][0].rpartition("/")[2], note["what"]) for note in notes if note["kind"].startswith("socket")]
    # The one try, at the end, by which the kernel's count is seen to count.
    assert asked == [("loop_cut_off.py", "('192.0.2.1', 9)")]

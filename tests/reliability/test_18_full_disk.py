"""Checklist 18: a full disk. The write fails with a clear error, the database opens again, nothing acknowledged is lost, and with room it works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.training.checkpoints import STATE
from tests.reliability.faults import faults_of
from tests.reliability.full_disk_studio import FAULTS
from tests.reliability.small_disk import on_a_small_disk

pytestmark = pytest.mark.slow

# Whether the last word of a worker finds room depends on what else is written; what a person reads does not.
OF_A_RUN = {
    "no room for a checkpoint of a run": ("full", {"failed", "lost"}),
    "no room, and the worker killed with -9": ("killed", {"lost"}),
}


def on_disk(folder: Path, size: str, program: str, *arguments: str) -> dict[str, Any]:
    """What a program on a small disk tells in its last line."""
    disk, root = folder / "disk", folder / "studio"
    disk.mkdir()
    root.mkdir()
    command = on_a_small_disk(disk, size=size)
    if subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a disk of his own")
    command += [sys.executable, "-m", f"tests.reliability.{program}", str(disk), str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-4_000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return on_disk(tmp_path_factory.mktemp("full"), "192m", "full_disk_studio")


@pytest.mark.parametrize("fault", [fault for fault in faults_of(18) if fault not in OF_A_RUN])
def test_18_what_a_full_disk_refuses_is_said_in_words_and_works_once_there_is_room(
    told: dict[str, Any], fault: str
) -> None:
    said = told["said"][fault]
    assert "disk" in said.lower()
    assert "Errno" not in said
    assert "Quote i" not in said


def test_18_nothing_acknowledged_is_lost_and_everything_is_in_its_place(told: dict[str, Any]) -> None:
    assert told["problems"] == []
    assert set(told["said"]) == set(FAULTS) == set(faults_of(18)) - set(OF_A_RUN)


@pytest.mark.parametrize("fault", OF_A_RUN)
def test_18_a_run_on_a_full_disk_says_so_and_goes_on_when_there_is_room(tmp_path: Path, fault: str) -> None:
    how, states = OF_A_RUN[fault]
    told = on_disk(tmp_path, "4m", "small_disk_studio", how)
    assert told["state"] in states
    assert told["left"] == [STATE]
    assert told["reason"] == (
        "The disk is full: a file could not be written. Make room, then resume the run: it goes on from its last checkpoint."
    )
    assert told["goes_on_at"] > 1

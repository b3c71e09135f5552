"""A worker that is short of disk or of memory in the middle of its work: what the person reads, and that the run goes on afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoConfig, AutoModelForCausalLM

from core.config import DataFolder
from core.jobs.executor import ChildProcessExecutor
from core.jobs.folder import JobFolder
from core.training.checkpoints import STATE
from core.workflows import jobs, preflighting, training
from core.workflows.workspace import open_workspace
from tests.core.jobs.test_broken_off import on_a_small_disk
from tests.core.workflows.finished_run import finished_run
from tests.core.workflows.stopped_run import SETTINGS
from tests.jobs_by_hand import finish

pytestmark = pytest.mark.slow

# Every text of the version at once, again and again: more than a limited worker has.
MUCH = SETTINGS | {"batch_size": 512, "micro_batch_tokens": 1_000_000}
LESS_MEMORY = "fewer tokens at a time, with Save memory on, or with shorter examples; or take a smaller base model."


class LimitedWorkers(ChildProcessExecutor):
    """Real workers with little memory."""

    def command(self, folder: JobFolder, lock: int) -> list[str]:
        kind = folder.spec()["kind"]
        return [sys.executable, "-m", "tests.core.jobs.limited_worker", kind, str(folder.root), str(lock)]


def wide(base: Path, folder: Path) -> Path:
    """A model like another one, whose activations take thirty times as much."""
    shutil.copytree(base, folder)
    config = AutoConfig.from_pretrained(base)
    config.update({"hidden_size": 1_024, "intermediate_size": 2_048, "head_dim": 256})
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


# Whether the last word of a worker finds room depends on what else is written; what a person reads does not.
@pytest.mark.parametrize(("how", "states"), [("full", {"failed", "lost"}), ("killed", {"lost"})])
def test_a_run_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, how: str, states: set[str]
) -> None:
    disk, root = tmp_path / "disk", tmp_path / "studio"
    disk.mkdir()
    root.mkdir()
    command = on_a_small_disk(disk, size="4m")
    if subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a disk of his own")
    command += [sys.executable, "-m", "tests.core.jobs.small_disk_studio", str(disk), str(root), how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3_000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["state"] in states
    assert told["left"] == [STATE]
    assert told["reason"] == (
        "The disk is full: a file could not be written. Make room, then resume the run: it goes on from its last checkpoint."
    )
    assert told["goes_on_at"] > 1


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
def test_a_run_and_a_check_without_memory_say_what_helps(tmp_path: Path) -> None:
    workspace = open_workspace(DataFolder(tmp_path / "data"), executor=LimitedWorkers())
    try:
        finished_run(workspace, tmp_path)
        settings: dict[str, Any] = MUCH | {"base": str(wide(tmp_path / "base", tmp_path / "wide"))}
        run = training.start_run(workspace, "voice", "v1", by="Ann", settings=settings)
        assert finish(workspace, run["job"])["state"] == "failed"
        told = training.run_summary(workspace, run["run"])["reason"]
        assert told == f"The machine ran out of memory. Start a run with {LESS_MEMORY}"
        check = preflighting.check_first(workspace, "voice", "v1", by="Ann", settings=settings)
        finish(workspace, check)
        ended = jobs.job_progress(workspace, check)
        assert ended["state"] == "done", ended["reason"]
        (row,) = workspace.store.read("SELECT result FROM jobs WHERE id = ?", [check])
        (finding,) = [one for one in row["result"]["findings"] if one["name"] == "memory"]
        assert finding["level"] == "stop"
        assert "do not fit into memory" in finding["sentence"]
    finally:
        workspace.close()

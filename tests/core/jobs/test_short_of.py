"""A worker that is short of memory in the middle of its work: what the person reads. Of a full disk: tests/reliability/test_18_full_disk.py."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoConfig, AutoModelForCausalLM

from core.config import DataFolder
from core.jobs.executor import ChildProcessExecutor
from core.jobs.folder import JobFolder
from core.workflows import jobs, preflighting, training
from core.workflows.workspace import open_workspace
from tests.core.workflows.finished_run import finished_run
from tests.core.workflows.stopped_run import SETTINGS
from tests.jobs_by_hand import finish

pytestmark = [pytest.mark.slow, pytest.mark.alone]

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

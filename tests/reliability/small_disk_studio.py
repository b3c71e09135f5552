"""A studio whose jobs and runs lie on a small disk that fills up in the middle of a run, or just before its worker dies.

Run as a program inside a mount namespace, which alone sees the disk. Prints what a person reads, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from core.config import DataFolder
from core.jobs.executor import ChildProcessExecutor
from core.workflows import continuing, jobs, training
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.finished_run import finished_run
from tests.core.workflows.stopped_run import begun_run, wait_for
from tests.jobs_by_hand import finish
from tests.reliability.small_disk import fill


def studio_on(disk: Path, root: Path, executor: ChildProcessExecutor) -> Workspace:
    (root / "data").mkdir()
    for name in ("jobs", "runs"):
        (disk / name).mkdir()
        (root / "data" / name).symlink_to(disk / name)
    return open_workspace(DataFolder(root / "data"), executor=executor)


def main(disk: Path, root: Path, how: str) -> None:
    executor = ChildProcessExecutor()
    workspace = studio_on(disk, root, executor)
    finished_run(workspace, root)
    started = begun_run(workspace, root / "base")
    (worker,) = executor._children
    if how == "killed":
        os.kill(worker.pid, signal.SIGSTOP)
    filler = fill(disk)
    if how == "killed":
        os.kill(worker.pid, signal.SIGKILL)
    ended = finish(workspace, started["job"])
    told = {"state": ended["state"], "reason": training.run_summary(workspace, started["run"])["reason"]}
    left = [file.name for file in (disk / "runs" / started["run"] / "checkpoint").iterdir()]
    filler.unlink()
    again = continuing.resume(workspace, started["run"], by="Ann")["job"]
    goes_on_at = wait_for(workspace, again, "step")["step"]
    jobs.cancel_job(workspace, again, by="Ann")
    finish(workspace, again)
    workspace.close()
    print(json.dumps(told | {"left": left, "goes_on_at": goes_on_at}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])

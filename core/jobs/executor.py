"""Where a job runs: one seam. Today a child process in a session of its own.

The child outlives the server: it has its own session, its own log and its own lock. The lock
is taken here and handed down as an open descriptor, so there is no moment in which a started
job looks dead.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Protocol

from core.config import worker_environment
from core.jobs.folder import JobFolder

REPOSITORY = Path(__file__).resolve().parents[2]
# The end of a worker's output is shown where it died without a reason: it should be that, not a bar or a library's plans for itself.
QUIET = {"PYTHONUNBUFFERED": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "PYTHONWARNINGS": "ignore::FutureWarning"}


def environment_for(folder: JobFolder) -> dict[str, str]:
    """What the worker of this job starts with."""
    return worker_environment(may_ask_elsewhere=bool(folder.spec()["settings"].get("endpoint"))) | QUIET


class Executor(Protocol):
    """Starts the worker of one job and forgets it; the folder tells how it fares."""

    def start(self, folder: JobFolder) -> None: ...

    def reap(self) -> None: ...

    def leave(self) -> None: ...


class ChildProcessExecutor:
    """Runs `python -m core.jobs.worker FOLDER` on this machine."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[bytes]] = []
        # Workers are started by the watching thread and by those that prepare inputs; none may be lost between them.
        self._lock = threading.Lock()

    def start(self, folder: JobFolder) -> None:
        lock = os.open(folder.alive, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with folder.log.open("ab") as log:
                child = subprocess.Popen(
                    self.command(folder, lock),
                    cwd=REPOSITORY,
                    env=environment_for(folder),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=(lock,),
                )
        finally:
            os.close(lock)
        with self._lock:
            self._children.append(child)

    def command(self, folder: JobFolder, lock: int) -> list[str]:
        """What is run. lock: the open descriptor that is handed down."""
        return [sys.executable, "-m", "core.jobs.worker", str(folder.root), str(lock)]

    def reap(self) -> None:
        """Collect ended children, or they would stay as zombies as long as the server lives."""
        with self._lock:
            self._children = [child for child in self._children if child.poll() is None]

    def leave(self) -> None:
        """Let the workers go on without this server; they have their own session, and the next server finds them."""
        with self._lock:
            for child in self._children:
                if child.poll() is None:
                    # Left on purpose: without a return code, Python warns that somebody forgot it.
                    child.returncode = 0
            self._children = []

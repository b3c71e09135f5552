"""Workers forked from a process that has the libraries loaded: importing them takes longer than most jobs of the tests.

The worker is the real one, in a process, a session and under a lock of its own; only how it comes to life differs. What
starts it in a studio, `ChildProcessExecutor.start`, is tested by tests/core/jobs, by every test that serves a studio, and by
the slow tests.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from pathlib import Path

from core.config import offline_environment
from core.jobs import worker
from core.jobs.executor import QUIET, REPOSITORY, environment_for
from core.jobs.folder import JobFolder

LARGEST_REQUEST = 1 << 20
# What handlers leave until they need it, because it takes seconds to load: the first job of a kind here loads it for the next ones.
# Libraries alone; a model that was used before a fork may stand still after it.
ENCODER = ("sentence_transformers",)
LANGUAGE_MODEL = (
    "core.privacy.find",
    "detect_secrets.plugins",
    "presidio_analyzer.nlp_engine",
    "spacy",
    "tldextract.tldextract",
)
LOADED_LATE = {"curate": ENCODER, "draft": ENCODER, "facts": ENCODER, "leaks": ENCODER, "pii": LANGUAGE_MODEL}


class Nursery:
    """The process that workers are forked from; it ends with this one. It is started with the first worker."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, folder: JobFolder) -> None:
        """As `ChildProcessExecutor.start`, in the environment of this moment."""
        request = json.dumps({"folder": str(folder.root), "environment": environment_for(folder)}).encode()
        lock = os.open(folder.alive, os.O_RDWR | os.O_CREAT, 0o600)
        log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            socket.send_fds(self._opened(), [request], [lock, log])
            self._opened().recv(1)
        finally:
            os.close(lock)
            os.close(log)

    def close(self) -> None:
        if self._socket is not None and self._process is not None:
            self._socket.close()
            self._process.wait(timeout=30)
            self._socket = None

    def _opened(self) -> socket.socket:
        if self._socket is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST_REQUEST)
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.forked_workers", str(theirs.fileno())], cwd=REPOSITORY,
                    env=os.environ | offline_environment() | QUIET, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),),
                )  # fmt: skip
            self._socket = ours
        return self._socket


def _serve(requests: socket.socket) -> None:
    for kind in worker.HANDLERS:
        importlib.import_module(f"core.jobs.handlers.{kind}_job")
    # PyArrow loads it with the first table that it makes of Python's values.
    importlib.import_module("pandas")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, LARGEST_REQUEST, 2)
        if not request:
            return
        asked = json.loads(request)
        for module in LOADED_LATE.get(JobFolder(Path(asked["folder"])).spec()["kind"], ()):
            importlib.import_module(module)
        if os.fork() == 0:
            requests.close()
            os._exit(_work(asked, *descriptors))
        for descriptor in descriptors:
            os.close(descriptor)
        requests.send(b".")


def _work(request: dict[str, object], lock: int, log: int) -> int:
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        os.environ.clear()
        os.environ.update({str(k): str(v) for k, v in dict(request["environment"]).items()})  # type: ignore[call-overload]
        code = worker.main([str(request["folder"]), str(lock)])
    except BaseException:  # noqa: BLE001 - a forked process must end here, whatever it was
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[1])
    _serve(socket.socket(fileno=int(sys.argv[1])))

"""Workers, and studios behind commands, forked from a process that has the libraries loaded: importing them takes longer than most of what tests ask of them.

The worker is the real one, in a process, a session and under a lock of its own; so is the studio that a command starts in the
background. Only how they come to life differs. What starts them otherwise, `ChildProcessExecutor.start` and the first command, is
tested by tests/core/jobs, tests/studio/test_background.py, every test that serves a studio, and the slow tests.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from core.config import DataFolder, offline_environment
from core.jobs import supervisor, worker
from core.jobs.executor import QUIET, REPOSITORY, ChildProcessExecutor, environment_for
from core.jobs.folder import JobFolder
from studio import client

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
STUDIO = ("studio.cli", "studio.server", "studio.api.app", "studio.openai_api.app", "streamlit")
START_SECONDS = 60.0
# How often a studio of the tests looks after its jobs, which take tens of milliseconds.
STUDIO_POLL_SECONDS = 0.1
LOADED_LATE = {"curate": ENCODER, "draft": ENCODER, "facts": ENCODER, "leaks": ENCODER, "pii": LANGUAGE_MODEL}


class Nursery:
    """The process that others are forked from; it ends with this one. It is started with the first of them."""

    def __init__(self, opened: socket.socket | None = None) -> None:
        """opened: the way to a process that is already there."""
        self._socket, self._lock = opened, threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, folder: JobFolder) -> None:
        """As `ChildProcessExecutor.start`, in the environment of this moment."""
        lock = os.open(folder.alive, os.O_RDWR | os.O_CREAT, 0o600)
        log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._ask({"folder": str(folder.root)}, environment_for(folder), [log, lock])
        finally:
            os.close(lock)
            os.close(log)

    def serve(self, folder: DataFolder, empty_store: Path) -> str:
        """As `client._start_background_server`, in the environment of this moment. Returns the address."""
        folder.create()
        if not folder.database.exists():
            shutil.copyfile(empty_store, folder.database)
        with (folder.root / "server.log").open("ab") as log:
            self._ask({"studio": str(folder.root)}, os.environ | offline_environment() | QUIET, [log.fileno()])
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            address = client._running_address(folder)
            if address is not None:
                return address
            time.sleep(0.02)
        raise AssertionError((folder.root / "server.log").read_text(encoding="utf-8", errors="replace"))

    def close(self) -> None:
        if self._socket is not None and self._process is not None:
            self._socket.close()
            self._process.wait(timeout=30)
            self._socket = None

    def _ask(self, what: dict[str, str], environment: dict[str, str], descriptors: list[int]) -> None:
        request = json.dumps(what | {"environment": environment}).encode()
        # A studio asks from several threads.
        with self._lock:
            opened = self._opened()
            socket.send_fds(opened, [request], descriptors)
            opened.recv(1)

    def _opened(self) -> socket.socket:
        if self._socket is None:
            ours, theirs = _pair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.forked_workers", str(theirs.fileno())], cwd=REPOSITORY,
                    env=os.environ | offline_environment() | QUIET, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),),
                )  # fmt: skip
            self._socket = ours
        return self._socket


def _pair() -> tuple[socket.socket, socket.socket]:
    """Two ends; whoever asks has the first."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST_REQUEST)
    return ours, theirs


def _serve(first: socket.socket) -> None:
    """Until the first of those who ask is gone; the studios that were forked here ask too."""
    for kind in worker.HANDLERS:
        importlib.import_module(f"core.jobs.handlers.{kind}_job")
    # PyArrow loads it with the first table that it makes of Python's values.
    importlib.import_module("pandas")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    askers = [first]
    while True:
        for asker in select.select(askers, [], [])[0]:
            request, descriptors, _, _ = socket.recv_fds(asker, LARGEST_REQUEST, 2)
            if request:
                _fork(json.loads(request), descriptors, askers)
                asker.send(b".")
            elif asker is first:
                return
            else:
                askers.remove(asker)
                asker.close()


def _fork(asked: dict[str, object], descriptors: list[int], askers: list[socket.socket]) -> None:
    """descriptors: the log, and of a worker its lock; they are closed here."""
    is_studio = "studio" in asked
    kept_open: list[socket.socket] = list(_pair()) if is_studio else []
    late = STUDIO if is_studio else LOADED_LATE.get(JobFolder(Path(str(asked["folder"]))).spec()["kind"], ())
    for module in late:
        importlib.import_module(module)
    if os.fork() == 0:
        for asker in (*askers, *kept_open[1:]):
            asker.close()
        log, *lock = descriptors
        if is_studio:
            os._exit(_as_asked(asked, log, lambda: _studio(str(asked["studio"]), Nursery(kept_open[0]))))
        os._exit(_as_asked(asked, log, lambda: worker.main([str(asked["folder"]), *map(str, lock)])))
    for descriptor in descriptors:
        os.close(descriptor)
    if kept_open:
        kept_open[0].close()
        askers.append(kept_open[1])


def _studio(root: str, nursery: Nursery) -> int:
    from studio import cli

    supervisor.POLL_SECONDS = STUDIO_POLL_SECONDS
    ChildProcessExecutor.start = lambda _, folder: nursery.start(folder)  # type: ignore[method-assign]
    sys.argv = ["proofroom", "serve", "--data", root, "--port", "0", "--ends-when-idle"]
    cli.main()
    return 0


def _as_asked(request: dict[str, object], log: int, work: Callable[[], int]) -> int:
    """Do it in a session of its own, with its log and in the environment that was asked for."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        os.environ.clear()
        os.environ.update({str(k): str(v) for k, v in dict(request["environment"]).items()})  # type: ignore[call-overload]
        code = work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - a forked process must end here, whatever it was
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[1])
    _serve(socket.socket(fileno=int(sys.argv[1])))

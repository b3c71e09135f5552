"""The server's side of the process that embeds texts: started when one is asked for, ended when nobody has asked for a while.

Loads no model library. One text batch at a time; a caller waits in its own thread.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.config import worker_environment
from core.errors import Unavailable
from core.outgoing.off_network import OFF_NETWORK
from core.serving.protocol import BrokenMessage, Message, packed, receive

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
ANSWER_SECONDS = 60.0
IDLE_SECONDS = 600.0
STOP_SECONDS = 5.0

Vectors = npt.NDArray[np.float32]


class Embedder:
    """Texts to vectors of length one. May be used from any thread."""

    def __init__(self, *, log_file: Path, idle_seconds: float = IDLE_SECONDS) -> None:
        """log_file: where the process's complaints go."""
        self._log_file, self._idle_seconds = log_file, idle_seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: socket.socket | None = None
        self._timer: threading.Timer | None = None

    @property
    def process_id(self) -> int | None:
        """None while no process runs."""
        return self._process.pid if self._process is not None else None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text. A process that died is started again once. Raises Unavailable."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        return np.array(self._answer({"texts": list(texts)})["vectors"], dtype=np.float32)

    def scores(self, request: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers the request, by the cross-encoder that is configured. Raises Unavailable, also where there is none."""
        if not passages:
            return []
        scores: list[float] = self._answer({"request": request, "texts": list(passages)})["scores"]
        if not scores:
            raise Unavailable(
                "No cross-encoder was configured when the process that embeds texts was started.",
                remedy="Start the studio anew.",
            )
        return scores

    def _answer(self, message: Message) -> Message:
        with self._lock:
            self._stop_timer()
            try:
                answer = self._asked(message) or self._asked(message)
            finally:
                self._start_timer()
        if answer is None:
            raise Unavailable(
                "The process that embeds texts ended twice.", remedy="Try again; its log is in the data folder."
            )
        return answer

    def close(self) -> None:
        with self._lock:
            self._stop_timer()
            self._end()

    def _asked(self, message: Message) -> Message | None:
        """The answer; None where the process is gone, which is then ended."""
        pipe = self._running()
        try:
            pipe.sendall(packed(message))
            pipe.settimeout(ANSWER_SECONDS)
            answer = receive(pipe)
        except TimeoutError:
            self._end()
            raise Unavailable(
                f"The text was not embedded within {ANSWER_SECONDS:.0f} seconds.", remedy="Try again."
            ) from None
        except (OSError, BrokenMessage):
            answer = None
        if answer is None:
            self._end()
        return answer

    def _running(self) -> socket.socket:
        if self._pipe is not None and self._process is not None and self._process.poll() is None:
            return self._pipe
        self._end()
        ours, theirs = socket.socketpair()
        with self._log_file.open("ab") as log, theirs:
            self._process = subprocess.Popen(
                [sys.executable, *OFF_NETWORK, "core.serving.embedder_process", str(theirs.fileno())], cwd=REPOSITORY,
                env=worker_environment() | {"PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, pass_fds=(theirs.fileno(),),
            )  # fmt: skip
        self._pipe = ours
        ours.settimeout(START_SECONDS)
        try:
            first = receive(ours)
        except (TimeoutError, BrokenMessage, OSError):
            first = None
        if first is None or first["kind"] != "ready":
            self._end()
            reason = first["message"] if first else "The process that embeds texts could not be started."
            raise Unavailable(reason, remedy="Its log is in the data folder.")
        return ours

    def _end(self) -> None:
        pipe, self._pipe = self._pipe, None
        process, self._process = self._process, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=STOP_SECONDS)
            if process.poll() is None:
                process.kill()
                process.wait()

    def _start_timer(self) -> None:
        self._timer = threading.Timer(self._idle_seconds, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

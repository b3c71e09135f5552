"""A process of the studio's own that reads foreign files: requests as JSON lines go in, answers as JSON lines come out.

It has a limit on memory, a folder of its own for what it unpacks, and nothing of the studio's but the code. What becomes of it becomes of the one
file that it had: whoever asked sees no answer, or none in time, and starts another.
"""

from __future__ import annotations

import json
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from core.config import worker_environment
from core.outgoing.off_network import go_off_the_network

REPOSITORY = Path(__file__).resolve().parents[2]
READ_BYTES = 1024 * 1024
# A loaded machine may need a while to load the libraries.
START_SECONDS = 60.0
# Files in one file that may each stop the reader before the rest of it is given up.
MAX_BREAKS = 5


class LineChild:
    """One such process and its pipes. module: what it runs, with its limit on memory in megabytes as the first argument."""

    def __init__(self, module: str, memory_mb: int) -> None:
        # What it unpacks goes with it, however it ends.
        self._scratch = tempfile.TemporaryDirectory(prefix="parse_")
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, str(memory_mb)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment()
            | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TMPDIR": self._scratch.name},
        )
        self._buffer = bytearray()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def tell(self, request: dict[str, Any]) -> bool:
        """Hand a request over. Returns whether the child was there to take it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return False
        return True

    def line(self, deadline: float) -> bytes | None:
        """The next line; empty when the child is gone, None when time is up. deadline: as time.monotonic tells it."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        searched = 0
        while True:
            end = self._buffer.find(b"\n", searched)
            if end >= 0:
                line = bytes(self._buffer[: end + 1])
                del self._buffer[: end + 1]
                return line
            searched = len(self._buffer)
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                return None
            piece = os.read(descriptor, READ_BYTES)
            if not piece:
                return b""
            self._buffer += piece

    def kill(self) -> None:
        """From another thread, too: whoever waits for a line sees that the child is gone."""
        self._process.kill()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # A request that it was gone for is still to be written.
                with suppress(BrokenPipeError):
                    pipe.close()
        self._scratch.cleanup()


def begin_as_child() -> TextIO:
    """In the child: off the network, and under the limit on memory of the first argument. Returns where answers go."""
    go_off_the_network()
    limit = int(sys.argv[1]) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    answers = sys.stdout
    # A library that prints must not break the line protocol.
    sys.stdout = sys.stderr
    return answers

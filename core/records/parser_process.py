"""The child process that parses: reads requests as JSON lines, answers with JSON lines.

Runs under a memory limit. Whatever happens to it happens to one file: the parent sees a closed
pipe and starts another.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from core.nouns import Goal
from core.records.child import begin_as_child
from core.records.large_files import ParsedInParts
from core.records.parsing import ParsedFile, RefusedFile
from core.records.parts import ReadingMember, parse_parts

RECURSION_LIMIT = 5_000
SECONDS_BETWEEN_WORDS = 0.25


def main() -> None:
    """Serve requests until standard input closes. First argument: memory limit in megabytes."""
    say = _Voice(begin_as_child())
    sys.setrecursionlimit(RECURSION_LIMIT)
    # The time that a file may take begins when the libraries are there.
    say.answer({"ready": True})
    for line in sys.stdin:
        for answer in _answers(json.loads(line), say):
            say.answer(answer)
        say.answer({"done": True})


class _Voice:
    """The way to the parent. Rows may be counted in another thread than the one that answers."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._spoke_at = 0.0

    def answer(self, answer: dict[str, Any]) -> None:
        with self._lock:
            self._stream.write(json.dumps(answer) + "\n")
            self._stream.flush()

    def rows(self, n_rows: int) -> None:
        """Say how many rows of the file were read, now and then."""
        if time.monotonic() - self._spoke_at >= SECONDS_BETWEEN_WORDS:
            self._spoke_at = time.monotonic()
            self.answer({"n_rows": n_rows})


def _answers(request: dict[str, Any], say: _Voice) -> Iterator[dict[str, Any]]:
    folder = request["folder"]
    outcomes = parse_parts(
        Path(request["path"]), request["name"], Goal(request["goal"]), request["mapping"], limit=request["limit"],
        skip=request["skip"], others=[(Path(other), called) for other, called in request["others"]],
        folder=Path(folder) if folder else None, on_rows=say.rows,
    )  # fmt: skip
    for outcome in outcomes:
        match outcome:
            case ReadingMember():
                yield {"reading": outcome.name, "number": outcome.number}
            case RefusedFile():
                yield {"name": outcome.name, "refused": outcome.reason, "columns": outcome.columns}
            case ParsedInParts():
                yield {"name": outcome.name, "in_parts": asdict(outcome)}
            case ParsedFile():
                yield {"name": outcome.name, "parsed": asdict(outcome)}


if __name__ == "__main__":
    main()

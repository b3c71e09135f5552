"""The child process that parses: reads requests as JSON lines, answers with JSON lines.

Runs under a memory limit. Whatever happens to it happens to one file: the parent sees a closed
pipe and starts another.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from core.errors import UnreadableFile
from core.nouns import Goal
from core.records.archive import unpack
from core.records.formats import Format, detect_format
from core.records.large_files import ParsedInParts, parse_large
from core.records.parsing import HEAD_BYTES, parse_file

RECURSION_LIMIT = 5_000
SECONDS_BETWEEN_WORDS = 0.25


def main() -> None:
    """Serve requests until standard input closes. First argument: memory limit in megabytes."""
    limit = int(sys.argv[1]) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sys.setrecursionlimit(RECURSION_LIMIT)
    answers = sys.stdout
    # A library that prints must not break the line protocol.
    sys.stdout = sys.stderr
    say = _Voice(answers)
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
    path, name = Path(request["path"]), request["name"]
    try:
        with path.open("rb") as file:
            form = detect_format(name, file.read(HEAD_BYTES))
        if form is Format.ZIP:
            yield from _archive_answers(path, name, request, say)
        else:
            yield _file_answer(path, name, request, say)
    except UnreadableFile as error:
        yield _refusal(name, error)
    except MemoryError:
        yield {"name": name, "refused": f"{name} needs more memory than parsing may take. Split it."}


def _archive_answers(path: Path, name: str, request: dict[str, Any], say: _Voice) -> Iterator[dict[str, Any]]:
    n_members = 0
    with tempfile.TemporaryDirectory(prefix="unpack_") as folder:
        for member in unpack(path, name, Path(folder)):
            n_members += 1
            if member.path is None:
                yield {"name": member.name, "refused": member.reason}
                continue
            try:
                yield _file_answer(member.path, member.name, request, say)
            except UnreadableFile as error:
                yield _refusal(member.name, error)
    if not n_members:
        yield {"name": name, "refused": f"{name} holds no files."}


def _refusal(name: str, error: UnreadableFile) -> dict[str, Any]:
    return {"name": name, "refused": str(error), "columns": error.facts.get("columns", [])}


def _file_answer(path: Path, name: str, request: dict[str, Any], say: _Voice) -> dict[str, Any]:
    goal, chosen, folder = Goal(request["goal"]), request["mapping"], request.get("parts")
    if folder is None:
        parsed = parse_file(path, name, goal, chosen, limit=request.get("limit"))
        return {"name": name, "parsed": asdict(parsed)}
    found = parse_large(path, name, goal, chosen, folder=Path(folder), on_rows=say.rows)
    kind = "in_parts" if isinstance(found, ParsedInParts) else "parsed"
    return {"name": name, kind: asdict(found)}


if __name__ == "__main__":
    main()

"""The child process that parses: reads requests as JSON lines, answers with JSON lines.

Runs under a memory limit. Whatever happens to it happens to one file: the parent sees a closed
pipe and starts another.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from core.nouns import Goal
from core.records.parsing import ParsedFile, RefusedFile
from core.records.parts import ReadingMember, parse_parts

RECURSION_LIMIT = 5_000


def main() -> None:
    """Serve requests until standard input closes. First argument: memory limit in megabytes."""
    limit = int(sys.argv[1]) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sys.setrecursionlimit(RECURSION_LIMIT)
    answers = sys.stdout
    # A library that prints must not break the line protocol.
    sys.stdout = sys.stderr
    # The time that a file may take begins when the libraries are there.
    _write(answers, {"ready": True})
    for line in sys.stdin:
        for answer in _answers(json.loads(line)):
            _write(answers, answer)
        _write(answers, {"done": True})


def _write(stream: TextIO, answer: dict[str, Any]) -> None:
    stream.write(json.dumps(answer) + "\n")
    stream.flush()


def _answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    outcomes = parse_parts(
        Path(request["path"]), request["name"], Goal(request["goal"]), request["mapping"], limit=request["limit"],
        skip=request["skip"], others=[(Path(other), called) for other, called in request["others"]],
    )  # fmt: skip
    for outcome in outcomes:
        match outcome:
            case ReadingMember():
                yield {"reading": outcome.name, "number": outcome.number}
            case RefusedFile():
                yield {"name": outcome.name, "refused": outcome.reason, "columns": outcome.columns}
            case ParsedFile():
                yield {"name": outcome.name, "parsed": asdict(outcome)}


if __name__ == "__main__":
    main()

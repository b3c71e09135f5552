"""The child process that parses: reads requests as JSON lines, answers with JSON lines.

Runs under a memory limit. Whatever happens to it happens to one file: the parent sees a closed
pipe and starts another.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from core.errors import UnreadableFile
from core.nouns import Goal
from core.records.archive import unpack
from core.records.formats import Format, detect_format
from core.records.parsing import HEAD_BYTES, parse_file

RECURSION_LIMIT = 5_000


def main() -> None:
    """Serve requests until standard input closes. First argument: memory limit in megabytes."""
    limit = int(sys.argv[1]) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sys.setrecursionlimit(RECURSION_LIMIT)
    answers = sys.stdout
    # A library that prints must not break the line protocol.
    sys.stdout = sys.stderr
    for line in sys.stdin:
        for answer in _answers(json.loads(line)):
            _write(answers, answer)
        _write(answers, {"done": True})


def _write(stream: TextIO, answer: dict[str, Any]) -> None:
    stream.write(json.dumps(answer) + "\n")
    stream.flush()


def _answers(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    path, name = Path(request["path"]), request["name"]
    try:
        with path.open("rb") as file:
            form = detect_format(name, file.read(HEAD_BYTES))
        if form is Format.ZIP:
            yield from _archive_answers(path, name, request)
        else:
            yield _file_answer(path, name, request)
    except UnreadableFile as error:
        yield _refusal(name, error)
    except MemoryError:
        yield {"name": name, "refused": f"{name} needs more memory than parsing may take. Split it."}


def _archive_answers(path: Path, name: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    n_members = 0
    with tempfile.TemporaryDirectory(prefix="unpack_") as folder:
        for member in unpack(path, name, Path(folder)):
            n_members += 1
            if member.path is None:
                yield {"name": member.name, "refused": member.reason}
                continue
            try:
                yield _file_answer(member.path, member.name, request)
            except UnreadableFile as error:
                yield _refusal(member.name, error)
    if not n_members:
        yield {"name": name, "refused": f"{name} holds no files."}


def _refusal(name: str, error: UnreadableFile) -> dict[str, Any]:
    return {"name": name, "refused": str(error), "columns": error.facts.get("columns", [])}


def _file_answer(path: Path, name: str, request: dict[str, Any]) -> dict[str, Any]:
    parsed = parse_file(path, name, Goal(request["goal"]), request["mapping"], limit=request.get("limit"))
    return {"name": name, "parsed": asdict(parsed)}


if __name__ == "__main__":
    main()

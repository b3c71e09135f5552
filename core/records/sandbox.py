"""Parses foreign files in one child process with limits on memory and time.

A crash, a memory error or a time-out refuses that one file; a fresh child goes on with the rest.
One child serves many files, because starting one takes longer than parsing most files.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from core.nouns import Goal, ParsedRecord, RecordKind, RejectedRow
from core.records.child import MAX_BREAKS, START_SECONDS, LineChild
from core.records.large_files import ParsedInParts
from core.records.mapping import Mapping as ColumnMapping
from core.records.parsing import ParsedFile, RefusedFile


@dataclass(frozen=True, slots=True)
class FileToParse:
    """path: where the bytes are. name: what the file was called where it came from. chosen: our field to its column.

    others: files of the same import with their names, in which the rest of an export may stand.
    """

    path: Path
    name: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    others: Sequence[tuple[Path, str]] = ()


def parse_files(
    files: Sequence[FileToParse],
    goal: Goal,
    *,
    memory_mb: int,
    seconds_per_file: float,
    limit: int | None = None,
) -> Iterator[tuple[int, ParsedFile | RefusedFile]]:
    """Outcomes with the number of the file they belong to; an archive gives one for each member."""
    for number, outcome in _outcomes(files, goal, memory_mb, seconds_per_file, limit=limit):
        assert not isinstance(outcome, ParsedInParts), "no folder was given for parts"
        yield number, outcome


def parse_into_parts(
    files: Sequence[FileToParse],
    goal: Goal,
    *,
    memory_mb: int,
    seconds_per_file: float,
    folder: Path,
    on_rows: Callable[[int, int], None],
) -> Iterator[tuple[int, ParsedFile | ParsedInParts | RefusedFile]]:
    """As parse_files, but the records of large files go to Parquet files in the folder.

    on_rows: told now and then the number of a file and how many of its rows were read.
    """
    yield from _outcomes(files, goal, memory_mb, seconds_per_file, folder=folder, on_rows=on_rows)


def _outcomes(
    files: Sequence[FileToParse],
    goal: Goal,
    memory_mb: int,
    seconds_per_file: float,
    *,
    limit: int | None = None,
    folder: Path | None = None,
    on_rows: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[int, ParsedFile | ParsedInParts | RefusedFile]]:
    child: _Child | None = None
    try:
        for number, file in enumerate(files):
            n_breaks, skip = 0, 0
            while True:
                child = child if child is not None and child.is_running() else _Child(memory_mb)
                request = {
                    "path": str(file.path), "name": file.name, "goal": goal.value, "folder": str(folder) if folder else None, "mapping": dict(file.chosen),
                    "limit": limit, "skip": skip, "others": [[str(path), name] for path, name in file.others],
                }  # fmt: skip
                told = partial(on_rows, number) if on_rows is not None else None
                for outcome in child.ask(request, seconds_per_file, told):
                    yield number, outcome
                # The members behind the one that broke the parser are read by a fresh one.
                if child.is_running() or not child.member:
                    break
                n_breaks, skip = n_breaks + 1, child.member
                if n_breaks == MAX_BREAKS:
                    reason = f"The rest of {file.name} was not read: {n_breaks} files in it stopped the parser."
                    yield number, RefusedFile(file.name, reason)
                    break
    finally:
        if child is not None:
            child.stop()


class _Child(LineChild):
    """The parser. member: the number of the archive's member that it is at; 0 for none."""

    def __init__(self, memory_mb: int) -> None:
        super().__init__("core.records.parser_process", memory_mb)
        self._is_ready = False
        self.member = 0

    def ask(
        self, request: dict[str, Any], seconds: float, on_rows: Callable[[int], None] | None = None
    ) -> Iterator[ParsedFile | ParsedInParts | RefusedFile]:
        """Outcomes of one request; the last is a refusal when the child breaks off. seconds: for each file in it."""
        name, self.member = request["name"], 0
        if not self.tell(request):
            self.stop()
            yield RefusedFile(name, f"{name} could not be handed to the parser, which had stopped.")
            return
        deadline = time.monotonic() + seconds + (0.0 if self._is_ready else START_SECONDS)
        while True:
            line = self.line(deadline)
            if line is None:
                reason = f"{name} took longer than the {seconds:.0f} seconds that parsing may take. Split it."
                self.stop()
                yield RefusedFile(name, reason)
                return
            if not line:
                self.stop()
                yield RefusedFile(
                    name,
                    f"{name} crashed the parser: it is damaged, or needs more memory than it may take. Save it anew, or split it.",
                )
                return
            answer = json.loads(line)
            if answer.get("done"):
                return
            if "n_rows" in answer:
                if on_rows is not None:
                    on_rows(answer["n_rows"])
                continue
            if "ready" in answer or "reading" in answer:
                self._is_ready = True
                name, self.member = answer.get("reading", name), answer.get("number", 0)
                deadline = time.monotonic() + seconds
                continue
            yield _outcome(answer)


def _outcome(answer: dict[str, Any]) -> ParsedFile | ParsedInParts | RefusedFile:
    if "refused" in answer:
        return RefusedFile(answer["name"], answer["refused"], tuple(answer.get("columns", ())))
    found = answer.get("parsed") or answer["in_parts"]
    found["rejected"] = [RejectedRow(**row) for row in found["rejected"]]
    found["mapping"] = ColumnMapping(**found["mapping"]) if found["mapping"] else None
    if "in_parts" in answer:
        return ParsedInParts(**found)
    found["records"] = [ParsedRecord(**(record | {"kind": RecordKind(record["kind"])})) for record in found["records"]]
    return ParsedFile(**found)

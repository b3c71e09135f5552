"""Files are looked into for an erasure by a process of its own, with limits on memory and on silence: what people sent is never opened by the server.

What crashes it, wants too much or says nothing for too long is looked into anew with its bytes alone, and named as not read. Of looks that are there
to be shown there is one at a time: whoever asked for one may be gone, and it would go on for minutes with nobody to see it.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.config import PARSE_MEMORY_MB, PARSE_SECONDS_PER_FILE
from core.errors import Conflict
from core.privacy.person import Person
from core.privacy.pieces import Unread
from core.privacy.read_back import Look, Looked, Place
from core.records.child import MAX_BREAKS, START_SECONDS, LineChild

MODULE = "core.workflows.looking_process"
WHY_ANOTHER = "Another look was asked for meanwhile, and ended this one."
WHY_CLOSED = "The studio was closed while it looked."
WHY_BYTES_TOO = "it, or a file in it, stopped what reads it even by its bytes alone: it is damaged, or needs more memory or time than it may take"
WHY_GIVEN_UP = f"{MAX_BREAKS} files in it stopped what reads them: they are damaged, or need more memory or time than they may take"


@contextmanager
def looking_apart(
    person: Person, *, scratch: Path, record_ids: Collection[str] = (), is_to_be_shown: bool = False, memory_mb: int = PARSE_MEMORY_MB,
    seconds: float = PARSE_SECONDS_PER_FILE,
) -> Iterator[Look]:  # fmt: skip
    """What looks into files, as long as it is needed. scratch: an empty folder for what is unpacked. seconds: of silence, after which it is ended.

    is_to_be_shown: nothing is changed by what it finds, and it ends the one before it. The look of what was ended raises Conflict.
    """
    looker = _Looker(person, scratch, record_ids, memory_mb, seconds)
    try:
        _looks.begin(looker, is_to_be_shown=is_to_be_shown)
        yield looker.look
    finally:
        _looks.forget(looker)
        looker.stop()


class _Looker:
    def __init__(
        self, person: Person, scratch: Path, record_ids: Collection[str], memory_mb: int, seconds: float
    ) -> None:
        self._subject = {
            "names": person.names, "literals": person.literals, "alike_from": person.alike_from, "record_ids": sorted(record_ids),
        }  # fmt: skip
        self._scratch, self._memory_mb, self._seconds = scratch, memory_mb, seconds
        self._child: LineChild | None = None
        self._why_ended = ""

    def look(self, file: Path, shown: str) -> Looked:
        broken: list[str] = []
        while True:
            found, at = self._asked(file, shown, broken)
            if self._why_ended:
                raise Conflict(self._why_ended, remedy="Ask again later.")
            if found is not None:
                return found
            self.stop()
            self._empty_scratch()
            # Whatever it was at is taken by its bytes alone the next time; where that was so already, there is no way.
            if at in broken:
                return Looked(unread=(Unread(shown, WHY_BYTES_TOO),), n_files=1)
            if len(broken) == MAX_BREAKS:
                return Looked(unread=(Unread(shown, WHY_GIVEN_UP),), n_files=1)
            broken.append(at)

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None

    def end(self, why: str) -> None:
        """From another thread. The mark comes first: a child that is started just now is seen here, or sees it."""
        self._why_ended = why
        if (child := self._child) is not None:
            child.kill()

    def _asked(self, file: Path, shown: str, broken: list[str]) -> tuple[Looked | None, str]:
        """What was found, or nothing where the child broke off; and what it was at then."""
        child = self._running()
        at = shown
        if child is None or not child.tell(
            {"file": str(file), "shown": shown, "scratch": str(self._scratch), "broken": broken}
        ):
            return None, at
        while line := child.line(time.monotonic() + self._seconds):
            answer = json.loads(line)
            if "found" in answer:
                return _looked(answer["found"]), at
            at = answer["at"] or at
        return None, at

    def _running(self) -> LineChild | None:
        """The child, which has said that it is ready."""
        if self._child is None or not self._child.is_running():
            self.stop()
            self._child = LineChild(MODULE, self._memory_mb)
            if self._why_ended or not (
                self._child.tell(self._subject) and self._child.line(time.monotonic() + START_SECONDS)
            ):
                return None
        return self._child

    def _empty_scratch(self) -> None:
        for path in self._scratch.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


class _Looks:
    """Those that go on, and which of them is to be shown."""

    def __init__(self) -> None:
        self._lookers: set[_Looker] = set()
        self._shown: _Looker | None = None
        self._one_changes = threading.Lock()

    def begin(self, looker: _Looker, *, is_to_be_shown: bool) -> None:
        before = None
        with self._one_changes:
            self._lookers.add(looker)
            if is_to_be_shown:
                before, self._shown = self._shown, looker
        if before is not None:
            before.end(WHY_ANOTHER)

    def forget(self, looker: _Looker) -> None:
        with self._one_changes:
            self._lookers.discard(looker)
            if self._shown is looker:
                self._shown = None

    def end(self, why: str) -> None:
        with self._one_changes:
            going_on = list(self._lookers)
        for looker in going_on:
            looker.end(why)


_looks = _Looks()


def end_looks() -> None:
    """Of a studio that is closed: a thread that looks for minutes would keep its process from ending. An erasure goes on when it is opened again."""
    _looks.end(WHY_CLOSED)


def _looked(told: dict[str, Any]) -> Looked:
    places = tuple(Place(**one | {"spelled": tuple(one["spelled"])}) for one in told["places"])
    return Looked(places, tuple(Unread(**one) for one in told["unread"]), told["n_files"], told["n_bytes"])

"""A job is a folder; this file knows what lies in it and who writes what.

spec.json     the server, once: kind, inputs, settings
status.json   the worker: state, phase, progress, and at the end result or reason
events.jsonl  the worker: one line an event (a step's loss, a checkpoint), appended
cancel        the server: its presence asks the worker to stop
alive         locked by the worker as long as it lives; the kernel lets go when it dies
output.log    the worker's standard output and error
out.tmp, out  results; renamed to `out` only when they are whole

Every file has one writer, so nothing here needs a lock of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.whole_files import replacing


@dataclass(frozen=True, slots=True)
class JobFolder:
    """One job's folder. Paths that it hands out lie inside it."""

    root: Path

    @property
    def id(self) -> str:
        return self.root.name

    @property
    def inputs(self) -> Path:
        return self.root / "in"

    @property
    def unfinished(self) -> Path:
        return self.root / "out.tmp"

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def log(self) -> Path:
        return self.root / "output.log"

    @property
    def alive(self) -> Path:
        return self.root / "alive"

    def create(self, spec: dict[str, Any]) -> None:
        """Write the spec last, so that a folder with a spec has all its inputs."""
        self.inputs.mkdir(parents=True, exist_ok=True)
        write_json(self.root / "spec.json", spec)

    def has_spec(self) -> bool:
        return (self.root / "spec.json").exists()

    def spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = json.loads((self.root / "spec.json").read_text(encoding="utf-8"))
        return spec

    def status(self) -> dict[str, Any]:
        """What the worker last said; empty before it said anything."""
        try:
            status: dict[str, Any] = json.loads((self.root / "status.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return status

    def write_status(self, status: dict[str, Any]) -> None:
        write_json(self.root / "status.json", status)

    @property
    def event_file(self) -> Path:
        return self.root / "events.jsonl"

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """Events from number `after` on, counted from 0; a half-written last line waits for its end."""
        return list(whole_events(self.event_file))[after:]

    def append_event(self, event: dict[str, Any]) -> None:
        with self.event_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, ensure_ascii=False) + "\n")

    def ask_to_cancel(self) -> None:
        if self.root.exists():
            (self.root / "cancel").touch()

    def cancel_is_asked(self) -> bool:
        return (self.root / "cancel").exists()

    def last_words(self, n_characters: int = 2_000) -> str:
        """The end of the worker's own output, for an error that has no better reason."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - n_characters))
                return file.read().decode("utf-8", errors="replace").strip()
        except FileNotFoundError:
            return ""

    def worker_is_alive(self) -> bool:
        """Whether some process holds the folder's lock; process ids can be reused, a lock cannot."""
        try:
            descriptor = os.open(self.alive, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def whole_events(file: Path) -> Iterator[dict[str, Any]]:
    """The events of a file as far as they are written; none when it is not there."""
    try:
        with file.open(encoding="utf-8") as opened:
            for line in opened:
                if line.endswith("\n"):
                    yield json.loads(line)
    except FileNotFoundError:
        return


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Replace the file in one step."""
    with replacing(path) as unfinished:
        unfinished.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")

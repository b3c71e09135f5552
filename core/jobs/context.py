"""What a job handler sees of the world: its spec, its folders, and a way to say how far it is.

Handlers never open the database: inputs are files in the folder, results go to `out`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.jobs.folder import JobFolder
from core.outgoing.isolation import KeptOff

SECONDS_BETWEEN_STATUS_WRITES = 0.25


class JobCancelled(Exception):
    """Raised inside a handler when the person asked to stop; not an error."""


class JobContext:
    """Progress and files of one running job. Satisfies `core.training.progress.Progress`."""

    def __init__(self, folder: JobFolder, *, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.spec = folder.spec()
        # How this process is kept off the network, once it is.
        self.network: KeptOff | None = None
        self._clock = clock
        self._written_at = 0.0
        self._status: dict[str, Any] = {
            "state": "running",
            "phase": "Starting",
            "done": 0,
            "total": 0,
            "phase_started_at": clock(),
            "phase_began_with": 0,
            "started_at": clock(),
            "facts": {},
            "seconds": {},
        }

    @property
    def settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = self.spec["settings"]
        return settings

    @property
    def inputs(self) -> Path:
        return self.folder.inputs

    @property
    def out(self) -> Path:
        """Where results are put together; becomes `out` only when the handler returns."""
        return self.folder.unfinished

    def report(self, *, phase: str, done: float, total: float, **facts: Any) -> None:
        """Say how far the phase is. Raises JobCancelled when asked to stop, unless the handler stops by itself."""
        now = self._clock()
        new_phase = phase != self._status["phase"]
        if new_phase:
            self._end_phase(now)
            # A phase that comes back, or a run that is resumed, has done some of it before.
            self._status["phase_began_with"] = done
        self._status |= {"phase": phase, "done": done, "total": total, "updated_at": now}
        self._status["facts"] |= facts
        if new_phase or done >= total or now - self._written_at >= SECONDS_BETWEEN_STATUS_WRITES:
            self._written_at = now
            self.folder.write_status(self._status)
            if self.network is not None:
                self.network.tell_native()
        self.stop_if_cancelled()

    def stop_if_cancelled(self) -> None:
        """Raises JobCancelled when asked to stop, unless the handler stops by itself."""
        if not self.spec.get("stops_by_itself") and self.cancelled():
            raise JobCancelled

    def network_facts(self) -> dict[str, Any] | None:
        """How the job's workers were kept off the network, and what they tried so far; None where nobody kept them off."""
        return self.network.facts() if self.network is not None else None

    def event(self, kind: str, **facts: Any) -> None:
        """Append one event; the page that watches reads them in order."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.folder.append_event({"kind": kind, "at": at, **facts})

    def cancelled(self) -> bool:
        return self.folder.cancel_is_asked()

    def finish(self, state: str, *, reason: str = "", result: dict[str, Any] | None = None) -> None:
        """The worker's last word; written once."""
        now = self._clock()
        self._end_phase(now)
        self._status |= {"state": state, "reason": reason, "result": result or {}, "ended_at": now}
        self._status["network"] = self.network_facts()
        self.folder.write_status(self._status)

    def _end_phase(self, now: float) -> None:
        """Add the phase's time to what it took before; a phase may come back."""
        seconds, phase = self._status["seconds"], self._status["phase"]
        seconds[phase] = round(seconds.get(phase, 0.0) + now - self._status["phase_started_at"], 3)
        self._status["phase_started_at"] = now

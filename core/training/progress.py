"""What a long function tells of itself while it works; a job's context satisfies it."""

from __future__ import annotations

from typing import Any, Protocol


class Progress(Protocol):
    """report: how far a phase is. event: something to keep (a step's loss). cancelled: asked to stop."""

    def report(self, *, phase: str, done: float, total: float, **facts: Any) -> None: ...

    def event(self, kind: str, **facts: Any) -> None: ...

    def cancelled(self) -> bool: ...


class Silent:
    """Progress that nobody watches."""

    def report(self, *, phase: str, done: float, total: float, **facts: Any) -> None:
        return

    def event(self, kind: str, **facts: Any) -> None:
        return

    def cancelled(self) -> bool:
        return False

"""What a download button is given: the file as it is made at the click, and the audit trail says who took it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from core.workflows import auditing
from studio.running import workspace

File = TypeVar("File", bound=str | bytes)


def told(
    make: Callable[[], File], noun: str, object_id: str = "", *, by: str, project: str, **facts: int | str
) -> Callable[[], File]:
    """make: writes the file. noun, object_id: what it is of, "" for the whole project. project: its name or id."""

    def take() -> File:
        content = make()
        auditing.exported(workspace(), noun, object_id, by=by, project=project, **facts)
        return content

    return take

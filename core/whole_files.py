"""A file that is there whole or not at all. Knows nothing of what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Where to write what takes the target's place in one step, so that a reader sees the old or the new, never a half.

    Where the writing breaks off, the half is removed: on a full disk it would hold the last free blocks.
    """
    unfinished = target.with_name(target.name + ".tmp")
    try:
        yield unfinished
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise

"""A file, or a folder, that is there whole or not at all. Knows nothing of what is in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import Invalid, StoreFull
from core.full_disk import says_full, why


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


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Where to make a folder that takes the target's place in one step; nothing of it is left where that breaks off. Raises StoreFull."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as unfinished:
            made = Path(unfinished) / "whole"
            yield made
            made.rename(target)
    except OSError as error:
        if says_full(error):
            raise StoreFull(
                f"The disk is full: {target} could not be written.", remedy="Make room, then ask for it again."
            ) from error
        raise


def cannot_be_written(target: Path, error: OSError) -> Invalid:
    """What to say of a folder, or a file, that somebody named and that the machine refused."""
    return Invalid(
        f"{target} cannot be written: {why(error)}.",
        remedy="Name a folder with room that you may write to.",
    )

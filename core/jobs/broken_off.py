"""Why a worker broke off, where the machine is to blame: no memory, no room on the disk. Whatever library noticed it, the sentence is the same."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from core.full_disk import says_full

NO_MEMORY = ("not enough memory", "can't allocate memory", "cannot allocate memory", "out of memory", "bad_alloc")
# Less room than this, and a worker that died without a word most likely had none for it.
LEAST_FREE_BYTES = 4 * 2**20
# Kinds of jobs that go on from a checkpoint.
RESUMABLE = ("train", "continue")
RESUME = "Resume the run: it goes on from its last checkpoint."
LESS_MEMORY = "fewer tokens at a time, with Save memory on, or with shorter examples; or take a smaller base model."
MEMORY_REMEDIES = {
    "train": f"Start a run with {LESS_MEMORY}",
    "preflight": f"Check again with {LESS_MEMORY}",
    "continue": (
        "Go on from the earlier run again with fewer tokens at a time and with Save memory on "
        "(`proofroom runs continue RUN --setting micro_batch_tokens=512 --setting gradient_checkpointing=true`)."
    ),
}

# Of any other kind.
LESS_TO_READ = "Use fewer or shorter rows, or a machine with more memory."


def machine_reason(error: BaseException, kind: str) -> str | None:
    """A sentence with what to do, for a job of this kind; None where the machine is not the reason.

    Looks also at what the error came from: a library's trouble may have been put into words that say less.
    """
    for one in _with_causes(error):
        if says_full(one):
            return no_room_reason(kind)
        if is_out_of_memory(one):
            what = "The graphics processor" if "cuda" in str(one).lower() else "The machine"
            after = MEMORY_REMEDIES.get(kind, LESS_TO_READ)
            return f"{what} ran out of memory. {after}"
    return None


def no_room_reason(kind: str) -> str:
    """What a job of this kind says when the disk is full."""
    after = (
        "Make room, then resume the run: it goes on from its last checkpoint."
        if kind in RESUMABLE
        else "Make room, then start it again."
    )
    return f"The disk is full: a file could not be written. {after}"


def lost_reason(kind: str, last_words: str) -> str:
    """What a job of this kind says whose worker was ended from outside, as the system does when memory is short.

    last_words: what it printed last; empty for nothing.
    """
    again = RESUME if kind in RESUMABLE else "Start it again."
    remedy = MEMORY_REMEDIES.get(kind, LESS_TO_READ)
    said = f" Its last words: {last_words}" if last_words else ""
    return (
        f"The worker process died without a last word; it was killed, or the machine ran out of memory. {again} "
        f"If memory was short, {remedy[0].lower()}{remedy[1:]}{said}"
    )


def has_no_room(folder: Path) -> bool:
    """Whether the disk of a folder is as good as full."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory was the reason, of the processor or of a graphics card."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    # PyTorch has no class of its own for a processor's memory; and a library may not fit any more at all.
    return isinstance(error, RuntimeError | ImportError) and any(words in str(error).lower() for words in NO_MEMORY)

"""Why a worker broke off, where the machine is to blame: no memory, no room on the disk. Whatever library noticed it, the sentence is the same."""

from __future__ import annotations

import errno

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
NO_ROOM = ("no space left on device", "disk quota exceeded")
NO_MEMORY = ("not enough memory", "can't allocate memory", "cannot allocate memory", "out of memory", "bad_alloc")
# Kinds of jobs that go on from a checkpoint.
RESUMABLE = ("train", "continue")


def machine_reason(error: BaseException, kind: str) -> str | None:
    """A sentence with what to do, for a job of this kind; None where the machine is not the reason."""
    if _is_full(error):
        after = (
            "Make room, then resume the run: it goes on from its last checkpoint."
            if kind in RESUMABLE
            else "Make room, then start it again."
        )
        return f"The disk is full: a file could not be written. {after}"
    if is_out_of_memory(error):
        after = (
            "Start a run with fewer tokens at a time, with Save memory on, or with shorter examples; or take a smaller base model."
            if kind == "train"
            else "Use fewer or shorter rows, or a machine with more memory."
        )
        return f"The machine ran out of memory. {after}"
    return None


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return True
    return any(words in str(error).lower() for words in NO_ROOM)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory was the reason, of the processor or of a graphics card."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    # PyTorch has no class of its own for a processor's memory.
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in NO_MEMORY)

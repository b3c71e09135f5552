"""Whether an error says that a disk is full, whichever library met it."""

from __future__ import annotations

import errno
import shutil

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ROOM = ("no space left", "disk quota", "file too large", "out of disk")


def says_full(error: BaseException) -> bool:
    """By its number, else by its words: the database's engine and the copying of folders tell of it in words alone."""
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return True
    return any(words in str(error).lower() for words in NO_ROOM)


def why(error: BaseException) -> str:
    """The error's words without its paths, where copying a folder tells of each file that failed: source, target, reason."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list) and error.args[0]:
        return str(error.args[0][0][2])
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)

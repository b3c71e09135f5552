"""A disk of a few megabytes that one process alone sees."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

CHUNKS = (2**20, 4_096)


def on_a_small_disk(folder: Path, *, size: str = "64k") -> list[str]:
    """The command that runs another one with a disk of this size at `folder`, which that one alone sees."""
    return [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        f'mount -t tmpfs -o size={size} none "{folder}" && exec "$@"',
        "sh",
    ]


def fill(disk: Path) -> Path:
    """Take every free page of the disk."""
    filler = disk / "filler"
    for size in CHUNKS:
        with suppress(OSError), filler.open("ab", buffering=0) as file:
            while file.write(b"x" * size) == size:
                pass
    return filler

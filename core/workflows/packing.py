"""Make local git repositories ready to be imported. Needs no studio: they are read where they lie, by whoever may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import Invalid
from core.records.repositories import DEFAULT_COMMITS, Packed, pack_repository

__all__ = ["DEFAULT_COMMITS", "Packed", "pack_one", "pack_repositories"]


def pack_repositories(
    folders: Sequence[Path], scratch: Path, *, revision: str = "HEAD", n_commits: int = DEFAULT_COMMITS
) -> list[Packed]:
    """One file for each repository, in `scratch`; where two have one name, the folder above stands before it.

    Raises Invalid naming the folder that is no repository.
    """
    packed = [
        pack_repository(folder, scratch / str(i), revision=revision, n_commits=n_commits)
        for i, folder in enumerate(folders)
    ]
    names = [one.name for one in packed]
    return [
        replace(one, name=f"{folder.resolve().parent.name}/{one.name}") if names.count(one.name) > 1 else one
        for folder, one in zip(folders, packed, strict=True)
    ]


def pack_one(folder: Path, target: Path, *, revision: str = "HEAD", n_commits: int = DEFAULT_COMMITS) -> Packed:
    """A repository as a file that a page of the studio takes. Raises Invalid, also where the file is there already."""
    if target.exists():
        raise Invalid(f"{target} exists already.", remedy="Choose another name; nothing is overwritten.")
    try:
        return pack_repository(folder, target, revision=revision, n_commits=n_commits)
    except BaseException:
        target.unlink(missing_ok=True)
        raise

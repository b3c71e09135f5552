"""Opens ZIP files without trusting them: sizes are counted while unpacking, names are checked.

Nothing is written under a name from the archive: each member is unpacked to a numbered file in
a temporary folder, and its name is only ever an id.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import UnreadableFile
from core.records.formats import SUFFIXES, Format

MAX_FILES = 20_000
MAX_UNPACKED_BYTES = 2 * 1024**3
MAX_RATIO = 200
# Below this, no ratio is too high: a small text of one repeated line harms nobody.
UNSUSPECTED_BYTES = 10 * 2**20
MAX_DEPTH = 20
PIECE_BYTES = 1024 * 1024
# Folders that archivers add by themselves; they hold no one's writing.
ARCHIVER_NAMES = ("__MACOSX", ".DS_Store", "Thumbs.db")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: unpacked to `path`, or refused with a reason."""

    name: str
    path: Path | None
    reason: str = ""


def most_unpacked_bytes(packed: int) -> int:
    """The most that may come out of so many packed bytes."""
    return min(MAX_UNPACKED_BYTES, max(UNSUSPECTED_BYTES, MAX_RATIO * packed))


def unpack(archive: Path, name: str, folder: Path) -> Iterator[Member]:
    """Unpack the members one by one into `folder`, which must be temporary. Raises UnreadableFile for the whole."""
    try:
        opened = zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableFile(f"{name} is not a ZIP file that can be opened: {error}.") from error
    with opened:
        infos = [info for info in opened.infolist() if not info.is_dir()]
        if len(infos) > MAX_FILES:
            raise UnreadableFile(
                f"{name} holds {len(infos):,} files, at most {MAX_FILES:,} are read.", remedy="Split it."
            )
        _refuse_bombs(infos, name)
        budget = MAX_UNPACKED_BYTES
        for number, info in enumerate(infos):
            if any(part in ARCHIVER_NAMES for part in PurePosixPath(info.filename).parts):
                yield Member(info.filename, None, "An archiver's own file, with nobody's writing in it.")
                continue
            reason = _trouble(info)
            if reason:
                yield Member(info.filename, None, reason)
                continue
            target = folder / f"{number:06d}"
            member = _unpack_one(opened, info, target, min(budget, info.file_size))
            budget -= target.stat().st_size if target.exists() else 0
            yield member
            target.unlink(missing_ok=True)


def _refuse_bombs(infos: list[zipfile.ZipInfo], name: str) -> None:
    unpacked, packed = sum(i.file_size for i in infos), sum(i.compress_size for i in infos)
    if unpacked > MAX_UNPACKED_BYTES:
        raise UnreadableFile(
            f"{name} unpacks to {unpacked // 2**20:,} MB, at most {MAX_UNPACKED_BYTES // 2**20:,} MB are read.",
            remedy="Split it.",
        )
    if unpacked > UNSUSPECTED_BYTES and unpacked > MAX_RATIO * max(1, packed):
        raise UnreadableFile(
            f"{name} unpacks to {unpacked // max(1, packed):,} times its size, which real writing never does; "
            f"up to {MAX_RATIO} times is read.",
            remedy="Check where it comes from, or send the files themselves.",
        )


def _trouble(info: zipfile.ZipInfo) -> str:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        return f"The name {info.filename!r} points outside the archive."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link, not a file."
    if len(path.parts) > MAX_DEPTH:
        return f"It lies {len(path.parts)} folders deep, at most {MAX_DEPTH} are read."
    if info.flag_bits & 0x1:
        return "It is encrypted; send it without a password."
    form = SUFFIXES.get(path.suffix.lower())
    if form is Format.ZIP:
        return "It is an archive inside an archive; send it by itself."
    if form is None:
        return f"Files ending in {path.suffix or '(nothing)'} are not read."
    return ""


def _unpack_one(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, limit: int) -> Member:
    written = 0
    try:
        with opened.open(info) as source, target.open("wb") as file:
            while piece := source.read(PIECE_BYTES):
                written += len(piece)
                # The size in the archive's directory is a claim; this is what came out.
                if written > limit:
                    return Member(info.filename, None, "It unpacks to more than the archive says.")
                file.write(piece)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, EOFError) as error:
        return Member(info.filename, None, f"It cannot be unpacked: {error}.")
    return Member(info.filename, target)

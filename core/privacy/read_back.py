"""Whether a person stands anywhere under a folder: every file decoded, every mention counted. What an erasure is verified by.

It knows nothing of what the studio believes to be where. The same look before and after tells what went.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.privacy.file_texts import Databases, Reading, texts_in
from core.privacy.person import Person
from core.privacy.pieces import Unread

RECORD_ID = re.compile(r"r_[0-9a-f]{16}")
MOST_SPELLED = 5
ITS_NAME = "its name"
# Where each letter of a text stands is noted for so many at a time.
SLICE_CHARACTERS, OVERLAP_CHARACTERS = 1_000_000, 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """A file, or a part of it, that holds mentions. path: from the folder on. inside: the table's column, the file in an archive; "" for its bytes.

    n_ids: numbers of records that were looked for beside the person. spelled: some of the mentions as they stand there.
    """

    path: str
    inside: str
    n_certain: int
    n_possible: int
    n_ids: int
    spelled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadBack:
    places: tuple[Place, ...]
    n_files: int
    n_bytes: int
    unread: tuple[Unread, ...]

    @property
    def n_certain(self) -> int:
        return sum(place.n_certain for place in self.places)


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking into one file found. n_files: with those packed in it."""

    places: tuple[Place, ...] = ()
    unread: tuple[Unread, ...] = ()
    n_files: int = 0
    n_bytes: int = 0


# Looks into a file, which may be called otherwise than where its bytes lie.
Look = Callable[[Path, str], Looked]


def read_back(
    root: Path, look: Look, *, skip: Collection[Path] = (), instead: Mapping[Path, Path] | None = None
) -> ReadBack:
    """Look into every file under root, but those in skip, and what lies in a folder there. instead: a file's copy, to be read in its place."""
    places: list[Place] = []
    unread: list[Unread] = []
    n_files = n_bytes = 0
    for file in files_under(root, skip):
        found = look((instead or {}).get(file, file), file.relative_to(root).as_posix())
        places += found.places
        unread += found.unread
        n_files += found.n_files
        n_bytes += found.n_bytes
    return ReadBack(tuple(places), n_files, n_bytes, tuple(unread))


def look_into(
    file: Path, shown: str, person: Person, *, databases: Databases, scratch: Path, record_ids: Collection[str] = (), broken: Collection[str] = (),
    told: Callable[[str], None] = lambda shown: None,
) -> Looked:  # fmt: skip
    """Every mention in one file, in its name and in what is packed in it.

    shown: its path from the folder on. scratch: an empty folder outside what is looked through. broken: what stopped an earlier look; told: as Reading has it.
    """
    anchors = person.anchors() + ((b"r_",) if record_ids else ())
    reading = Reading(databases, scratch, anchors, told, broken)
    ids = frozenset(record_ids)
    counts: dict[str, _Count] = {}
    _count(counts.setdefault(ITS_NAME, _Count()), shown, person, ids)
    for piece in texts_in(file, reading, shown=shown):
        plain = _count(counts.setdefault(piece.where, _Count()), piece.text, person, ids)
        for code, text in piece.readings:
            # What stood there to be read anyway is counted once.
            beyond = _Count()
            if _count(beyond, text, person, ids) > plain:
                counts.setdefault(f"{piece.where} ({code})".strip(), _Count()).add(beyond)
    places = tuple(
        Place(shown, inside, one.n_certain, one.n_possible, one.n_ids, tuple(one.spelled))
        for inside, one in counts.items()
        if one.n_certain or one.n_possible or one.n_ids
    )
    return Looked(places, tuple(reading.unread), reading.n_files, reading.n_bytes)


def files_under(root: Path, skip: Collection[Path] = ()) -> Iterator[Path]:
    """Every file, in the order of its path; links are not followed."""
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if path in skip or path.is_symlink():
            continue
        if path.is_dir():
            yield from files_under(path, skip)
        elif path.is_file():
            yield path


@dataclass(slots=True)
class _Count:
    n_certain: int = 0
    n_possible: int = 0
    n_ids: int = 0
    spelled: dict[str, None] = field(default_factory=dict)

    @property
    def total(self) -> tuple[int, int]:
        """By which two readings of a text are compared: what is certain first."""
        return self.n_certain + self.n_ids, self.n_possible

    def add(self, other: _Count) -> None:
        self.n_certain += other.n_certain
        self.n_possible += other.n_possible
        self.n_ids += other.n_ids
        self.spelled = dict.fromkeys([*self.spelled, *other.spelled][:MOST_SPELLED])


def _count(count: _Count, text: str, person: Person, ids: frozenset[str]) -> tuple[int, int]:
    """Count the mentions of a text into `count`. Returns how many they were: certain and ids, possible."""
    found = _Count()
    for start in range(0, max(1, len(text)), SLICE_CHARACTERS):
        piece = text[start : start + SLICE_CHARACTERS + OVERLAP_CHARACTERS]
        for one in person.mentions(piece):
            # What begins in the overlap is found in the next slice.
            if one.start >= SLICE_CHARACTERS:
                continue
            found.n_certain += one.is_certain
            found.n_possible += not one.is_certain
            if len(found.spelled) < MOST_SPELLED:
                found.spelled[piece[one.start : one.end]] = None
    if ids and "r_" in text:
        found.n_ids += sum(one in ids for one in RECORD_ID.findall(text))
    count.add(found)
    return found.total

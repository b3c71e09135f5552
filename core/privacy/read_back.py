"""Whether a person stands anywhere under a folder: every file decoded, every mention counted. What an erasure is verified by.

It knows nothing of what the studio believes to be where. The same look before and after tells what went.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.privacy.file_texts import Databases, Reading, Unread, texts_in
from core.privacy.person import Person

RECORD_ID = re.compile(r"r_[0-9a-f]{16}")
MOST_SPELLED = 5


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


@dataclass(slots=True)
class _Count:
    n_certain: int = 0
    n_possible: int = 0
    n_ids: int = 0
    spelled: dict[str, None] = field(default_factory=dict)


def read_back(
    root: Path, person: Person, *, databases: Databases, scratch: Path, skip: Collection[Path] = (), record_ids: Collection[str] = (),
    instead: Mapping[Path, Path] | None = None,
) -> ReadBack:  # fmt: skip
    """Look through every file under root, but those in skip, and what lies in a folder there.

    scratch: an empty folder outside what is looked through, or in skip. instead: a file's copy, to be read in its place.
    """
    anchors = person.anchors() + ((b"r_",) if record_ids else ())
    reading = Reading(databases, scratch, anchors)
    ids, places = frozenset(record_ids), []
    for file in files_under(root, skip):
        path = file.relative_to(root).as_posix()
        counts: dict[str, _Count] = {}
        _count(counts.setdefault("its name", _Count()), path, person, ids)
        for inside, text in texts_in((instead or {}).get(file, file), reading, shown=path):
            _count(counts.setdefault(inside, _Count()), text, person, ids)
        places += [
            Place(path, inside, one.n_certain, one.n_possible, one.n_ids, tuple(one.spelled))
            for inside, one in counts.items()
            if one.n_certain or one.n_possible or one.n_ids
        ]
    return ReadBack(tuple(places), reading.n_files, reading.n_bytes, tuple(reading.unread))


def files_under(root: Path, skip: Collection[Path] = ()) -> Iterator[Path]:
    """Every file, in the order of its path; links are not followed."""
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if path in skip or path.is_symlink():
            continue
        if path.is_dir():
            yield from files_under(path, skip)
        elif path.is_file():
            yield path


def _count(count: _Count, text: str, person: Person, ids: frozenset[str]) -> None:
    for one in person.mentions(text):
        count.n_certain += one.is_certain
        count.n_possible += not one.is_certain
        if len(count.spelled) < MOST_SPELLED:
            count.spelled[text[one.start : one.end]] = None
    if ids and "r_" in text:
        count.n_ids += sum(found in ids for found in RECORD_ID.findall(text))

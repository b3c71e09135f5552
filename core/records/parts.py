"""What one file holds: what is packed in it, the sheets of a workbook, the members of an archive; else itself.

Each part is read, or refused with its reason, and a part that is refused takes no other along.
A file may be packed once, and once more where it lies in an archive.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import UnreadableFile
from core.nouns import Goal
from core.records.archive import unpack
from core.records.compression import decompress, name_inside
from core.records.formats import COMPRESSED, HEAD_BYTES, WORKBOOKS, Format, detect_format
from core.records.large_files import ParsedInParts, in_parts, parse_large
from core.records.parsing import ParsedFile, RefusedFile, parse_file, parse_table
from core.records.workbooks import read_sheets


@dataclass(frozen=True, slots=True)
class ReadingMember:
    """Said before a member of an archive is read, so that whoever waits knows where it was, should it never end."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class _Order:
    """goal, chosen, limit, others: as parse_file takes them. skip: so many members of an archive were read before.

    folder, on_rows: as parse_large takes them; no folder for a preview.
    """

    goal: Goal
    chosen: dict[str, str]
    limit: int | None
    skip: int
    others: Sequence[tuple[Path, str]]
    folder: Path | None
    on_rows: Callable[[int], None]


def parse_parts(
    path: Path, name: str, goal: Goal, chosen: dict[str, str], *, limit: int | None = None, skip: int = 0,
    others: Sequence[tuple[Path, str]] = (), folder: Path | None = None, on_rows: Callable[[int], None] = lambda n: None,
) -> Iterator[ParsedFile | ParsedInParts | RefusedFile | ReadingMember]:  # fmt: skip
    """Every part of a file, read or refused. skip: so many members of an archive are passed over.

    folder: takes the records of large parts. on_rows: told now and then how many rows of a part were read.
    """
    order = _Order(goal, chosen, limit, skip, others, folder, on_rows)
    try:
        form = _format(path, name)
        if form is Format.ZIP:
            yield from _members(path, name, order)
        else:
            yield from _parts(path, name, form, order)
    except UnreadableFile as error:
        yield _refusal(name, error)
    except MemoryError:
        yield RefusedFile(name, _too_large(name))


def _format(path: Path, name: str) -> Format:
    with path.open("rb") as file:
        return detect_format(name, file.read(HEAD_BYTES))


def _members(
    path: Path, name: str, order: _Order
) -> Iterator[ParsedFile | ParsedInParts | RefusedFile | ReadingMember]:
    n_members = 0
    with tempfile.TemporaryDirectory(prefix="unpack_") as folder:
        for member in unpack(path, name, Path(folder)):
            n_members += 1
            if n_members <= order.skip:
                continue
            if member.path is None:
                yield RefusedFile(member.name, member.reason)
                continue
            yield ReadingMember(member.name, n_members)
            try:
                yield from _parts(member.path, member.name, _format(member.path, member.name), order)
            except UnreadableFile as error:
                yield _refusal(member.name, error)
            except MemoryError:
                yield RefusedFile(member.name, _too_large(member.name))
    if not n_members:
        yield RefusedFile(name, f"{name} holds no files.")


def _parts(path: Path, name: str, form: Format, order: _Order) -> Iterator[ParsedFile | ParsedInParts | RefusedFile]:
    if form in COMPRESSED:
        yield from _packed(path, name, form, order)
    elif form in WORKBOOKS:
        yield from _sheets(path, name, form, order)
    elif order.folder is None:
        yield parse_file(path, name, order.goal, order.chosen, limit=order.limit, others=order.others)
    else:
        yield parse_large(
            path, name, order.goal, order.chosen, folder=order.folder, on_rows=order.on_rows, others=order.others
        )


def _packed(path: Path, name: str, form: Format, order: _Order) -> Iterator[ParsedFile | ParsedInParts | RefusedFile]:
    """The parts of the file inside, under the name of the file that was sent."""
    inside = name_inside(name)
    with tempfile.TemporaryDirectory(prefix="unpack_") as folder:
        target = Path(folder) / "content"
        decompress(path, form, name, target)
        found = _format(target, inside)
        if found is Format.ZIP or found in COMPRESSED:
            raise UnreadableFile(
                f"{name} holds an archive inside an archive.", remedy="Unpack it, and send what is in it."
            )
        for part in _parts(target, inside, found, order):
            yield replace(part, name=name + part.name.removeprefix(inside))


def _sheets(path: Path, name: str, form: Format, order: _Order) -> Iterator[ParsedFile | ParsedInParts | RefusedFile]:
    for sheet in read_sheets(form, path, name):
        sheet_name = f"{name}/{sheet.name}"
        if sheet.reason:
            yield RefusedFile(sheet_name, sheet.reason)
            continue
        try:
            parsed = parse_table(form, sheet.rows, sheet_name, order.goal, order.chosen, "", order.limit)
            yield parsed if order.folder is None else in_parts(parsed, order.folder)
        except UnreadableFile as error:
            yield _refusal(sheet_name, error)


def _refusal(name: str, error: UnreadableFile) -> RefusedFile:
    columns = error.facts.get("columns", ())
    return RefusedFile(name, str(error), tuple(columns) if isinstance(columns, list | tuple) else ())


def _too_large(name: str) -> str:
    return f"{name} needs more memory than parsing may take. Split it."

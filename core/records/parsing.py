"""One file into records and refused rows. Pure: runs in the sandbox's child process."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.errors import Invalid, UnreadableFile
from core.nouns import Goal, ParsedRecord, RejectedRow
from core.records.dialects.known import recognise
from core.records.documents import read_document
from core.records.encoding import decode
from core.records.exports import read_export
from core.records.formats import (
    COLUMNAR,
    COMPRESSED,
    HEAD_BYTES,
    MAIL,
    TABLES,
    WORKBOOKS,
    WORKS,
    Format,
    detect_format,
)  # fmt: skip
from core.records.mail import read_mails
from core.records.mail_threads import mail_records
from core.records.mapping import SAMPLE_ROWS, Mapping, guess_mapping
from core.records.rows import ALL_COLUMNS, row_to_record, whole_row
from core.records.tables import TableRow, read_rows
from core.records.values import storable

# A look at a mailbox needs no more than so many of its messages.
PREVIEW_MAILS = 200
ROWS_BETWEEN_WORDS = 500


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What came of one file. Every row is in `records` or in `rejected`.

    mapping: None for documents and for the exports of known programs. notes: what such an export held and what was
    left out of it, in words.
    """

    name: str
    format: str
    encoding: str
    records: list[ParsedRecord]
    rejected: list[RejectedRow]
    mapping: Mapping | None = None
    columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that did not get in as a whole, and why. columns: of a table of which nobody knows what is what."""

    name: str
    reason: str
    columns: tuple[str, ...] = ()


def parse_file(
    path: Path, name: str, goal: Goal, chosen: dict[str, str], *, limit: int | None = None,
    others: Sequence[tuple[Path, str]] = (), on_rows: Callable[[int], None] | None = None,
) -> ParsedFile:  # fmt: skip
    """Read one file that is neither an archive nor a workbook; `parts` opens those.

    chosen: our field to the file's column, over what is guessed; an export of a known program is then a table like any. With the text
    from all columns (ALL_COLUMNS) every row is a document of them.
    limit: stop after so many records, for a preview.
    others: files of the same import with their names, where an export is spread over several.
    on_rows: told now and then how many rows of a table were read.
    Raises UnreadableFile when the file as a whole cannot be read.
    """
    name = storable(name)
    with path.open("rb") as file:
        form = detect_format(name, file.read(HEAD_BYTES))
    if form is Format.ZIP or form in COMPRESSED or form in WORKBOOKS:
        raise UnreadableFile(f"{name} is several files in one.", remedy="Read its parts.")
    if form in COLUMNAR:
        return parse_table(
            form, _told(read_rows(form, path, "", name), on_rows), name, goal, chosen, "binary", limit, others
        )
    if form in MAIL:
        mails = list(itertools.islice(read_mails(form, path, name), PREVIEW_MAILS if limit else None))
        records, rejected = mail_records(mails, form, name, goal)
        return ParsedFile(name, form, "", with_distinct_ids(records), rejected)
    if form in WORKS:
        # Loaded here, as is what reads Parquet: most files need neither, and the parser should start at once.
        from core.records.works import read_work

        found = read_work(form, path, name)
        return ParsedFile(name, form, "", found.records, found.left_out)
    content = path.read_bytes()
    if not content.strip():
        raise UnreadableFile(f"{name} is empty.", remedy="Check the export; nothing was lost here.")
    decoded = decode(content, name)
    if form in TABLES:
        rows = _told(read_rows(form, path, decoded.text, name), on_rows)
        return parse_table(form, rows, name, goal, chosen, decoded.encoding, limit, others)
    outcome = read_document(form, decoded.text, name)
    if isinstance(outcome, RejectedRow):
        return ParsedFile(name, form, decoded.encoding, [], [outcome])
    return ParsedFile(name, form, decoded.encoding, [outcome], [])


def _told(rows: Iterator[TableRow], on_rows: Callable[[int], None] | None) -> Iterator[TableRow]:
    """The rows as they come, and every so many of them their number."""
    for n, row in enumerate(rows):
        if on_rows is not None and n % ROWS_BETWEEN_WORDS == 0:
            on_rows(n)
        yield row


def parse_table(
    form: Format, rows: Iterator[TableRow], name: str, goal: Goal, chosen: dict[str, str], encoding: str,
    limit: int | None, others: Sequence[tuple[Path, str]] = (),
) -> ParsedFile:  # fmt: skip
    """Records and refused rows of one table. Raises UnreadableFile when it has no rows, or its columns mean nothing."""
    sample = list(itertools.islice(rows, SAMPLE_ROWS))
    readable = [row[1] for row in sample if not isinstance(row, RejectedRow)]
    if not sample:
        raise UnreadableFile(f"{name} has no rows.", remedy="Check the export; nothing was lost here.")
    dialect = None if chosen else recognise(readable)
    if dialect is not None:
        export = read_export(
            dialect, itertools.chain(sample, rows), name, limit=limit, beside=functools.partial(_rows_of, others)
        )
        return ParsedFile(
            name, form, encoding, with_distinct_ids(export.records), export.rejected, notes=export.notes
        )  # fmt: skip
    records: list[ParsedRecord] = []
    rejected: list[RejectedRow] = []
    mapping: Mapping | None = None
    takes_all = chosen.get("text") == ALL_COLUMNS
    columns = list(dict.fromkeys(storable(str(column)) for row in readable for column in row))
    for row in itertools.chain(sample, rows):
        if isinstance(row, RejectedRow):
            rejected.append(row)
            continue
        if mapping is None and not takes_all:
            mapping = mapping_or_refusal(name, columns or list(row[1]), goal, chosen, readable or [row[1]])
        outcome = row_to_record(row[0], row[1], mapping) if mapping is not None else whole_row(row[0], row[1])
        if isinstance(outcome, RejectedRow):
            rejected.append(outcome)
        else:
            records.append(outcome)
        if limit is not None and len(records) >= limit:
            break
    return ParsedFile(name, form, encoding, with_distinct_ids(records), rejected, mapping, columns)


def _rows_of(files: Sequence[tuple[Path, str]]) -> Iterator[list[dict[str, Any]]]:
    """The rows of each of these files that is a table; what is wrong with one is said where it is imported itself."""
    for path, name in files:
        try:
            with path.open("rb") as file:
                form = detect_format(name, file.read(HEAD_BYTES))
            if form in (Format.JSON, Format.JSONL):
                rows = read_rows(form, path, decode(path.read_bytes(), name).text, name)
                yield [row[1] for row in rows if not isinstance(row, RejectedRow)]
        except UnreadableFile:
            continue


def mapping_or_refusal(
    name: str, columns: list[str], goal: Goal, chosen: dict[str, str], rows: list[dict[str, object]]
) -> Mapping:
    """The mapping of a table. Raises UnreadableFile, with the columns, where nobody knows what is what."""
    try:
        return guess_mapping(columns, goal, chosen, rows)
    except Invalid as error:
        # The columns travel with the refusal, so that a page can ask which of them holds what.
        raise UnreadableFile(f"{name}: {error.message}", remedy=error.remedy, columns=columns) from error


def with_distinct_ids(records: list[ParsedRecord], others: Iterable[str] = ()) -> list[ParsedRecord]:
    """The second row with an id keeps it with `#2` behind and a note, so that both can be spoken of.

    others: ids of the same file that are not among these records.
    """
    given = {record.external_id for record in records} | set(others)
    seen: dict[str, tuple[int, int]] = {}
    distinct = []
    for record in records:
        identity = record.external_id
        if identity not in seen:
            seen[identity] = (record.row, 1)
            distinct.append(record)
            continue
        first_row, n = seen[identity]
        n += 1
        while f"{identity}#{n}" in given:
            n += 1
        seen[identity] = (first_row, n)
        note = f"The id {identity!r} also stands in row {first_row}."
        distinct.append(replace(record, external_id=f"{identity}#{n}", meta=record.meta | {"note": note}))
    return distinct

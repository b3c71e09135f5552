"""One file into records and refused rows. Pure: runs in the sandbox's child process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import Invalid, UnreadableFile
from core.nouns import Goal, ParsedRecord, RejectedRow
from core.records.documents import read_document
from core.records.encoding import decode
from core.records.formats import TABLES, Format, detect_format
from core.records.mapping import Mapping, guess_mapping
from core.records.rows import row_to_record
from core.records.tables import read_rows

HEAD_BYTES = 16
NUL_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What came of one file. Every row is in `records` or in `rejected`. mapping: None for documents."""

    name: str
    format: str
    encoding: str
    records: list[ParsedRecord]
    rejected: list[RejectedRow]
    mapping: Mapping | None = None
    columns: list[str] = field(default_factory=list)


def parse_file(path: Path, name: str, goal: Goal, chosen: dict[str, str], *, limit: int | None = None) -> ParsedFile:
    """Read one file that is no archive. limit: stop after so many records, for a preview.

    Raises UnreadableFile when the file as a whole cannot be read.
    """
    with path.open("rb") as file:
        form = detect_format(name, file.read(HEAD_BYTES))
    if form is Format.PARQUET:
        return _parse_table(form, path, "", name, goal, chosen, "binary", limit)
    content = path.read_bytes()
    if not content.strip():
        raise UnreadableFile(f"{name} is empty.", remedy="Check the export; nothing was lost here.")
    decoded = decode(content, name)
    if decoded.text.count("\x00") > NUL_SHARE * len(decoded.text):
        raise UnreadableFile(f"{name} is not text: it is full of NUL bytes.", remedy="Export it as text in UTF-8.")
    if form in TABLES:
        return _parse_table(form, path, decoded.text, name, goal, chosen, decoded.encoding, limit)
    outcome = read_document(form, decoded.text, name)
    if isinstance(outcome, RejectedRow):
        return ParsedFile(name, form, decoded.encoding, [], [outcome])
    return ParsedFile(name, form, decoded.encoding, [outcome], [])


def _parse_table(
    form: Format, path: Path, text: str, name: str, goal: Goal, chosen: dict[str, str], encoding: str, limit: int | None
) -> ParsedFile:
    records: list[ParsedRecord] = []
    rejected: list[RejectedRow] = []
    mapping: Mapping | None = None
    columns: list[str] = []
    for row in read_rows(form, path, text, name):
        if isinstance(row, RejectedRow):
            rejected.append(row)
            continue
        if mapping is None:
            columns = [str(column) for column in row[1]]
            mapping = _mapping_or_refusal(name, columns, goal, chosen, row[1])
        outcome = row_to_record(row[0], row[1], mapping)
        if isinstance(outcome, RejectedRow):
            rejected.append(outcome)
        else:
            records.append(outcome)
        if limit is not None and len(records) >= limit:
            break
    if mapping is None and not rejected:
        raise UnreadableFile(f"{name} has no rows.", remedy="Check the export; nothing was lost here.")
    return ParsedFile(name, form, encoding, _with_distinct_ids(records), rejected, mapping, columns)


def _mapping_or_refusal(
    name: str, columns: list[str], goal: Goal, chosen: dict[str, str], sample: dict[str, object]
) -> Mapping:
    try:
        return guess_mapping(columns, goal, chosen, sample)
    except Invalid as error:
        raise UnreadableFile(f"{name}: {error.message}", remedy=error.remedy) from error


def _with_distinct_ids(records: list[ParsedRecord]) -> list[ParsedRecord]:
    """The second row with an id keeps it with `#2` behind, so that both can be spoken of."""
    seen: dict[str, int] = {}
    distinct = []
    for record in records:
        seen[record.external_id] = seen.get(record.external_id, 0) + 1
        n = seen[record.external_id]
        distinct.append(record if n == 1 else replace(record, external_id=f"{record.external_id}#{n}"))
    return distinct

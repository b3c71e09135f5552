"""A file of many rows, read in the parser's child process straight into Parquet parts, so that no row passes a pipe.

Large JSON Lines files take the quick lane (`plain_rows`) for their plain rows; the other rows, and every other file,
are read row by row. Either way the parts hold what `parse_file` alone would give.

What writes Parquet is loaded with the first file of many rows: most have few, and the parser should start at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.nouns import Goal, ParsedRecord, RejectedRow
from core.records.dialects.known import recognise
from core.records.encoding import MARKS
from core.records.formats import HEAD_BYTES, Format, detect_format
from core.records.json_rows import JsonRow, row_of_line
from core.records.mapping import SAMPLE_ROWS, Mapping
from core.records.parsing import ParsedFile, mapping_or_refusal, parse_file, with_distinct_ids
from core.records.plain_sql import NotPlain, NumberedLines, can_be_plain
from core.records.rows import row_to_record
from core.records.values import storable

QUICK_FROM_BYTES = 1_000_000
PARTS_FROM_ROWS = 1_000
BATCH_ROWS = 5_000
HEAD_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class ParsedInParts:
    """As ParsedFile, with the records in Parquet files of `record_rows.SCHEMA`. parts: their names in the folder."""

    name: str
    format: str
    encoding: str
    n_records: int
    parts: list[str]
    rejected: list[RejectedRow]
    mapping: Mapping | None = None
    columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parse_large(
    path: Path, name: str, goal: Goal, chosen: dict[str, str], *, folder: Path, on_rows: Callable[[int], None],
    others: Sequence[tuple[Path, str]] = (),
) -> ParsedFile | ParsedInParts:  # fmt: skip
    """Read one file that is no archive; few records come back as they are, many lie in parts in the folder.

    on_rows: told how many rows were read so far. Raises UnreadableFile when the file as a whole cannot be read.
    """
    try:
        return _by_the_quick_lane(path, storable(name), goal, chosen, folder, on_rows)
    except NotPlain:
        return in_parts(parse_file(path, name, goal, chosen, others=others, on_rows=on_rows), folder)


def in_parts(parsed: ParsedFile, folder: Path) -> ParsedFile | ParsedInParts:
    """The same with its records in a part, where there are many."""
    if len(parsed.records) < PARTS_FROM_ROWS:
        return parsed
    part = _new_part(folder)
    _write(part, parsed.records)
    return ParsedInParts(
        parsed.name, parsed.format, parsed.encoding, len(parsed.records), [part.name], parsed.rejected, parsed.mapping,
        parsed.columns, parsed.notes,
    )  # fmt: skip


def _by_the_quick_lane(
    path: Path, name: str, goal: Goal, chosen: dict[str, str], folder: Path, on_rows: Callable[[int], None]
) -> ParsedInParts:
    """Raises NotPlain where the file has to be read row by row."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if path.stat().st_size < QUICK_FROM_BYTES or any(head.startswith(mark) for mark, _ in MARKS):
        raise NotPlain("it is small, or begins with a mark")
    if detect_format(name, head) is not Format.JSONL:
        raise NotPlain("it is no JSON Lines file")
    sample = list(itertools.islice(_first_rows(path), SAMPLE_ROWS))
    readable = [row[1] for row in sample if not isinstance(row, RejectedRow)]
    if not readable:
        raise NotPlain("nothing tells its columns")
    if not chosen and recognise(readable) is not None:
        raise NotPlain("it is an export of a known program")
    columns = list(dict.fromkeys(storable(str(column)) for row in readable for column in row))
    mapping = mapping_or_refusal(name, columns, goal, chosen, readable)
    if not can_be_plain(mapping):
        raise NotPlain("its records are made of lists")
    from core.records.plain_rows import PlainLane

    part = _new_part(folder)
    with PlainLane(path, mapping, part, on_rows=on_rows) as lane:
        n_plain = lane.write()
        records, rejected = _row_by_row(lane.other_lines(), mapping)
        repeated, none = _row_by_row(lane.give_back([record.external_id for record in records]), mapping)
        assert not none, "a plain row was refused"
        if records or repeated:
            records = with_distinct_ids(sorted([*records, *repeated], key=_row), lane.ids_like_numbered())
    parts = [part.name]
    if records:
        rest = _new_part(folder)
        _write(rest, records)
        parts.append(rest.name)
    n_records = n_plain - len(repeated) + len(records)
    return ParsedInParts(name, Format.JSONL, "utf-8", n_records, parts, rejected, mapping, columns)


def _first_rows(path: Path) -> Iterator[JsonRow]:
    """The rows at the start of a file. Raises NotPlain where it is one value over many lines, or no UTF-8."""
    with path.open(encoding="utf-8", newline=None) as file:
        try:
            first = file.read(HEAD_CHARACTERS).strip().partition("\n")[0].rstrip()
            if not first or first.startswith("[") or first == "{":
                raise NotPlain("it may be one JSON value over many lines")
            file.seek(0)
            yield from (row_of_line(number, line) for number, line in enumerate(file, start=1) if line.strip())
        except UnicodeDecodeError as error:
            raise NotPlain("it is not UTF-8") from error


def _row_by_row(lines: NumberedLines, mapping: Mapping) -> tuple[list[ParsedRecord], list[RejectedRow]]:
    records: list[ParsedRecord] = []
    rejected: list[RejectedRow] = []
    for number, line in lines:
        row = row_of_line(number, line.replace("\r\n", "\n"))
        outcome = row if isinstance(row, RejectedRow) else row_to_record(number, row[1], mapping)
        if isinstance(outcome, RejectedRow):
            rejected.append(outcome)
        else:
            records.append(outcome)
    return records, rejected


def _row(record: ParsedRecord) -> int:
    return record.row


def _new_part(folder: Path) -> Path:
    """A file name that no other part has, also none of a child that broke off."""
    number = next(n for n in itertools.count(1) if not (folder / f"{n:04d}.parquet").exists())
    part = folder / f"{number:04d}.parquet"
    part.touch()
    return part


def _write(part: Path, records: list[ParsedRecord]) -> None:
    import pyarrow.parquet as parquet

    from core.records.record_rows import SCHEMA, batch_of

    with parquet.ParquetWriter(part, SCHEMA, use_dictionary=False) as writer:
        for start in range(0, len(records), BATCH_ROWS):
            writer.write_batch(batch_of(records[start : start + BATCH_ROWS]))

"""A table that a known program exported, into records: by its dialect instead of by a mapping of columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import UnreadableFile
from core.nouns import ParsedRecord, RejectedRow
from core.records.dialects.seam import Dialect, NumberedRow, RowsBeside, Tally, to_record
from core.records.tables import TableRow

# A look before the import counts so far; the import itself counts to the end.
COUNTED_FOR_A_LOOK = 10_000


@dataclass(slots=True)
class ReadExport:
    """What came of an export; notes say in words what was found and what was left out."""

    records: list[ParsedRecord] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_export(
    dialect: Dialect, rows: Iterator[TableRow], name: str, *, limit: int | None, beside: RowsBeside
) -> ReadExport:
    """Every unit of an export as a record or a refused row.

    limit: make so many records and count the others, for a preview. Raises UnreadableFile.
    """
    found = ReadExport()
    tally = Tally(dialect.name)
    is_cut = False
    try:
        for unit in dialect.read(_readable(dialect, rows, found.rejected), tally, beside):
            if limit is not None and len(found.records) >= limit and not isinstance(unit, RejectedRow):
                # Counting goes on without the work of making records.
                is_cut = tally.n_met() >= COUNTED_FOR_A_LOOK
                if is_cut:
                    break
                continue
            outcome = unit if isinstance(unit, RejectedRow) else to_record(unit)
            if isinstance(outcome, RejectedRow):
                found.rejected.append(outcome)
            else:
                found.records.append(outcome)
    except UnreadableFile as error:
        raise UnreadableFile(f"{name}: {error.message}", remedy=error.remedy) from error
    if not tally.n_met() and not found.rejected:
        raise UnreadableFile(f"{name} is a {dialect.name} with nothing in it.", remedy="Check the export.")
    found.notes = tally.notes(is_cut=is_cut)
    return found


def _readable(dialect: Dialect, rows: Iterator[TableRow], rejected: list[RejectedRow]) -> Iterator[NumberedRow]:
    for row in rows:
        if isinstance(row, RejectedRow):
            rejected.append(row)
        elif dialect.recognises(row[1]):
            yield row
        else:
            fields = ", ".join(map(str, row[1]))[:200]
            rejected.append(
                RejectedRow(row[0], f"The row has not the fields of a {dialect.name}. Import it by itself.", fields)
            )

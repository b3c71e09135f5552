"""A taxonomy as a file: CSV for spreadsheets, JSON for programs. What is written here is read back unchanged.

Both name the fields tag, key, colour, meaning. A cell of the CSV that a spreadsheet would take for a
formula gets an apostrophe in front, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.errors import Invalid
from core.nouns import RejectedRow
from core.records.csv_rows import read_csv
from core.records.json_rows import read_json
from core.records.spreadsheet import begins_formula
from core.records.values import as_text
from core.tags.taxonomy import Tag, check_rows

FORMS = ("csv", "json")
FIELDS = ("tag", "key", "colour", "meaning")
MAX_CHARACTERS = 500_000


def written(tags: Sequence[Tag], form: str) -> str:
    """The tags as text. Raises Invalid for a form that does not exist."""
    rows = [dict(zip(FIELDS, (t.tag, t.shortcut, t.colour, t.meaning), strict=True)) for t in tags]
    if checked_form(form) == "json":
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    target = io.StringIO()
    writer = csv.DictWriter(target, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return target.getvalue()


def read(text: str, form: str) -> tuple[list[Tag], list[RejectedRow]]:
    """The sound rows as tags, and the others by row, value and remedy.

    Raises Invalid when the file as a whole cannot be read or has no column `tag`, UnreadableFile when it is no CSV or JSON.
    """
    if len(text) > MAX_CHARACTERS:
        raise Invalid(f"The file has {len(text):,} characters.", remedy=f"A list of tags has at most {MAX_CHARACTERS:,}.")  # fmt: skip
    text = text.removeprefix("\ufeff")
    if checked_form(form) == "json":
        found, broken = _parted(read_json(text, "The file"))
        rows: Iterable[tuple[int, Mapping[str, Any]]] = found
    else:
        found, broken = _parted(read_csv(text, None, "The file"))
        rows = [(number, {name: _as_typed(value) for name, value in row.items()}) for number, row in found]
    rows = [(number, {str(name).strip().lower(): value for name, value in row.items()}) for number, row in rows]
    if rows and not any("tag" in row for _, row in rows):
        names = ", ".join(dict.fromkeys(name for _, row in rows for name in row))
        raise Invalid(f"No column is called tag; there are {names[:200]}.", remedy=f"Name the columns {', '.join(FIELDS)}.")  # fmt: skip
    tags, rejected = check_rows(rows)
    return tags, sorted([*broken, *rejected], key=lambda row: row.row)


def checked_form(form: str) -> str:
    if form not in FORMS:
        raise Invalid(f"{form!r} is not a form of a list of tags.", remedy=f"Choose {' or '.join(FORMS)}.")
    return form


def _parted(
    rows: Iterator[tuple[int, dict[str, Any]] | RejectedRow],
) -> tuple[list[tuple[int, dict[str, Any]]], list[RejectedRow]]:
    found, broken = [], []
    for row in rows:
        if isinstance(row, RejectedRow):
            broken.append(row)
        else:
            found.append(row)
    return found, broken


def _harmless(cell: str) -> str:
    return "'" + cell if begins_formula(cell.lstrip("'")) else cell


def _as_typed(cell: Any) -> str:
    text = as_text(cell)
    return text[1:] if text.startswith("'") and begins_formula(text.lstrip("'")) else text

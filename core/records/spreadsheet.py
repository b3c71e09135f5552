"""CSV that a spreadsheet opens without running anything: a cell that would begin a formula begins with an apostrophe.

Method: the characters that spreadsheets take for the start of a formula, tab, carriage return and the full-width forms included
(OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BLANKS = " \u00a0\u3000\ufeff"


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV with a header. Numbers stay numbers; every text is neutralised."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([neutralised(column) for column in columns])
    for row in rows:
        writer.writerow([neutralised(row.get(column)) for column in columns])
    return written.getvalue()


def neutralised(value: Any) -> Any:
    """The value as it may stand in a cell."""
    return "'" + value if isinstance(value, str) and begins_formula(value) else value


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet may run it. Blanks before the formula do not hide it, of whatever width, nor does a byte order mark."""
    return text.startswith(STARTS_FORMULA) or text.lstrip(BLANKS).startswith(STARTS_FORMULA)

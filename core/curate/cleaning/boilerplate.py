"""Blocks that stand in many records, where they frame a text: a header before it, a footer after it.

Only lines at either end of a text, set off by a blank line, are taken: a common line in the middle, or at the
end of a list, is a step of the help itself ("Restart the program in safe mode"). Finer than the flag `boilerplate`, which asks how much of
a text is common at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from core.curate.cleaning.changes import Around, Change
from core.curate.cleaning.lines import Line, lines_of, taken_out

REASON = "stands in many records"
MIN_WORDS = 3
MIN_RECORDS = 3
MIN_SHARE = 0.005
EDGE_LINES = 3


def framing_lines(records: Iterable[Sequence[str]]) -> frozenset[str]:
    """Lines of three words or more that begin or end a text in at least three records and 0.5 % of them.

    records: the texts of each. A line counts once a record, among the first and last three lines of a text.
    """
    counts: Counter[str] = Counter()
    n_records = 0
    for texts in records:
        n_records += 1
        counts.update({line for text in texts for line in _ends(text)})
    least = max(MIN_RECORDS, round(MIN_SHARE * n_records))
    return frozenset(line for line, n in counts.items() if n >= least)


def _ends(text: str) -> list[str]:
    lines = [line.text.strip() for line in lines_of(text) if not line.is_code and not line.is_blank]
    # A text of few lines is all edge: what it says is not a frame around something else.
    if len(lines) <= 2:
        return []
    edges = [*lines[:EDGE_LINES], *lines[-EDGE_LINES:]]
    return [line for line in edges if len(line.split()) >= MIN_WORDS]


def drop_boilerplate(text: str, around: Around) -> list[Change]:
    if not around.common:
        return []
    lines = lines_of(text)
    first = _edge(lines, around)
    if first == len(lines):
        return [Change(0, len(text), "", REASON)] if text.strip() else []
    last = len(lines) - _edge(lines[::-1], around)
    changes = []
    if any(_is_common(line, around) for line in lines[:first]):
        changes.append(taken_out(lines, 0, first - 1, REASON))
    if any(_is_common(line, around) for line in lines[last:]):
        changes.append(taken_out(lines, last, len(lines) - 1, REASON))
    return changes


def _edge(lines: Sequence[Line], around: Around) -> int:
    """How many lines from this end on are common or blank, up to a blank line: what is not set off is part of the text."""
    n = at = 0
    while n < len(lines) and (lines[n].is_blank or _is_common(lines[n], around)):
        n += 1
        if n == len(lines) or lines[n].is_blank:
            at = n
    return at


def _is_common(line: Line, around: Around) -> bool:
    return not line.is_code and line.text.strip() in around.common

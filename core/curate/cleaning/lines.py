"""A text as lines that know where they stand and whether they are code; steps never touch code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.curate.cleaning.changes import Change

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end. start, end: of the line in the text, the line break counted in. is_code: of a fenced block."""

    text: str
    start: int
    end: int
    is_code: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.is_code and not self.text.strip()


def lines_of(text: str) -> list[Line]:
    """Every line; a fence that is never closed reaches to the end."""
    lines: list[Line] = []
    at, fence = 0, ""
    for raw in text.split("\n"):
        end = min(at + len(raw) + 1, len(text))
        opened = FENCE.match(raw)
        is_code = bool(fence or opened)
        if fence:
            closes = opened and opened[1][0] == fence[0] and len(opened[1]) >= len(fence)
            if closes and not raw[opened.end() :].strip():  # type: ignore[union-attr]
                fence = ""
        elif opened:
            fence = opened[1]
        lines.append(Line(raw, at, end, is_code))
        at = end
    return lines


def prose_spans(text: str) -> list[tuple[int, int]]:
    """Where the text is not code: outside of fenced blocks, and of `code` inside a line."""
    spans: list[tuple[int, int]] = []
    for line in lines_of(text):
        if line.is_code:
            continue
        at = line.start
        for code in INLINE_CODE.finditer(line.text):
            spans.append((at, line.start + code.start()))
            at = line.start + code.end()
        spans.append((at, line.end))
    return [(start, end) for start, end in _joined(spans) if start < end]


def taken_out(lines: Sequence[Line], first: int, last: int, reason: str) -> Change:
    """Lines first to last, both counted in, out of the text, with the blank lines that would be left over.

    Above the end of the text the blank lines before go, elsewhere those after.
    """
    while last + 1 < len(lines) and lines[last + 1].is_blank:
        last += 1
    if last + 1 == len(lines):
        while first and lines[first - 1].is_blank:
            first -= 1
        # The line break before the first line ends the text now, so it goes as well.
        start = lines[first].start - 1 if first else 0
        return Change(start, lines[last].end, "", reason)
    return Change(lines[first].start, lines[last].end, "", reason)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined

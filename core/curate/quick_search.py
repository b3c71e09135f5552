"""A quicker look whether a pattern that ignores case can match at all.

Ignoring case costs a search two to five times its time. Most texts match none of a detector's many patterns, so each is first
looked for in small letters; only where that is found does the pattern itself search the text, with its own rules on case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_KEPT_OR_CAPITAL = re.compile(r"\\.|\(\?P|[A-Z]")


def lowered(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The pattern for a text in small letters: it matches wherever the pattern matches the text as it was written."""

    def small(match: re.Match[str]) -> str:
        found = match.group()
        return found if len(found) > 1 else found.lower()

    source = _KEPT_OR_CAPITAL.sub(small, pattern.pattern).replace("(?-i:", "(?:").replace("(?i:", "(?:")
    return re.compile(source, pattern.flags & ~re.IGNORECASE)


def found_lowered(pattern: re.Pattern[str], small: re.Pattern[str], text: str, lower: str) -> Iterator[re.Match[str]]:
    """Every match of a pattern, by way of its lowered form. lower: the text in small letters, as long as the text."""
    at = 0
    while seen := small.search(lower, at):
        found = pattern.match(text, seen.start())
        if found and found.end() > found.start():
            yield found
            at = found.end()
        else:
            at = seen.start() + 1


def around(text: str, stems: Iterable[str], margin: int) -> list[tuple[int, int]]:
    """Stretches around every place where one of the stems stands, those that touch joined."""
    places = []
    for stem in stems:
        at = text.find(stem)
        while at >= 0:
            places.append(at)
            at = text.find(stem, at + len(stem))
    return joined(sorted((max(0, at - margin), min(len(text), at + margin)) for at in places))


def joined(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches in order, those that touch as one."""
    whole: list[tuple[int, int]] = []
    for start, end in stretches:
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole

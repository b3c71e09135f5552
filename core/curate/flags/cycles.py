"""Short things said over and over without a break: words, phrases, syllables, marks, whatever stands between them.

A run that repeats with period p has every word equal to the one p words before it, so one comparison of the words with
themselves for each period finds all cycles at once. Numbers are no words here: steps may be numbered, and rows of figures are tables.
Within one long word the same is asked of its letters, and of marks that no one uses as a ruler or a leader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
LONGEST_PERIOD = 40
# How often a unit of so many words must come: "very, very, very" is a manner of speaking.
TIMES_OF_WORDS = ((1, 8), (3, 6), (7, 4))
TIMES_OF_LONGER = 3
LONG_WORD, TIMES_OF_LETTERS = 20, 7
LETTER_CYCLE = re.compile(rf"(\w{{1,12}}?)\1{{{TIMES_OF_LETTERS},}}")
# Dashes, dots, stars and the like rule lines off or lead to a number; these do not.
MARK_CYCLE = re.compile(r"([!?]|[\U0001F300-\U0001FAFF☀-➿][️‍]?)(?:\s?\1){19,}")
HAS_MARKS = re.compile(r"[!?☀-➿\U0001F300-\U0001FAFF]{8}|(?:[!?☀-➿\U0001F300-\U0001FAFF] ){8}")
ADDRESS = re.compile(r"https?://[^\s)>\]\"']+")
FEWEST_ADDRESSES = 8
# A row of a table says the same in many columns.
TABLE_ROW = re.compile(r"^.*(?:\|.*\||\t.*\t).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cycle:
    """What is repeated, how often, and where the run stands in the text; -1 where the place is not known."""

    unit: str
    times: int
    start: int = -1
    end: int = -1


def cycle(prose: str) -> Cycle | None:
    """The first run of a short period in a text whose code is blanked; None where there is none."""
    if "|" in prose or "\t" in prose:
        prose = TABLE_ROW.sub(lambda row: " " * len(row.group()), prose)
    return _of_words(prose) or _of_marks(prose)


def cycle_of_addresses(text: str) -> Cycle | None:
    """One address that is pasted again and again."""
    if text.count("://") < FEWEST_ADDRESSES:
        return None
    found = list(ADDRESS.finditer(text))
    first = 0
    for i in range(1, len(found) + 1):
        if i < len(found) and found[i].group() == found[first].group():
            continue
        if i - first >= FEWEST_ADDRESSES:
            return Cycle(found[first].group(), i - first, found[first].start(), found[i - 1].end())
        first = i
    return None


def _of_words(prose: str) -> Cycle | None:
    words = [word.lower() for word in LETTERS.findall(prose)]
    for i, word in enumerate(words):
        if len(word) >= LONG_WORD and (found := LETTER_CYCLE.search(word)):
            place = list(LETTERS.finditer(prose))[i]
            return Cycle(found[1], len(found.group()) // len(found[1]), place.start(), place.end())
    numbers: dict[str, int] = {}
    coded = np.asarray([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int32)
    for period in range(1, min(LONGEST_PERIOD, len(coded) // 2) + 1):
        least = (_times_for(period) - 1) * period
        same = coded[period:] == coded[:-period]
        if np.count_nonzero(same) < least:
            continue
        first, length = _longest_run(same)
        if length >= least:
            places = list(LETTERS.finditer(prose))
            unit = prose[places[first].start() : places[first + period - 1].end()]
            return Cycle(unit, length // period + 1, places[first].start(), places[first + length + period - 1].end())
    return None


def _times_for(period: int) -> int:
    return next((times for n_words, times in TIMES_OF_WORDS if period <= n_words), TIMES_OF_LONGER)


def _longest_run(same: np.ndarray) -> tuple[int, int]:
    """(first place, length) of the longest stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], same.view(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest] - starts[longest])


def _of_marks(prose: str) -> Cycle | None:
    if not HAS_MARKS.search(prose):
        return None
    found = MARK_CYCLE.search(prose)
    return Cycle(found[1], prose.count(found[1], *found.span()), *found.span()) if found else None

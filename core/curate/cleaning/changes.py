"""What a cleaning step did to a text: spans of the text as it was, each with what stands there now and why.

A step finds changes; `settled` applies them until the step finds nothing more, so that cleaning a
clean text changes nothing. A step that would leave nothing of a text leaves it whole, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

MAX_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Change:
    """Characters start to end of the text before, and what is put there; empty where they go. reason: in a few words."""

    start: int
    end: int
    put: str
    reason: str


@dataclass(frozen=True, slots=True)
class Around:
    """What a step may look at beside the text. earlier: texts of the same record that came before it.

    common: lines that stand in many records of the project.
    """

    earlier: tuple[str, ...] = ()
    common: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text after one step. changes: on the text before, in order, none touching another.

    is_left_whole: the step would have left nothing, so it changed nothing.
    """

    text: str
    changes: tuple[Change, ...] = ()
    is_left_whole: bool = False


Find = Callable[[str, Around], Sequence[Change]]


def settled(find: Find, text: str, around: Around) -> Cleaned:
    """The text once the step finds nothing more in it."""
    changes: list[Change] = []
    cleaned = text
    for _ in range(MAX_ROUNDS):
        found = _apart(sorted(find(cleaned, around), key=lambda change: change.start))
        if not found:
            break
        shorter = applied(cleaned, found)
        if text.strip() and not shorter.strip():
            return Cleaned(cleaned, tuple(changes), is_left_whole=True)
        changes = _one_after_the_other(changes, found)
        cleaned = shorter
    return Cleaned(cleaned, tuple(changes))


def applied(text: str, changes: Sequence[Change]) -> str:
    """The text with the changes made. changes: in order, none overlapping another."""
    parts, at = [], 0
    for change in changes:
        parts += [text[at : change.start], change.put]
        at = change.end
    return "".join([*parts, text[at:]])


def _apart(changes: Sequence[Change]) -> list[Change]:
    """The same in order, none overlapping: where two meet, the later one begins where the earlier ends."""
    parted: list[Change] = []
    for change in changes:
        start = max(change.start, parted[-1].end if parted else 0)
        if start < change.end or change.put:
            parted.append(replace(change, start=start))
    return parted


def _one_after_the_other(first: Sequence[Change], second: Sequence[Change]) -> list[Change]:
    """Both as changes on the text before the first. second: on the text after it; where the two meet, they become one."""
    merged: list[Change] = []
    waiting = list(first)
    # How much longer the text is after the changes of the first round that lie behind.
    grown = 0
    for change in second:
        while waiting and waiting[0].start + grown + len(waiting[0].put) < change.start:
            grown += _growth(waiting[0])
            merged.append(waiting.pop(0))
        start, end, put = change.start - grown, change.end - grown, change.put
        while waiting and waiting[0].start + grown <= change.end:
            met = waiting.pop(0)
            place = met.start + grown
            put = met.put[: max(0, change.start - place)] + put + met.put[max(0, change.end - place) :]
            start = min(start, met.start)
            grown += _growth(met)
            end = max(met.end, change.end - grown)
        merged.append(Change(start, end, put, change.reason))
    return merged + waiting


def _growth(change: Change) -> int:
    return len(change.put) - (change.end - change.start)

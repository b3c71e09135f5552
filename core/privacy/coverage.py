"""How much of the personal data is found, told from records that people have read.

A place counts whole: right where it is personal data, wrong where it is none, missed where nothing was found. Places of one record are not
independent of each other, so the intervals are a little too narrow where a record has many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.privacy.spans import PersonalType
from core.review.statistics import wilson_interval


class Reading(StrEnum):
    """What a person says of a place."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Share:
    """n_good of n with the bounds of its 95 % Wilson interval, in [0, 1]."""

    n_good: int
    n: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """kind: empty for all of them. recall: found, of the personal data there is. precision: personal data, of what was found."""

    kind: str
    recall: Share
    precision: Share


def coverage(marks: Iterable[Mapping[str, Any]]) -> list[Coverage]:
    """Of everything first, then by kind. marks: type and reading of each place."""
    counts: dict[str, Counter[Reading]] = {"": Counter()}
    for mark in marks:
        for kind in ("", PersonalType(mark["type"]).value):
            counts.setdefault(kind, Counter())[Reading(mark["reading"])] += 1
    return [
        Coverage(
            kind,
            _share(found[Reading.RIGHT], found[Reading.MISSED]),
            _share(found[Reading.RIGHT], found[Reading.WRONG]),
        )
        for kind, found in counts.items()
    ]


def _share(good: int, bad: int) -> Share:
    n = good + bad
    low, high = wilson_interval(good, n) if n else (0.0, 1.0)
    return Share(good, n, low, high)

"""Which pairs of drafts are made, where a brief has drafts for several comparisons.

A draft stands in one waiting pair at a time: a text that comes up in two would be known for the one that is compared with
everything. So where comparisons share a draft, each brief serves one of them, drawn so that all get as many.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class DrawnPair:
    """comparison: by its key. first, second: ids of the drafts."""

    comparison: str
    brief: str
    first: str
    second: str


def draw_pairs(
    possible: Mapping[str, Mapping[str, tuple[str, str]]], *, taken: Collection[str], made: Mapping[str, int], seed: int
) -> list[DrawnPair]:
    """possible: for each comparison the two drafts, by brief. taken: drafts that stand in a pair already. made: pairs so far, by comparison."""
    random = Random(seed)
    busy, counts = set(taken), dict(made)
    briefs = sorted({brief for found in possible.values() for brief in found})
    random.shuffle(briefs)
    drawn = []
    for brief in briefs:
        while True:
            free = [key for key, found in possible.items() if brief in found and not busy & set(found[brief])]
            if not free:
                break
            key = min(free, key=lambda one: (counts.get(one, 0), random.random()))
            first, second = possible[key][brief]
            drawn.append(DrawnPair(key, brief, first, second))
            busy |= {first, second}
            counts[key] = counts.get(key, 0) + 1
    return drawn

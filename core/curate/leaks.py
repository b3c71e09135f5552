"""Held-out texts that stand in the training text too, whole or nearly: a leak makes an evaluation look better than it is.

Found by the same search as near-duplicates, so a leak is a pair with its probability and its evidence. Compared is
all that a model reads of an example: prompt and answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.curate.duplicates.find import find_near_duplicates
from core.curate.encoder import Vectors
from core.curate.records_in import RecordIn
from core.nouns import ASK_AT, RecordKind, ScoredPair


@dataclass(frozen=True, slots=True)
class LeakText:
    """One text of either side. where: its split, or the file it came from. name: external id, or the row in the file."""

    where: str
    name: str
    title: str
    text: str


def find_leaks(
    trained: Sequence[LeakText],
    held: Sequence[LeakText],
    vectors: Vectors,
    told: Callable[[int], None] = lambda n: None,
) -> list[dict[str, Any]]:
    """Pairs of one trained and one held text that say the same, the surest first.

    vectors: of all trained texts, then of all held ones. Each leak tells both sides' place, name and title, and the evidence.
    """
    everything = [*trained, *held]
    records = [_as_record(place, one.text) for place, one in enumerate(everything)]
    found = []
    for pair in find_near_duplicates(records, vectors, told):
        a, b = int(pair.a), int(pair.b)
        if a < len(trained) <= b and pair.score >= ASK_AT:
            found.append(_leak(everything[a], everything[b], pair))
    return sorted(found, key=lambda leak: (-leak["score"], leak["trained"], leak["held"]))


def _leak(trained: LeakText, held: LeakText, pair: ScoredPair) -> dict[str, Any]:
    evidence = {
        name: asdict(pair)[name] for name in ("method", "score", "words", "jaccard", "containment", "cosine", "swapped")
    }
    return evidence | {
        "trained": trained.name, "trained_title": trained.title, "held": held.name, "held_title": held.title,
        "held_in": held.where,
    }  # fmt: skip


def _as_record(place: int, text: str) -> RecordIn:
    # Ten digits keep the order of places as text.
    return RecordIn(f"{place:010d}", str(place), RecordKind.DOCUMENT, "", text, {"body": text})

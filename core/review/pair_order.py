"""Which pair of drafts a reviewer sees next, and which of the two stands on the left.

Nobody sees a draft in two pairs: the text that comes back would be known for the one that is compared with everything. Between
two pairs for one brief lie others, as between single drafts. The order among what is allowed is drawn by a hash of
reviewer and pair; the sides by one with a seed that no browser is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from core.review.queue_order import DISTANCE


@dataclass(frozen=True, slots=True)
class PairItem:
    """One pair, as the server knows it. drafts: the ids of the two."""

    id: str
    brief: str
    drafts: frozenset[str]


@dataclass(frozen=True, slots=True)
class NextPair:
    """id: the pair to show, None when there is none. n_waiting: pairs that may be shown later.

    n_barred: pairs that this reviewer never sees, because one of their texts stood in another pair.
    """

    id: str | None
    n_waiting: int
    n_barred: int


def next_pair(reviewer: str, new: Sequence[PairItem], seen: Sequence[PairItem]) -> NextPair:
    """The next pair for a reviewer. new: open, not seen and in nobody's hands; seen: what this reviewer was shown, oldest first."""
    recent = {item.brief for item in seen[-DISTANCE:]}
    known = frozenset[str]().union(*(item.drafts for item in seen))
    possible = [item for item in new if not item.drafts & known]
    allowed = [item for item in possible if item.brief not in recent]
    chosen = min(allowed, key=lambda item: _drawn(reviewer, item.id)).id if allowed else None
    return NextPair(chosen, len(possible) - len(allowed), len(new) - len(possible))


def is_first_left(sides_seed: str, reviewer: str) -> bool:
    """Whether the pair's first draft stands on the left for this reviewer: as by the throw of a coin, and the same every time."""
    return hashlib.sha256(f"{sides_seed}\0{reviewer}".encode()).digest()[0] % 2 == 0


def _drawn(reviewer: str, item: str) -> str:
    return hashlib.sha256(f"{reviewer}\0{item}".encode()).hexdigest()

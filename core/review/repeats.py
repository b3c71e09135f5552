"""Which draft comes back to the reviewer who judged it, and when: the same text once more says how far one verdict can be trusted.

About one in `every` places of a reviewer's queue holds such a draft. Places and drafts are drawn by a hash of the reviewer, so
they say nothing of the system. A draft comes back once; after at least 20 others, after 60 where that would be on the same day. None
does when fewer than 40 new ones are left: it would keep the other drafts of its brief away until nothing else is there.

What must not follow from it: who wrote a draft. So a draft comes back only while a draft of its brief waits for a verdict, since
from then on the authors are told; and not once the reviewer has read the brief's human text, which comes after all others. Somebody
who remembers the text learns that it was no human one: what the next draft of its brief says as well, before that is judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from core.nouns import System
from core.review.queue_order import DISTANCE, QueueItem

SAME_DAY_DISTANCE = 60
LEAST_NEW = 2 * DISTANCE


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """A draft with this reviewer's verdict, as the server knows it."""

    id: str
    brief: str
    system: System
    judged_on: date


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a reviewer's queue, counted from 0, a draft may come back. every: one in so many; 0 for none. start: not before."""

    reviewer: str
    every: int
    start: int

    def has(self, place: int, n_new: int) -> bool:
        """Whether it is one of them: one in each stretch of `every`. n_new: so many drafts are left that did not come yet."""
        if not self.every or place < self.start or n_new < LEAST_NEW:
            return False
        return self._drawn(place // self.every) == place % self.every

    def n_until(self, place: int, n_new: int) -> int:
        """So many drafts come from this place on until n_new have come for the first time."""
        if not self.every or n_new < LEAST_NEW:
            return n_new
        n_last = LEAST_NEW - 1
        wanted = self._n_new_before(place) + n_new - n_last
        end = place + n_new - n_last
        # Never past it: of so many places at most so many are new.
        while (missing := wanted - self._n_new_before(end)) > 0:
            end += missing
        return end - place + n_last

    def _n_new_before(self, place: int) -> int:
        return place - self._n_repeats_before(place) + self._n_repeats_before(min(place, self.start))

    def _n_repeats_before(self, place: int) -> int:
        whole, rest = divmod(place, self.every)
        return whole + (self._drawn(whole) < rest)

    def _drawn(self, stretch: int) -> int:
        return int(_hash("place", self.reviewer, str(stretch))[:12], 16) % self.every


def places(reviewer: str, every: int, *, first_judged_on: date | None, today: date) -> Places:
    """first_judged_on: the day of the reviewer's first verdict, None before it."""
    has_earlier_days = first_judged_on is not None and first_judged_on < today
    return Places(reviewer, every, DISTANCE if has_earlier_days else SAME_DAY_DISTANCE)


def next_repeat(
    reviewer: str,
    judged: Sequence[JudgedItem],
    seen: Sequence[QueueItem],
    *,
    open_briefs: Collection[str],
    today: date,
) -> str | None:
    """The draft that comes back now, None where none may.

    judged: with this reviewer's verdict, and not asked again yet. seen: what was shown, repeats too, oldest first.
    open_briefs: those of which a draft still waits for somebody's verdict.
    """
    recent = {item.brief for item in seen[-DISTANCE:]}
    place_of = {item.id: place for place, item in enumerate(seen)}
    # Read by its own text, a draft would be judged by that.
    read_own_text = {item.brief for item in seen if item.system is System.HUMAN}

    def may_come(item: JudgedItem) -> bool:
        if item.brief in recent or item.brief not in open_briefs or item.brief in read_own_text:
            return False
        others = len(seen) - 1 - place_of.get(item.id, len(seen))
        return others >= (DISTANCE if item.judged_on < today else SAME_DAY_DISTANCE)

    allowed = [item.id for item in judged if may_come(item)]
    return min(allowed, key=lambda item: _hash("draft", reviewer, item), default=None)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(("again", *parts)).encode()).hexdigest()

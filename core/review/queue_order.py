"""The blind order of drafts: which one a reviewer sees next.

Between two systems' drafts of one brief a reviewer sees at least 20 others, and the human text of
a brief comes after every other draft of it that reviewers get (see controls.py for why that says nothing).
The order among what is allowed is drawn by hashes: of reviewer, brief and how many of it were seen, then of
reviewer and item. Drawn by item alone, briefs with many drafts would come early, and those whose
human text comes first late. What cannot be placed yet waits. Ranks may be given, which come before what is drawn; they must
follow from the displayed texts.

What waited when a reviewer was told that nothing can be shown stays withheld until they have seen another draft: all that could
set it free meanwhile is a colleague's verdict on the last machine draft of its brief, and then it would be the human text for sure.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.nouns import System

DISTANCE = 20


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One draft in the queue, as the server knows it."""

    id: str
    brief: str
    system: System


@dataclass(frozen=True, slots=True)
class NextItem:
    """id: the item to show, None when there is none. n_waiting: open ones that may not be shown yet."""

    id: str | None
    n_waiting: int


def next_item(
    reviewer: str,
    open_items: Sequence[QueueItem],
    seen: Sequence[QueueItem],
    *,
    held: Sequence[QueueItem] = (),
    withheld: Collection[str] = (),
    ranks: Mapping[str, float] | None = None,
) -> NextItem:
    """The next item for a reviewer.

    open_items: without a verdict and not in another's hands. seen: what this reviewer was shown, oldest first.
    held: in another's hands, from where they may come back. withheld: items that waited when this reviewer was last told to wait,
    where nothing was shown since. ranks: by item, the lowest first among those that are allowed.
    """
    recent = {item.brief for item in seen[-DISTANCE:]}
    machine_open = {item.brief for item in [*open_items, *held] if item.system is not System.HUMAN}
    allowed = [
        item
        for item in open_items
        if item.id not in withheld
        and item.brief not in recent
        and not (item.system is System.HUMAN and item.brief in machine_open)
    ]
    if not allowed:
        return NextItem(None, len(open_items))
    n_seen, places = Counter(item.brief for item in seen), ranks or {}
    drawn = {brief: _drawn(reviewer, brief, str(n_seen[brief])) for brief in {item.brief for item in allowed}}
    first = min((places.get(item.id, 0.0), drawn[item.brief]) for item in allowed)
    among = [item.id for item in allowed if (places.get(item.id, 0.0), drawn[item.brief]) == first]
    return NextItem(min(among, key=lambda item: _drawn(reviewer, item)), len(open_items) - len(allowed))


def n_in_turn(
    free: Iterable[QueueItem], held: Iterable[QueueItem], *, recent: Collection[str], begun: Collection[str]
) -> int:
    """How many of the free items come one after the other, without a wait: one of each brief that is not among the recent ones, and those
    begun, which were shown and left open.

    recent: briefs, read before the draft on the screen was drawn, so that the number falls by one with it, be it a new one or one that comes
    back. And by brief alone: one that moved with the system, or with how many drafts a brief has left, would tell whether this is the last
    of its brief, as a human text is. Where the only free one may be that text, what is held comes before it.
    """
    n_free, briefs_held = Counter(item.brief for item in free), {item.brief for item in held}
    come_back = {item.id: item.brief for item in free if item.id in begun}
    read = {*recent, *come_back.values()}
    return len(come_back) + sum(
        brief not in read and (n > 1 or brief not in briefs_held) for brief, n in n_free.items()
    )


def why_later(n_later: int, n_put_off: int) -> str:
    """What is said of drafts that do not come in turn; empty where there is none."""
    if not n_later:
        return ""
    if n_put_off >= n_later:
        return f"{n_later:,} more later, which you put off."
    also = f", and {n_put_off:,} you put off" if n_put_off else ""
    return f"{n_later:,} more later: texts on one brief come far apart{also}."


def _drawn(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def why_waiting(n_waiting: int, n_held: int, n_for_others: int, n_beside: int) -> str:
    """Why a reviewer gets no draft though some are there: that wait, are held by a colleague, are for others, or were seen beside another one."""
    sentences = []
    if n_waiting:
        drafts = "One more draft waits" if n_waiting == 1 else f"{n_waiting} more drafts wait"
        sentences.append(
            f"{drafts}, because other texts on the same brief come first or were read just now: at least {DISTANCE} others lie "
            "between, so that you judge each by itself. A colleague who was not told to wait can take them, or they come when there are more drafts."
        )
    if n_held:
        sentences.append(f"{n_held} {'is' if n_held == 1 else 'are'} in a colleague's hands.")
    if n_for_others:
        are = "One draft waits that is" if n_for_others == 1 else f"{n_for_others} drafts wait that are"
        sentences.append(f"{are} not given to you.")
    if n_beside:
        waits = "1 draft waits" if n_beside == 1 else f"{n_beside} drafts wait"
        sentences.append(
            f"{waits} for somebody who has not seen {'it' if n_beside == 1 else 'them'} beside another one."
        )
    return " ".join(sentences)

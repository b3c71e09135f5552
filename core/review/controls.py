"""Which drafts come before reviewers, so that the place at which a draft comes does not tell who wrote it.

The human text of a brief is read after the machine drafts of it: whoever has read it would judge them by it. If every
draft of a brief came, the last one would be known for the human text. So the drafts of a brief stand in a row, the machines'
in an order drawn at random, and at every place of the row the human text may come instead, always with the same chance; the
row ends with it, and where it never came it stays out. Whoever has read no draft of the brief, or two, or three: the next
one is the human text with that chance.

What it costs: of briefs with three machine drafts and a human text about a third have their human text judged, and about a
quarter of their machine drafts, drawn at random, is not judged. Drafts of earlier jobs are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from core.nouns import System
from core.review.queue_order import QueueItem

HUMAN_SHARE = 1 / 8


def chosen_for_review(drafts: Iterable[QueueItem], draw: Random) -> list[str]:
    """Ids of the drafts to review, in an order drawn at random; the others stay out of the queue."""
    by_brief: dict[str, list[QueueItem]] = {}
    for draft in drafts:
        by_brief.setdefault(draft.brief, []).append(draft)
    chosen = [draft.id for of_brief in by_brief.values() for draft in _row(of_brief, draw)]
    draw.shuffle(chosen)
    return chosen


def expected_shares(n_machine: int) -> tuple[float, float]:
    """Of a brief with a human text and so many machine drafts: how many of these come before reviewers on average, and how likely the text does."""
    stays = [(1 - HUMAN_SHARE) ** (place + 1) for place in range(n_machine)]
    return sum(stays), 1 - stays[-1] if stays else 0.0


def _row(drafts: list[QueueItem], draw: Random) -> list[QueueItem]:
    machines = [draft for draft in drafts if draft.system is not System.HUMAN]
    humans = [draft for draft in drafts if draft.system is System.HUMAN]
    draw.shuffle(machines)
    for place in range(len(machines)):
        if humans and draw.random() < HUMAN_SHARE:
            return [*machines[:place], humans[0]]
    return machines

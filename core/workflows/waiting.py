"""Briefs whose writers nobody may be told yet: a draft of them, or a pair of drafts, still wants a verdict, or a draft is being written anew.

Once nothing of a brief waits, its drafts are told, and stay so whatever opens the brief again: none of them is given to anybody to judge
blind. Only who takes a verdict back gets the draft again, and what they say then is kept apart.

A draft that is written for such a brief later is none of those that were told, so whoever has read one of them may know whose it is. It
comes to them last, and what they say is kept apart too; to everybody else it is a draft like any other.
"""

from __future__ import annotations

from core.store import draft_pairs as pair_rows
from core.store import open_items as open_item_rows
from core.store import told_drafts as told_rows
from core.store.connection import Row, Store, Transaction


def waiting_briefs(store: Store | Transaction, project_id: str) -> set[str]:
    """By id. What is told of such a brief, its verdicts too, could tell of the drafts that somebody has yet to judge."""
    drafts = {item["brief_id"] for item in open_item_rows.open_items(store, project_id)}
    pairs = {row["brief_id"] for row in pair_rows.open_pairs(store, project_id)}
    return drafts | pairs | set(told_rows.briefs_written_anew(store, project_id))


def note_told(tx: Transaction, project_id: str) -> None:
    """Note the drafts of each brief of which nothing waits any more; to be called with whatever may end the waiting of several."""
    told_rows.insert_told(tx, project_id, but=waiting_briefs(tx, project_id))


def note_told_brief(tx: Transaction, project_id: str, brief_id: str) -> None:
    """The same where it may have ended for one brief alone: asked with every verdict, so in a few small looks."""
    if told_rows.lacks_verdicts(tx, brief_id) or brief_id in told_rows.briefs_written_anew(tx, project_id):
        return
    if any(pair["brief_id"] == brief_id for pair in pair_rows.open_pairs(tx, project_id)):
        return
    told_rows.insert_told_brief(tx, project_id, brief_id)


def is_blind_to(store: Store | Transaction, draft: Row, reviewer: str) -> bool:
    """Whether nothing was told by which this reviewer may know who wrote a draft. draft: with its draft_id and brief_id."""
    return not (
        told_rows.is_told(store, draft["draft_id"])
        or told_rows.knows_others(store, draft["draft_id"], draft["brief_id"], reviewer)
    )

"""Briefs whose writers nobody may be told yet: a draft of them, or a pair of drafts, still wants a verdict."""

from __future__ import annotations

from core.store import draft_pairs as pair_rows
from core.store import reviews as review_rows
from core.store.connection import Store, Transaction


def waiting_briefs(store: Store | Transaction, project_id: str) -> set[str]:
    """By id. What is told of such a brief, its verdicts too, could tell of the drafts that somebody has yet to judge."""
    drafts = {item["brief_id"] for item in review_rows.open_items(store, project_id)}
    return drafts | {row["brief_id"] for row in pair_rows.open_pairs(store, project_id)}

"""Drafts that a reviewer puts off, and when they come again."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Conflict
from core.review.queue_order import DISTANCE, QueueItem
from core.store import repeats as repeat_rows
from core.store import reviews as review_rows
from core.store.connection import Row, Transaction
from core.workflows import repeating
from core.workflows.review_items import checked_text, item_of
from core.workflows.workspace import Workspace, checked_person


def put_off(
    workspace: Workspace,
    item: str,
    *,
    by: str,
    text: str | None = None,
    seconds: float = 0.0,
    asked_in: str | None = None,
) -> None:
    """Leave an item for later: it comes to this reviewer again when nothing else does, and colleagues may have it until then.

    text: what was typed in it, which is kept; None for what was saved. asked_in: as of item_of. Raises Conflict where this reviewer has judged it, or was never shown it.
    """
    reviewer = checked_person(by)
    row = item_of(workspace, item, reviewer, asked_in=asked_in)
    with workspace.store.transaction() as tx:
        is_judged = (
            repeat_rows.has_verdict(tx, item) if row["repeated_for"] else reviewer in review_rows.reviewers_of(tx, item)
        )
        if is_judged:
            raise Conflict("You have judged this draft already.", remedy="Take your verdict back first, or go on.")
        if not review_rows.was_shown(tx, item, reviewer):
            raise Conflict("You were not shown this draft, so it cannot be put off.", remedy="Ask for the next one.")
        if text is not None:
            kept, spent = checked_text(text), max(0.0, seconds)
            review_rows.save_text(tx, item_id=item, reviewer=reviewer, text=kept, seconds=spent)
        review_rows.insert_put_off(tx, project_id=row["project_id"], item_id=item, reviewer=reviewer)
        tx.event("put off", "draft", item, by=reviewer, project_id=row["project_id"])


def put_off_again(
    tx: Transaction, project: Row, reviewer: str, later: Sequence[str], free: Sequence[QueueItem], seen: Sequence[QueueItem]
) -> str | None:  # fmt: skip
    """Of what was put off the oldest that may come now: as far from another draft of its brief as any other."""
    open_now = {item.id: item for item in free}
    repeats = {row["id"] for row in repeat_rows.open_repeats(tx, project["id"], reviewer)} if later else set()
    for one in later:
        if one in open_now:
            recent = {item.brief for item in seen[-DISTANCE:] if item.id != one}
            if open_now[one].brief not in recent:
                return one
        elif one in repeats and repeating.may_stay(tx, project, reviewer, one):
            return one
    return None

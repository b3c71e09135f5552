"""Drafts that come back to who judged them: which one comes now, its second verdict, and how far reviewers agree with themselves."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from core.errors import Conflict
from core.nouns import ReviewDecision, System
from core.review.queue_order import QueueItem
from core.review.repeats import JudgedItem, Places, next_repeat, places
from core.review.self_agreement import JudgedTwice, Repeats, repeats_of
from core.store import open_items as open_item_rows
from core.store import repeats as repeat_rows
from core.store import reviews as review_rows
from core.store import told_drafts as told_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.workflows.workspace import Workspace


def places_of(project: Row, reviewer: str, first_at: datetime | None) -> Places:
    """first_at: when the reviewer gave a first verdict."""
    first_judged_on = first_at.date() if first_at else None
    return places(reviewer, project["repeat_every"], first_judged_on=first_judged_on, today=utc_now().date())


def coming_back(
    tx: Transaction,
    project: Row,
    reviewer: str,
    seen: Sequence[QueueItem],
    where: Places,
    *,
    n_new: int,
    n_begun: int,
    put_off: Collection[str] = (),
) -> QueueItem | None:
    """What comes back to this reviewer now, under a random id of its own; None where nothing does.

    One that was begun and left comes first, as any other draft does, if it was not put off. n_new: so many are left that did not come
    yet. n_begun: so many came back and have no second verdict.
    """
    if not project["repeat_every"]:
        return None
    is_place = where.has(len(seen), n_new)
    begun = repeat_rows.open_repeats(tx, project["id"], reviewer) if n_begun else []
    begun = [row for row in begun if row["id"] not in put_off]
    if not begun and not is_place:
        return None
    open_briefs = open_item_rows.open_briefs_for(tx, project["id"], reviewer)
    for row in begun:
        if row["brief_id"] in open_briefs:
            return QueueItem(row["id"], row["brief_id"], System(row["system"]))
    if not is_place:
        return None
    rows = {row["id"]: row for row in repeat_rows.not_asked_again(tx, project["id"], reviewer)}
    judged = [
        JudgedItem(row["id"], row["brief_id"], System(row["system"]), row["reviewed_at"].date())
        for row in rows.values()
    ]
    drawn = next_repeat(reviewer, judged, seen, open_briefs=open_briefs, today=utc_now().date())
    if drawn is None:
        return None
    # As random as the ids of other items, and of the same form: nothing marks it.
    repeat = "i_" + secrets.token_hex(12)
    repeat_rows.insert_item(tx, repeat, project_id=project["id"], item_id=drawn, reviewer=reviewer)
    return QueueItem(repeat, rows[drawn]["brief_id"], System(rows[drawn]["system"]))


def may_stay(tx: Transaction, project: Row, reviewer: str, item: str) -> bool:
    """Whether an item that came back may still be judged: its first verdict stands, and who wrote the draft is not told yet."""
    found = [row for row in repeat_rows.open_repeats(tx, project["id"], reviewer) if row["id"] == item]
    return bool(found) and found[0]["brief_id"] in open_item_rows.open_briefs_for(tx, project["id"], reviewer)


def judge(
    tx: Transaction, item: Row, *, decision: str, final_text: str, edit_ratio: float, reasons: list[str], seconds: float, reviewer: str
) -> str:  # fmt: skip
    """Store the second verdict; no rate counts it. Returns its id. Raises Conflict where there is one, or where the writer may be known by now."""
    is_open = item["brief_id"] in open_item_rows.open_briefs_for(tx, item["project_id"], reviewer)
    if not is_open or told_rows.is_told(tx, item["draft_id"]):
        raise Conflict(
            "Every draft of this brief is judged by now, so it is not asked about again.",
            remedy="Go on with the next one.",
        )
    if repeat_rows.has_verdict(tx, item["id"]):
        raise Conflict("You have judged this draft already.", remedy="Take your verdict back first, or go on.")
    verdict_id = new_id("rv_")
    repeat_rows.insert_verdict(
        tx, verdict_id, project_id=item["project_id"], item_id=item["id"], decision=decision, final_text=final_text,
        edit_ratio=edit_ratio, reasons=reasons, seconds=seconds, reviewer=reviewer,
    )  # fmt: skip
    return verdict_id


def take_back(tx: Transaction, last: Row) -> None:
    """Raises Conflict where the draft would not be asked about again."""
    item = review_rows.item(tx, last["item_id"])
    assert item is not None, "what has a verdict has a draft"
    if told_rows.is_told(tx, item["draft_id"]):
        raise Conflict(
            "Every draft of this brief is judged by now, so this one would not come back to you again.",
            remedy="Your verdict stays.",
        )
    repeat_rows.insert_verdict(
        tx, new_id("rv_"), project_id=last["project_id"], item_id=last["item_id"], decision="undo", final_text="",
        edit_ratio=0.0, reasons=[], seconds=0.0, reviewer=last["reviewer"], undoes=last["id"],
    )  # fmt: skip


def self_agreement_of(workspace: Workspace, project: Row) -> Repeats:
    """Over every run, since it is about the reviewers."""
    pairs = [
        JudgedTwice(
            row["reviewer"],
            ReviewDecision(row["first"]),
            ReviewDecision(row["again"]),
            row["first_ratio"],
            row["again_ratio"],
        )
        for row in repeat_rows.judged_twice(workspace.store, project["id"])
    ]
    return repeats_of(pairs, every=project["repeat_every"])

"""The blind queue: the next draft, what is typed, the verdict, undo. Reviewers are not told the system.

What leaves here for a reviewer is the item's random id, the brief and the text; no system, no
draft id, no order that would tell them apart, and no sign that a draft came back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from core.config import SOFT_LOCK_SECONDS
from core.errors import Conflict, Invalid
from core.facts.support import unsupported
from core.nouns import ReviewDecision, System
from core.review.brief_checks import check_brief
from core.review.edits import edit_ratio
from core.review.queue_order import DISTANCE as DISTANCE
from core.review.queue_order import QueueItem, n_in_turn, next_item, why_later, why_waiting
from core.review.rubric import Rubric, checked_scores, failed_critically
from core.store import draft_pairs as pair_rows
from core.store import drafts as draft_rows
from core.store import open_items as open_item_rows
from core.store import repeats as repeat_rows
from core.store import reviews as review_rows
from core.store import rubrics as rubric_rows
from core.store import told_drafts as told_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.workflows import repeating
from core.workflows.asked_for import AskedFor, asked_for
from core.workflows.judging import ranks
from core.workflows.putting_off import put_off_again
from core.workflows.review_items import checked_text, item_of
from core.workflows.rubrics import rubric_of
from core.workflows.waiting import is_blind_to, note_told_brief
from core.workflows.workspace import Workspace, checked_person, project_named


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemToReview(AskedFor):
    """What a reviewer sees. text: as typed so far, or the draft. reasons, scores: as chosen so far, or those of a verdict that was taken back.

    rubric: what may be said besides the verdict. is_blind: false where this reviewer may know who wrote the draft, so that their verdict is kept
    and counts in no rate.

    n_left: so many come to this reviewer one after the other, this one included. n_later: so many more may come after that, those that come
    back included; why_later: says so, and why.
    """

    item: str
    draft: str
    text: str
    seconds: float
    reasons: tuple[str, ...]
    scores: Mapping[str, str]
    rubric: Rubric
    n_left: int
    n_later: int
    why_later: str
    is_blind: bool


@dataclass(frozen=True, slots=True)
class QueueState:
    """current: None when nothing can be shown now. n_waiting: open items that must wait, and why."""

    current: ItemToReview | None
    n_done: int
    n_waiting: int
    why_waiting: str


def next_draft(workspace: Workspace, project: str, *, by: str) -> QueueState:
    """The item this reviewer is on, or the next one; it is held for five minutes against others."""
    reviewer = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        # Chosen and claimed in one transaction: two reviewers at once never get one item.
        return _next(workspace, tx, row, reviewer)


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """n_now, n_later: as ItemToReview counts them, before the reviewer asks for the next one. why_later: the sentence, or empty."""

    n_now: int
    n_later: int
    why_later: str


def waiting_for(workspace: Workspace, project: str, *, by: str) -> WaitingFor:
    """How many drafts this reviewer would get. Nothing is shown to them, and nothing held, by asking."""
    reviewer, row = checked_person(by), project_named(workspace, project)
    with workspace.store.transaction() as tx:
        current = review_rows.last_shown_item(tx, row["id"], reviewer)
        later = review_rows.put_off_by(tx, row["id"], reviewer)
        hands = _in_other_hands(tx, row, reviewer)

        def counts(but: str | None) -> Row:
            recent = review_rows.recent_briefs(tx, row["id"], reviewer, n=DISTANCE, but=but)
            others = Counter({item: n for item, n in hands.items() if item != but})
            return open_item_rows.open_counts_for(tx, row["id"], reviewer, but, others, recent=recent, put_off=later)

        if current and current not in later and (begun := counts(current))["is_open"]:
            return _left(begun["n_in_turn"], begun["n_free"], len(later))
        found = counts(None)
    n_later = found["n_free"] - found["n_in_turn"]
    return WaitingFor(found["n_in_turn"], n_later, why_later(n_later, len(later)))


def save_text(
    workspace: Workspace, item: str, *, by: str, text: str, seconds: float, asked_in: str | None = None
) -> None:
    """Keep what was typed so far; the verdict is another act. asked_in: as of item_of, here and below."""
    reviewer = checked_person(by)
    item_of(workspace, item, reviewer, asked_in=asked_in)
    with workspace.store.transaction() as tx:
        review_rows.save_text(tx, item_id=item, reviewer=reviewer, text=checked_text(text), seconds=max(0.0, seconds))


def hold(workspace: Workspace, item: str, *, by: str, seconds: float, asked_in: str | None = None) -> None:
    """Say that the reviewer is still at the item; the text stays as it is stored, whichever of their devices it comes from."""
    reviewer = checked_person(by)
    row = item_of(workspace, item, reviewer, asked_in=asked_in)
    if _has_verdict(workspace, row, reviewer):
        return
    with workspace.store.transaction() as tx:
        saved = review_rows.saved_text(tx, item, reviewer) or {"text": row["text"], "seconds": 0.0}
        review_rows.save_text(
            tx, item_id=item, reviewer=reviewer, text=saved["text"], seconds=max(saved["seconds"], seconds)
        )


def submit(
    workspace: Workspace, item: str, decision: str, *, by: str, text: str | None = None, reasons: list[str] | None = None,
    seconds: float = 0.0, scores: Mapping[str, str] | None = None, known: Sequence[str] | None = None,
    asked_in: str | None = None,
) -> None:  # fmt: skip
    """Store the verdict. text: the final text; None for what was saved, else the draft as it was.

    scores: by criterion of the rubric, of the draft as it came; any may be left out. known: texts that the reviewer's device knows to be
    stored; None where it does not say. Raises Conflict when another reviewer was quicker, or where the same one has stored another text on
    another device, Invalid for an unknown score and where a draft is signed off as it came that fails a critical criterion.
    """
    reviewer = checked_person(by)
    if decision not in list(ReviewDecision):
        raise Invalid(f"{decision!r} is not a verdict.", remedy=f"Choose {' or '.join(ReviewDecision)}.")
    row = item_of(workspace, item, reviewer, asked_in=asked_in)
    saved = review_rows.saved_text(workspace.store, item, reviewer)
    final = checked_text(text if text is not None else saved["text"] if saved else row["text"])
    stored = saved["text"] if saved else row["text"]
    is_new_here = known is not None and _lines(stored) not in {_lines(checked_text(one)) for one in known}
    if is_new_here and _lines(final) != _lines(stored) and not _has_verdict(workspace, row, reviewer):
        raise Conflict(
            "You changed this draft on another device meanwhile, so nothing was decided.",
            remedy="Read the text as it stands here now, and decide again.",
        )
    if decision == ReviewDecision.SIGN_OFF and not final.strip():
        raise Invalid("An empty text cannot be signed off.", remedy="Reject the draft instead.")
    ratio = edit_ratio(row["text"], final)
    scored = checked_scores(rubric_of(workspace.store, project_named(workspace, row["project_id"])), scores or {})
    if decision == ReviewDecision.SIGN_OFF and ratio == 0.0 and (failed := failed_critically(scored)):
        raise Invalid(
            f"“{failed[0]}” is critical and fails, and no word of the draft is changed.",
            remedy="Mend the text and sign it off, or reject the draft.",
        )
    verdict: dict[str, Any] = {
        "decision": decision, "final_text": final, "edit_ratio": ratio,
        "reasons": list(dict.fromkeys(reasons or [])), "seconds": max(0.0, seconds), "reviewer": reviewer,
    }  # fmt: skip
    with workspace.store.transaction() as tx:
        review_id = repeating.judge(tx, row, **verdict) if row["repeated_for"] else _judge(tx, row, verdict)
        said = [(criterion.name, score.value, criterion.critical) for criterion, score in scored.items()]
        rubric_rows.insert_scores(tx, review_id, row["project_id"], said)
        # The verdict holds them now.
        rubric_rows.drop_saved_choices(tx, item_id=item, reviewer=reviewer)
        tx.event(decision, "draft", item, by=reviewer, project_id=row["project_id"])


def _has_verdict(workspace: Workspace, item: Row, reviewer: str) -> bool:
    if item["repeated_for"]:
        return repeat_rows.has_verdict(workspace.store, item["id"])
    return reviewer in review_rows.reviewers_of(workspace.store, item["id"])


def _lines(text: str) -> str:
    """As a browser's text field gives it back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _judge(tx: Transaction, row: Row, verdict: dict[str, Any]) -> str:
    if draft_rows.is_set_aside(tx, row["draft_id"]):
        raise Conflict("This draft was taken out of the queue meanwhile.", remedy="Go on with the next one.")
    judged_by = review_rows.reviewers_of(tx, row["id"])
    if verdict["reviewer"] in judged_by:
        raise Conflict("You have judged this draft already.", remedy="Take your verdict back first, or go on.")
    if pair_rows.has_seen_beside(tx, row["draft_id"], verdict["reviewer"]):
        raise Conflict("You have seen this draft beside another one.", remedy="Leave it to a colleague, and go on.")
    if len(judged_by) >= row["reviewers_per_draft"]:
        raise Conflict("This draft has a verdict already.", remedy="Go on with the next one.")
    if told_rows.is_told(tx, row["draft_id"]) and not review_rows.has_taken_back(tx, row["id"], verdict["reviewer"]):
        raise Conflict("It was told meanwhile who wrote this draft.", remedy="Go on with the next one.")
    review_id = new_id("rv_")
    review_rows.insert_review(
        tx, review_id, project_id=row["project_id"], item_id=row["id"], draft_id=row["draft_id"], **verdict
    )  # fmt: skip
    # Before this verdict tells of the brief itself.
    if told_rows.knows_others(tx, row["draft_id"], row["brief_id"], verdict["reviewer"]):
        told_rows.insert_known(tx, review_id, project_id=row["project_id"])
    if len(judged_by) + 1 >= row["reviewers_per_draft"]:
        note_told_brief(tx, row["project_id"], row["brief_id"])
    return review_id


def undo_last_review(workspace: Workspace, project: str, *, by: str) -> str | None:
    """Take back this reviewer's last verdict, and show its item again. Returns the item, None when there is none.

    Where it was told meanwhile who wrote the draft (not `is_blind`), the verdict that comes in its place is kept and counts in no rate. Raises
    Conflict where the item would not be open again.
    """
    reviewer = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        last = review_rows.last_review(tx, row["id"], reviewer)
        again = repeat_rows.last_verdict(tx, row["id"], reviewer)
        if again is not None and (last is None or again["seq"] > last["seq"]):
            last = again
            repeating.take_back(tx, last)
        elif last is not None:
            _take_back(tx, row, last)
        else:
            return None
        review_rows.save_text(
            tx, item_id=last["item_id"], reviewer=reviewer, text=last["final_text"], seconds=last["seconds"]
        )
        review_rows.insert_shown(tx, project_id=row["id"], item_id=last["item_id"], reviewer=reviewer)
        tx.event("undo", "review", last["item_id"], by=reviewer, project_id=row["id"])
    return str(last["item_id"])


def _take_back(tx: Transaction, project: Row, last: Row) -> None:
    others = [one for one in review_rows.reviewers_of(tx, last["item_id"]) if one != last["reviewer"]]
    if len(others) >= project["reviewers_per_draft"]:
        raise Conflict(
            "As many others as are wanted have judged this draft, so it would not come back to you.",
            remedy="Your verdict stays.",
        )
    if pair_rows.has_seen_beside(tx, last["draft_id"], last["reviewer"]):
        raise Conflict(
            "You have seen this draft beside another one since, so you could not judge it by itself again.",
            remedy="Your verdict stays.",
        )
    review_rows.insert_review(
        tx, new_id("rv_"), project_id=project["id"], item_id=last["item_id"], draft_id=last["draft_id"], decision="undo",
        final_text="", edit_ratio=0.0, reasons=[], seconds=0.0, reviewer=last["reviewer"], undoes=last["id"],
    )  # fmt: skip


def is_blind(workspace: Workspace, item: str, *, by: str) -> bool:
    """Whether this reviewer was told nothing by which they may know who wrote the draft; a verdict on any other counts in no rate."""
    reviewer = checked_person(by)
    return is_blind_to(workspace.store, item_of(workspace, item, reviewer), reviewer)


def unsupported_values(text: str, support: Sequence[str]) -> list[str]:
    """Figures, dates, names and links of a text that stand in none of the others, each once, in order. Says nothing of who wrote it."""
    return list(dict.fromkeys(text[value.start : value.end] for value in unsupported(text, tuple(support))))


def brief_notes(text: str, current: ItemToReview) -> list[str]:
    """What the brief asks for and this text does not keep, in sentences; of the text and the brief alone."""
    notes = check_brief(text, length=current.length, facts=current.facts, must_not_say=current.must_not_say)
    return [note.message for note in notes]


def _next(workspace: Workspace, tx: Transaction, project: Row, reviewer: str) -> QueueState:
    hands = _in_other_hands(tx, project, reviewer)
    current = review_rows.last_shown_item(tx, project["id"], reviewer)
    done = review_rows.reviewed_by(tx, project["id"], reviewer, item_id=current)
    places = repeating.places_of(project, reviewer, done["first_at"])
    later = review_rows.put_off_by(tx, project["id"], reviewer)
    # Asked first, since it is so after every verdict, and quickly told.
    if current and current not in later and not done["has_judged_item"]:
        others = Counter({item: n for item, n in hands.items() if item != current})
        recent = review_rows.recent_briefs(tx, project["id"], reviewer, n=DISTANCE, but=current)
        counts = open_item_rows.open_counts_for(
            tx, project["id"], reviewer, current, others, recent=recent, put_off=later
        )
        is_open = counts["is_open"]
        if is_open or _stays(tx, project, reviewer, current):
            # Also when a colleague was given it meanwhile: nobody is moved off a text they are in. The first verdict counts.
            # What is typed asks for this every two seconds, so the queue itself is not read here.
            n_seen = review_rows.n_shown_to(tx, project["id"], reviewer)
            left = _left(counts["n_in_turn"], 1 + places.n_until(n_seen, counts["n_free"] - is_open), len(later))
            return QueueState(_shown(tx, project, current, reviewer, left), done["n"], 0, "")
    open_rows = open_item_rows.open_for(tx, project["id"], reviewer)
    held = _held(open_rows, hands)
    free = [_queue_item(r) for r in open_rows if r["id"] not in held]
    in_other_hands = [_queue_item(r) for r in open_rows if r["id"] in held]
    seen_rows = review_rows.shown_to(tx, project["id"], reviewer)
    seen = [_queue_item(r) for r in seen_rows]
    seen_ids = {item.id for item in seen}
    # One that was shown and left open comes back before anything new.
    chosen = next((item.id for item in free if item.id in seen_ids and item.id not in later), None)
    comes_back = False
    if chosen is None and free:
        n_begun = sum(row["comes_back"] for row in seen_rows) - (done["n"] - done["n_first"])
        again = repeating.coming_back(
            tx, project, reviewer, seen, places, n_new=len(free), n_begun=n_begun, put_off=later
        )
        chosen, comes_back = (again.id, True) if again else (None, False)
    if chosen is None:
        order = ranks(tx, project, [item.id for item in free])
        withheld = _withheld(tx, project, reviewer, len(seen_ids))
        # With a draft of a brief put off, its human text cannot come, so nothing else of it may: it would be a machine's for sure.
        briefs_put_off = {row["brief_id"] for row in open_rows if row["id"] in later}
        barred = withheld | {item.id for item in free if item.brief in briefs_put_off}
        draw = partial(next_item, reviewer, free, seen, held=in_other_hands, ranks=order)
        # What this reviewer may know by exclusion comes last: until then a colleague may judge it blind.
        known = _may_be_known(tx, project, reviewer, free)
        found = draw(withheld=barred | known)
        if found.id is None and known:
            found = draw(withheld=barred)
        if found.id is None and (waiting := {item.id for item in free} - withheld):
            # Also where something that was put off comes again: from now on they know that nothing else could come.
            review_rows.insert_wait(
                tx, project_id=project["id"], reviewer=reviewer, n_seen=len(seen_ids), items=sorted(withheld | waiting)
            )
        chosen = found.id or put_off_again(tx, project, reviewer, later, free, seen)
    if chosen is None:
        why = why_waiting(
            found.n_waiting, len(in_other_hands), open_item_rows.n_open_for_others(tx, project["id"], reviewer),
            open_item_rows.n_seen_beside(tx, project["id"], reviewer),
        )  # fmt: skip
        return QueueState(None, done["n"], found.n_waiting, why)
    review_rows.insert_shown(tx, project_id=project["id"], item_id=chosen, reviewer=reviewer)
    is_new = chosen not in seen_ids
    recent = {item.brief for item in [item for item in seen if item.id != chosen][-DISTANCE:]}
    n_all = 1 + places.n_until(len(seen_ids | {chosen}), len(free) - (not comes_back))
    begun = seen_ids - {chosen, *later}
    left = _left(n_in_turn(free, in_other_hands, recent=recent, begun=begun), n_all, len(later) - (chosen in later))
    return QueueState(_shown(tx, project, chosen, reviewer, left, is_new=is_new), done["n"], 0, "")


def _stays(tx: Transaction, project: Row, reviewer: str, current: str) -> bool:
    """Whether a reviewer goes on with an item without a verdict of theirs that is none of the open ones that are theirs."""
    row = review_rows.item(tx, current)
    assert row is not None, "what was shown has a draft"
    in_hands = review_rows.is_in_hands_of(tx, current, reviewer, _since())
    if row["repeated_for"]:
        return repeating.may_stay(tx, project, reviewer, current)
    # It was assigned to others meanwhile; nobody is moved off a text they are in.
    is_seen_beside = pair_rows.has_seen_beside(tx, row["draft_id"], reviewer)
    return in_hands and not is_seen_beside and bool(open_item_rows.open_items(tx, project["id"], ids=[current]))


def _withheld(tx: Transaction, project: Row, reviewer: str, n_seen: int) -> set[str]:
    """What waited when this reviewer was last told to wait, where they have seen nothing since."""
    wait = review_rows.last_wait(tx, project["id"], reviewer)
    return set(wait["items"]) if wait and wait["n_seen"] == n_seen else set()


def _may_be_known(tx: Transaction, project: Row, reviewer: str, free: Sequence[QueueItem]) -> set[str]:
    """Those of the items on whose brief this reviewer has read a draft of which it was told who wrote it."""
    briefs = told_rows.briefs_known(tx, project["id"], reviewer)
    return {item.id for item in free if item.brief in briefs}


def _in_other_hands(tx: Transaction, project: Row, reviewer: str) -> Counter[str]:
    """By item, how many others were shown it lately and have not judged it yet."""
    shown = review_rows.shown_since(tx, project["id"], _since(), but_judged=project["reviewers_per_draft"] > 1)
    return Counter(item for item, who in shown if who != reviewer)


def _held(open_rows: Sequence[Row], hands: Counter[str]) -> set[str]:
    """Of open items those that are in as many other hands as they lack verdicts."""
    return {row["id"] for row in open_rows if hands[row["id"]] >= row["n_wanted"]}


def _since() -> datetime:
    return utc_now() - timedelta(seconds=SOFT_LOCK_SECONDS)


def _left(n_in_turn: int, n_all: int, n_put_off: int) -> WaitingFor:
    """With the draft on the screen, which is one of them in any case."""
    n_now = max(1, n_in_turn)
    return WaitingFor(n_now, n_all - n_now, why_later(n_all - n_now, n_put_off))


def _shown(
    tx: Transaction, project: Row, item_id: str, reviewer: str, left: WaitingFor, *, is_new: bool = False
) -> ItemToReview:
    """is_new: this reviewer never saw it, so that nothing of theirs is stored with it."""
    row = review_rows.item(tx, item_id)
    assert row is not None, "an open item has a draft"
    saved = None if is_new else review_rows.saved_text(tx, item_id, reviewer)
    choices = None if is_new else rubric_rows.saved_choices(tx, item_id, reviewer)
    return ItemToReview(
        item=item_id,
        draft=row["text"],
        text=saved["text"] if saved else row["text"],
        seconds=saved["seconds"] if saved else 0.0,
        reasons=()
        if is_new
        else tuple(choices["reasons"] if choices else review_rows.last_reasons(tx, item_id, reviewer)),
        scores={} if is_new else choices["scores"] if choices else rubric_rows.last_scores(tx, item_id, reviewer),
        rubric=rubric_of(tx, project),
        n_left=left.n_now,
        n_later=left.n_later,
        why_later=left.why_later,
        is_blind=is_blind_to(tx, row, reviewer),
        **asked_for(tx, row),
    )


def _queue_item(row: Row) -> QueueItem:
    return _item(row["id"], row["brief_id"], row["system"])


@lru_cache(maxsize=50_000)
def _item(item: str, brief: str, system: str) -> QueueItem:
    """What an item is never changes, and thousands of them are looked at for every next one."""
    return QueueItem(item, brief, System(system))

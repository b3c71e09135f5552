"""Two drafts side by side: the next pair, what a reviewer says of it, undo. Reviewers are not told the systems.

What leaves here for a reviewer is the pair's random id, the brief and the two texts, on sides that were drawn for that pair and
reviewer. A pair is asked about once every draft of its brief has its verdicts: two texts beside one another say something of both
that the blind queue must not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.config import SOFT_LOCK_SECONDS
from core.errors import Conflict, Invalid, NotFound
from core.nouns import PairChoice
from core.review.pair_order import PairItem, is_first_left, next_pair
from core.store import draft_pairs as pair_rows
from core.store import open_items as open_item_rows
from core.store.connection import Row, Transaction, new_id, utc_now
from core.workflows.asked_for import AskedFor, asked_for
from core.workflows.waiting import note_told_brief
from core.workflows.workspace import Workspace, checked_person, project_named

# What a reviewer may say: A stands on the left, or above.
A, B, SKIP = "a", "b", "skip"
CHOICES = (A, B, PairChoice.BOTH_GOOD.value, PairChoice.BOTH_BAD.value, SKIP)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairToJudge(AskedFor):
    """What a reviewer sees. a, b: the drafts as they are stored. n_left: pairs that this reviewer can be asked about, this one included."""

    pair: str
    a: str
    b: str
    n_left: int


@dataclass(frozen=True, slots=True)
class PairsState:
    """current: None when nothing can be shown now; why: a sentence on what waits all the same, empty where nothing does."""

    current: PairToJudge | None
    n_done: int
    why: str


def next_drafts(workspace: Workspace, project: str, *, by: str) -> PairsState:
    """The pair this reviewer is on, or the next one; it is held for five minutes against others."""
    reviewer = checked_person(by)
    row = project_named(workspace, project)
    with workspace.store.transaction() as tx:
        # Chosen and claimed in one transaction: two reviewers at once never get one pair.
        return _next(tx, row["id"], reviewer)


def choose(workspace: Workspace, pair: str, choice: str, *, by: str, asked_in: str | None = None) -> None:
    """Store what a reviewer says of a pair: a, b, both_good, both_bad; or skip, which puts it off.

    asked_in: the id of the project whose page names the pair; None where the role was looked at in the pair's own. Raises NotFound, Conflict
    when others were quicker, the pair is no longer asked about, or this reviewer was not shown it.
    """
    reviewer = checked_person(by)
    if choice not in CHOICES:
        raise Invalid(f"{choice!r} says nothing of two drafts.", remedy=f"Choose one of {', '.join(CHOICES)}.")
    with workspace.store.transaction() as tx:
        row = _pair(tx, pair, asked_in=asked_in)
        _check_is_open(tx, row, reviewer)
        is_left = is_first_left(row["sides_seed"], reviewer)
        pair_rows.insert_act(
            tx, new_id("pv_"), project_id=row["project_id"], pair_id=pair, verdict=_verdict(choice, is_left),
            is_first_left=is_left, reviewer=reviewer,
        )  # fmt: skip
        if choice != SKIP:
            note_told_brief(tx, row["project_id"], row["brief_id"])
        # Not what was said: the trail is read by people who may still be asked about drafts of the brief.
        tx.event(
            "skipped" if choice == SKIP else "judged", "draft_pair", pair, by=reviewer, project_id=row["project_id"]
        )


def undo_last(workspace: Workspace, project: str, *, by: str) -> str | None:
    """Take back this reviewer's last choice, and show its pair again. Returns the pair, None when there is none.

    Raises Conflict where the pair would not be open again.
    """
    reviewer = checked_person(by)
    project_id = project_named(workspace, project)["id"]
    with workspace.store.transaction() as tx:
        last = pair_rows.last_act(tx, project_id, reviewer)
        if last is None:
            return None
        row = _pair(tx, last["pair_id"])
        others = [one for one in pair_rows.reviewers_of(tx, row["id"]) if one != reviewer]
        if row["withdrawn_at"] or len(others) >= row["reviewers_per_draft"]:
            raise Conflict(
                "This pair is no longer asked about, so it would not come back to you.", remedy="Your choice stays."
            )
        pair_rows.insert_act(
            tx, new_id("pv_"), project_id=project_id, pair_id=row["id"], verdict="undo", is_first_left=last["is_first_left"],
            reviewer=reviewer, undoes=last["id"],
        )  # fmt: skip
        pair_rows.insert_shown(tx, project_id=project_id, pair_id=row["id"], reviewer=reviewer)
        tx.event("undo", "draft_pair", row["id"], by=reviewer, project_id=project_id)
    return str(row["id"])


def _next(tx: Transaction, project_id: str, reviewer: str) -> PairsState:
    n_done = pair_rows.n_judged_by(tx, project_id, reviewer)
    waiting = {row["brief_id"] for row in open_item_rows.open_items(tx, project_id)}
    theirs = [row for row in pair_rows.open_pairs(tx, project_id) if reviewer not in row["reviewers"]]
    asked = [row for row in theirs if row["brief_id"] not in waiting]
    held = _held_by_others(tx, project_id, asked, reviewer)
    seen = pair_rows.shown_to(tx, project_id, reviewer)
    seen_ids = {row["id"] for row in seen}
    free = [row for row in asked if row["id"] not in held]
    new = next_pair(reviewer, [_item(row) for row in free if row["id"] not in seen_ids], [_item(row) for row in seen])
    again = {row["id"] for row in free if row["id"] in seen_ids}
    skipped = [pair for pair in pair_rows.skipped_by(tx, project_id, reviewer) if pair in again]
    # The one on the screen stays, also when a colleague was given it meanwhile; what was left open comes before anything new,
    # what was put off after it.
    on_screen = pair_rows.on_screen(tx, project_id, reviewer)
    first = [on_screen] if on_screen in {row["id"] for row in asked} else [*sorted(again.difference(skipped))]
    chosen = next(iter([*first, *filter(None, [new.id]), *skipped]), None)
    if chosen is None:
        n_early = len(theirs) - len(asked)
        return PairsState(None, n_done, _why(n_early, new.n_waiting, new.n_barred, len(held)))
    if chosen != on_screen:
        pair_rows.insert_shown(tx, project_id=project_id, pair_id=chosen, reviewer=reviewer)
    n_new = len(free) - len(again) - new.n_barred
    return PairsState(_shown(tx, chosen, reviewer, n_new + len(again | {chosen} & seen_ids)), n_done, "")


def _held_by_others(tx: Transaction, project_id: str, asked: list[Row], reviewer: str) -> set[str]:
    """Pairs that are in as many other hands as they lack verdicts."""
    since = utc_now() - timedelta(seconds=SOFT_LOCK_SECONDS)
    hands: dict[str, set[str]] = {}
    for row in pair_rows.in_hands(tx, project_id, since):
        if row["reviewer"] != reviewer:
            hands.setdefault(row["pair_id"], set()).add(row["reviewer"])
    return {row["id"] for row in asked if len(hands.get(row["id"], set())) >= row["n_wanted"]}


def _shown(tx: Transaction, pair_id: str, reviewer: str, n_left: int) -> PairToJudge:
    row = _pair(tx, pair_id)
    texts = row["first_text"], row["second_text"]
    a, b = texts if is_first_left(row["sides_seed"], reviewer) else texts[::-1]
    return PairToJudge(pair=pair_id, a=a, b=b, n_left=n_left, **asked_for(tx, row))


def _verdict(choice: str, is_first_left: bool) -> str:
    if choice not in (A, B):
        return choice
    return (PairChoice.FIRST if (choice == A) == is_first_left else PairChoice.SECOND).value


def _check_is_open(tx: Transaction, row: Row, reviewer: str) -> None:
    judged_by = pair_rows.reviewers_of(tx, row["id"])
    if reviewer in judged_by:
        raise Conflict("You have judged this pair already.", remedy="Take your choice back first, or go on.")
    is_asked = row["id"] in {one["id"] for one in pair_rows.open_pairs(tx, row["project_id"])}
    is_early = row["brief_id"] in {item["brief_id"] for item in open_item_rows.open_items(tx, row["project_id"])}
    if not is_asked or is_early:
        raise Conflict("This pair is no longer asked about.", remedy="Go on with the next one.")
    if not pair_rows.was_shown(tx, row["id"], reviewer):
        raise Conflict("You were not shown this pair.", remedy="Ask for the next one.")


def _why(n_early: int, n_waiting: int, n_barred: int, n_held: int) -> str:
    """What waits, and for what."""
    sentences = []
    if n_early:
        sentences.append(
            f"{_pairs(n_early)} until every draft of {'its' if n_early == 1 else 'their'} brief has its verdict on its own."
        )
    if n_waiting:
        sentences.append(f"{_pairs(n_waiting)}, because you have just read others for the same brief.")
    if n_barred:
        sentences.append(f"{_pairs(n_barred)} for a colleague: you have seen one of the texts in another pair.")
    if n_held:
        sentences.append(f"{n_held} {'is' if n_held == 1 else 'are'} in a colleague's hands.")
    return " ".join(sentences)


def _pairs(n: int) -> str:
    return "1 pair waits" if n == 1 else f"{n:,} pairs wait"


def _item(row: Row) -> PairItem:
    return PairItem(row["id"], row["brief_id"], frozenset((row["first_draft"], row["second_draft"])))


def _pair(tx: Transaction, pair: str, *, asked_in: str | None = None) -> Row:
    row = pair_rows.pair(tx, pair)
    if row is None or asked_in not in (None, row["project_id"]):
        raise NotFound(f"There is no pair {pair!r}.", remedy="Ask for the next one.")
    return row

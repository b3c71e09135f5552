"""What a reviewer judged, once it can tell nothing any more: the verdict, the edit, and the nearest passages of the team's own writing.

A passage that a draft copies tells that the tuned model wrote it, and a draft that is a record itself that a person did; so it tells,
by exclusion, of the other drafts of the brief. And a draft that may come back must not be read again before. So a verdict stands
here from when every draft and every pair of its brief has all its verdicts, which is when Results tells who wrote them; until then
it is counted.
Passages, briefs from records and texts of the team's own are shown where their terms allow it to this day. Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.errors import NotFound, Refused
from core.nouns import ReviewClass, ReviewDecision, Use
from core.review.edits import DiffSpan, classify, word_difference
from core.review.own_passages import OwnPassage, OwnText, nearest_own_passages
from core.store import likeness
from core.store import reviews as review_rows
from core.store.connection import Row, utc_now
from core.workflows.curating import ENCODER_ID
from core.workflows.given_facts import GivenFact, facts_given
from core.workflows.telling_drafts import texts_of_verdicts
from core.workflows.waiting import waiting_briefs
from core.workflows.workspace import Workspace, checked_person, project_named

# So many records are looked into, the nearest as a whole first.
N_RECORDS = 12
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """A verdict of one's own. difference: from the draft to the final text, word by word. facts: passages that the draft was given to look at."""

    item: str
    brief: str
    verdict: ReviewClass
    draft: str
    final_text: str
    difference: tuple[DiffSpan, ...]
    reasons: tuple[str, ...]
    reviewed_at: datetime
    facts: tuple[GivenFact, ...] = ()


@dataclass(frozen=True, slots=True)
class PastVerdicts:
    """newest: newest first. n: how many there are to look back at. n_waiting: verdicts on briefs of which a draft still waits."""

    newest: tuple[PastVerdict, ...]
    n: int
    n_waiting: int


def my_verdicts(workspace: Workspace, project: str, *, by: str, limit: int = MOST_SHOWN) -> PastVerdicts:
    reviewer = checked_person(by)
    row = project_named(workspace, project)
    found = _told(workspace, row["id"], reviewer)
    n_all = review_rows.reviewed_by(workspace.store, row["id"], reviewer)["n_first"]
    facts = facts_given(workspace, row["id"], {one["draft_id"] for one in found[:limit]})
    texts = texts_of_verdicts(workspace, [one["id"] for one in found[:limit]])
    newest = tuple(
        _past({**one, **texts[one["id"]]}, row["light_edit_limit"], facts.get(one["draft_id"], ()))
        for one in found[:limit]
    )
    return PastVerdicts(newest, len(found), n_all - len(found))


def project_of(workspace: Workspace, item: str) -> str:
    """The id of the project that an item of the review is of. Raises NotFound."""
    row = review_rows.item(workspace.store, item)
    if row is None:
        raise NotFound(f"There is no item {item!r}.")
    return str(row["project_id"])


def has_verdicts(workspace: Workspace, project: str, *, by: str) -> bool:
    """Whether there is something to look back at."""
    return bool(_told(workspace, project_named(workspace, project)["id"], checked_person(by)))


def nearest_writing(workspace: Workspace, item: str, *, by: str) -> list[OwnPassage]:
    """The three passages nearest to a draft that this reviewer judged; fewer where there are fewer.

    Raises NotFound where it is no item of theirs, Refused while a draft of its brief waits or where nothing was measured, Unavailable.
    """
    reviewer = checked_person(by)
    row = review_rows.item(workspace.store, item)
    if row is None or reviewer not in review_rows.reviewers_of(workspace.store, item):
        raise NotFound(
            f"You have no verdict on an item {item!r}.", remedy="`review mine` lists those you can look back at."
        )
    if item not in {one["item_id"] for one in _told(workspace, row["project_id"], reviewer)}:
        raise Refused(
            "Another draft of this brief waits for a verdict, and what this one is near to could tell who wrote that.",
            remedy="Look again when every draft of the brief is judged.",
        )
    today = utc_now().date()
    if not likeness.n_measured(workspace.store, row["project_id"], ENCODER_ID):
        raise Refused(
            "Your writing was not measured yet, so nothing can be compared.", remedy="Measure the records first."
        )
    (vector,) = workspace.embedder.embed([row["text"]])
    texts = likeness.nearest_texts(
        workspace.store, row["project_id"], vector.tolist(), encoder=ENCODER_ID, use=Use.SHOW, today=today, limit=N_RECORDS
    )  # fmt: skip
    # A record's text begins with its title, which is told by itself.
    own = [
        OwnText(one["record_id"], one["title"], one["text"].removeprefix(one["title"]).strip(), one["source"]) for one in texts
    ]  # fmt: skip
    return nearest_own_passages(row["text"], own, workspace.embedder.embed)


def _told(workspace: Workspace, project_id: str, reviewer: str) -> list[Row]:
    """Verdicts that can tell nothing any more, newest first. A draft of their briefs that came back is not asked about any more."""
    found = review_rows.reviews_by(workspace.store, project_id, reviewer)
    held_back = waiting_briefs(workspace.store, project_id)
    return [one for one in found if one["brief_id"] not in held_back]


def _past(row: Row, light_edit_limit: float, facts: tuple[GivenFact, ...]) -> PastVerdict:
    decision = ReviewDecision(row["decision"])
    return PastVerdict(
        item=row["item_id"],
        brief=row["prompt"],
        verdict=classify(
            decision, row["edit_ratio"], light_edit_limit=light_edit_limit, is_critical_fail=row["is_critical_fail"]
        ),
        draft=row["text"],
        final_text=row["final_text"],
        difference=tuple(word_difference(row["text"], row["final_text"])),
        reasons=tuple(row["reasons"]),
        reviewed_at=row["reviewed_at"],
        facts=facts,
    )

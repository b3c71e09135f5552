"""Which texts that reviewers signed off may become records, and why the others may not.

A text is what a machine wrote and a person signed off, as it was or edited; of several who signed one draft off, the newest one's.
The team's own texts stay out: they are held out. So does what an endpoint elsewhere wrote, whose terms may forbid it, what was written with facts that were looked up, which nobody should
learn by heart, and everything on a brief of which a draft still waits: it would tell whose the draft is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.nouns import ReviewDecision, System

WAITING, HUMAN, ELSEWHERE, FACTS, REJECTED, DISAGREEMENT, EMPTY = (
    "waiting", "human", "elsewhere", "facts", "rejected", "disagreement", "empty",
)  # fmt: skip


def signed_off_texts(
    verdicts: Sequence[Mapping[str, Any]], *, waiting: Collection[str]
) -> tuple[list[Mapping[str, Any]], Counter[str]]:
    """One verdict for each draft whose text may become a record, and how many drafts may not, by reason.

    verdicts: oldest first, with draft_id, brief_id, system, decision and final_text. waiting: briefs of which a draft has no verdict.
    """
    by_draft: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for verdict in verdicts:
        by_draft[verdict["draft_id"]].append(verdict)
    left_out: Counter[str] = Counter()
    texts = []
    for given in by_draft.values():
        reason = _against(given, waiting)
        if reason:
            left_out[reason] += 1
        else:
            texts.append(given[-1])
    return texts, left_out


def _against(given: Sequence[Mapping[str, Any]], waiting: Collection[str]) -> str:
    system, decisions = System(given[0]["system"]), {one["decision"] for one in given}
    if given[0]["brief_id"] in waiting:
        return WAITING
    if system is System.HUMAN:
        return HUMAN
    if system is System.EXTERNAL:
        return ELSEWHERE
    if decisions == {ReviewDecision.REJECT}:
        return REJECTED
    if len(decisions) > 1:
        return DISAGREEMENT
    if system.looks_up:
        return FACTS
    return "" if given[-1]["final_text"].strip() else EMPTY

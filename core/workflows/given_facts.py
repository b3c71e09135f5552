"""The passages that drafts were given to look at, told once it may be known who wrote the draft.

That a draft was given facts, and which, tells its system: so of a brief of which a draft or a pair of drafts waits nothing is told.
"""

from __future__ import annotations

from collections.abc import Collection

from core.facts.given import GivenFact
from core.store import known_facts
from core.store.connection import utc_now
from core.workflows.waiting import waiting_briefs
from core.workflows.workspace import Workspace

__all__ = ["GivenFact"]


def facts_given(workspace: Workspace, project_id: str, drafts: Collection[str]) -> dict[str, tuple[GivenFact, ...]]:
    """By draft, in the order in which they were given; drafts that were given none, or that may not be told of yet, are not in it.

    The words of a passage that left the fact store, or whose source forbids it, are left out.
    """
    if not drafts:
        return {}
    waiting, today = waiting_briefs(workspace.store, project_id), utc_now().date()
    found: dict[str, list[GivenFact]] = {}
    for row in known_facts.facts_of_drafts(workspace.store, sorted(drafts)):
        if row["brief_id"] in waiting:
            continue
        has_expired = row["expires_on"] is not None and row["expires_on"] < today
        passage = row["passage"] if row["is_known"] else ""
        fact = GivenFact(row["title"], passage, row["source"], row["expires_on"], has_expired)
        found.setdefault(row["draft_id"], []).append(fact)
    return {draft: tuple(facts) for draft, facts in found.items()}

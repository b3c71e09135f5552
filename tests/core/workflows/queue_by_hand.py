"""Drafts in the blind queue without any run behind them: the queue asks only for briefs, systems and texts."""

from __future__ import annotations

from collections.abc import Sequence

from core.nouns import System
from core.review.briefs import BriefIn
from core.store import drafts as draft_rows
from core.workflows import briefing, reviewing
from core.workflows.workspace import Workspace, project_named

MACHINES = (System.TUNED, System.BASE)


def put_drafts(
    workspace: Workspace,
    project: str,
    n_briefs: int,
    *,
    systems: Sequence[System] = MACHINES,
    prefix: str = "b",
    job: str = "job_x",
    briefs: Sequence[BriefIn] = (),
) -> list[str]:
    """n briefs, or these, each with one draft by each system. Returns the briefs' ids."""
    row = project_named(workspace, project)
    asked = briefs or [BriefIn(f"{prefix}{n}", f"Write of {prefix} {n}.") for n in range(n_briefs)]
    ids = briefing.add_briefs(workspace, project, asked, by="Ann")
    with workspace.store.transaction() as tx:
        for number, brief in enumerate(ids):
            for system in systems:
                draft = f"dr_{prefix}{number}_{system}"
                tx.execute(
                    "INSERT INTO drafts (id, project_id, brief_id, run_id, job_id, system, text, seed, n_tokens, created_at) VALUES (?, ?, ?, 'run_x', ?, ?, ?, 17, 9, '2026-01-01')",
                    [draft, row["id"], brief, job, system.value, text_of(prefix, number, system)],
                )
                draft_rows.insert_review_items(tx, [(f"i_{prefix}{number}_{system}".ljust(26, "0"), row["id"], draft)])
    return ids


def text_of(prefix: str, number: int, system: System) -> str:
    """As many words for each, so that any two are told apart and edited alike."""
    return f"The van of {prefix} {number} goes to town on Monday, and comes home {'early' if system.is_tuned else 'late'} with {system.value}."


def judge_next(
    workspace: Workspace, project: str, *, by: str, decision: str = "sign_off", text: str | None = None
) -> str:
    """Judge what the queue gives. Returns the item."""
    current = reviewing.next_draft(workspace, project, by=by).current
    assert current is not None, "the queue gives nothing"
    reviewing.submit(workspace, current.item, decision, by=by, text=text, seconds=9.0)
    return current.item


def a_day_passes(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        for table in ("reviews", "repeat_reviews"):
            tx.execute(f"UPDATE {table} SET reviewed_at = reviewed_at - INTERVAL 1 DAY")

"""SQL of what waits for a verdict, and for whom: assigned to them, not judged by them, not seen beside another draft, not told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.store.connection import Row, Store, Transaction

# An undo names its item and its reviewer as the verdict does that it takes back, so that verdicts that stand can be counted in one look:
# a join of the verdicts with themselves takes several times as long, and this is asked at every step of the queue.
SIGNED_ONE = "if(decision = 'undo', -1, 1)"
# $1: the project, $2: a reviewer. A draft of which it was told who wrote it comes to those alone who took a verdict on it back.
_FROM = f"""
    FROM review_items i JOIN drafts d ON d.id = i.draft_id JOIN projects p ON p.id = i.project_id
    LEFT JOIN (SELECT item_id, sum(one) AS n, coalesce(sum(one) FILTER (reviewer = $2), 0) > 0 AS is_theirs,
                      bool_or(one < 0 AND reviewer = $2) AS was_theirs
               FROM (SELECT item_id, reviewer, {SIGNED_ONE} AS one FROM reviews WHERE project_id = $1)
               GROUP BY item_id) v ON v.item_id = i.id
"""
_WHERE = """
    WHERE i.project_id = $1 AND coalesce(v.n, 0) < p.reviewers_per_draft
      AND (d.id NOT IN (SELECT draft_id FROM told_drafts WHERE project_id = $1) OR coalesce(v.was_theirs AND NOT v.is_theirs, FALSE))
"""
_ASSIGNED = """
    LEFT JOIN (SELECT brief_id, bool_or(reviewer = $2) AS is_theirs FROM current_assignments WHERE project_id = $1
               GROUP BY brief_id) a ON a.brief_id = d.brief_id
"""
# With how many others are at an item: $4 the items, $5 so many each.
_HANDS = "    LEFT JOIN (SELECT unnest($4::TEXT[]) AS id, unnest($5::BIGINT[]) AS n) h ON h.id = i.id\n"
_NOT_JUDGED = "AND NOT coalesce(v.is_theirs, FALSE)"
# What somebody has seen beside another draft is not theirs to judge by itself any more.
_BESIDE = (
    "(SELECT unnest([q.first_draft, q.second_draft]) FROM shown_draft_pairs s JOIN draft_pairs q ON q.id = s.pair_id "
    "WHERE s.project_id = $1 AND s.reviewer = $2)"
)


@dataclass(frozen=True, slots=True)
class OpenTo:
    """Parts of a statement on drafts that lack verdicts, without what a project does not use: each part takes the engine time, used or not.

    rows: FROM and WHERE. theirs: whether a draft is for this reviewer: where nobody is assigned to a brief, its drafts are for everybody,
    unless the project says otherwise. beside: whether they saw it beside another one.
    """

    rows: str
    theirs: str
    beside: str

    @property
    def for_them(self) -> str:
        return f"{self.rows} AND {self.theirs} {_NOT_JUDGED} AND NOT ({self.beside})"


def open_to(store: Store | Transaction, project_id: str, reviewer: str, *, joined: str = "") -> OpenTo:
    """joined: what else is joined."""
    assigns = store.read("SELECT 1 AS one FROM assignments WHERE project_id = ? LIMIT 1", [project_id])
    sets_aside = store.read("SELECT 1 AS one FROM drafts_aside WHERE project_id = ? LIMIT 1", [project_id])
    compares = store.read(
        "SELECT 1 AS one FROM shown_draft_pairs WHERE project_id = ? AND reviewer = ? LIMIT 1", [project_id, reviewer]
    )
    aside = "AND d.id NOT IN (SELECT draft_id FROM current_drafts_aside)" if sets_aside else ""
    return OpenTo(
        f"{_FROM}{_ASSIGNED if assigns else ''}{joined}{_WHERE}{aside}",
        "coalesce(a.is_theirs, NOT p.assigned_only)" if assigns else "NOT p.assigned_only",
        f"d.id IN {_BESIDE}" if compares else "FALSE",
    )


def open_items(store: Store | Transaction, project_id: str, *, ids: list[str] | None = None) -> list[Row]:
    """Items that lack verdicts, with their brief, system and who has judged them: for the server alone, never for a page. What was set aside is
    not among them, nor that of which it was told who wrote it.

    n_wanted: how many more verdicts each waits for. ids: of these items alone.
    """
    return store.read(
        "SELECT i.id, d.brief_id, d.system, d.id AS draft_id, coalesce(v.reviewers, []) AS reviewers, "
        "p.reviewers_per_draft - coalesce(len(v.reviewers), 0) AS n_wanted "
        "FROM review_items i JOIN drafts d ON d.id = i.draft_id JOIN projects p ON p.id = i.project_id "
        "LEFT JOIN (SELECT item_id, list(reviewer) AS reviewers FROM current_reviews GROUP BY item_id) v ON v.item_id = i.id "
        "WHERE i.project_id = $1 AND n_wanted > 0 AND ($2::TEXT[] IS NULL OR i.id IN (SELECT unnest($2))) "
        "AND d.id NOT IN (SELECT draft_id FROM current_drafts_aside) "
        "AND d.id NOT IN (SELECT draft_id FROM told_drafts) ORDER BY i.id",
        [project_id, ids],
    )


def open_for(tx: Transaction, project_id: str, reviewer: str) -> list[Row]:
    """Items that lack verdicts and that this reviewer has not judged and may judge, with brief and system: for the server alone.

    n_wanted: how many more verdicts each waits for.
    """
    found = open_to(tx, project_id, reviewer)
    return tx.execute(
        f"SELECT i.id, d.brief_id, d.system, (p.reviewers_per_draft - coalesce(v.n, 0))::BIGINT AS n_wanted {found.for_them} ORDER BY i.id",
        [project_id, reviewer],
    )


def open_counts_for(
    store: Store | Transaction, project_id: str, reviewer: str, item_id: str | None, hands: Mapping[str, int], *,
    recent: Collection[str], put_off: Collection[str],
) -> Row:  # fmt: skip
    """Of the items that `open_for` gives: n_free, that are not in as many hands as they lack verdicts; is_open: whether this one is among
    all of them; n_in_turn: as `core.review.queue_order` counts it, those begun that were shown, but for this one and those put off.

    hands: by item, how many others are at it. recent: briefs.
    """
    found = open_to(store, project_id, reviewer, joined=_HANDS)
    (row,) = store.read(
        "SELECT coalesce(sum(n_free), 0)::BIGINT AS n_free, coalesce(bool_or(is_open), FALSE) AS is_open, "
        "coalesce(sum(n_begun), 0)::BIGINT + count(*) FILTER (n_begun = 0 AND n_free > (n_held > 0)::INT "
        "AND brief_id NOT IN (SELECT unnest($6::TEXT[]))) AS n_in_turn FROM (SELECT d.brief_id, bool_or(i.id = $3) AS is_open, "
        "count(*) FILTER (coalesce(h.n, 0) < p.reviewers_per_draft - coalesce(v.n, 0) AND i.id IS DISTINCT FROM $3 "
        "AND i.id NOT IN (SELECT unnest($7::TEXT[])) "
        "AND i.id IN (SELECT item_id FROM shown_items WHERE project_id = $1 AND reviewer = $2)) AS n_begun, "
        "count(*) FILTER (coalesce(h.n, 0) < p.reviewers_per_draft - coalesce(v.n, 0)) AS n_free, "
        f"count(*) FILTER (h.n >= p.reviewers_per_draft - coalesce(v.n, 0)) AS n_held {found.for_them} GROUP BY d.brief_id)",
        [project_id, reviewer, item_id, list(hands), list(hands.values()), list(recent), list(put_off)],
    )
    return row


def n_open_for_others(store: Store | Transaction, project_id: str, reviewer: str) -> int:
    """Items that lack verdicts, that this reviewer has not judged, and that are for others alone."""
    found = open_to(store, project_id, reviewer)
    (row,) = store.read(
        f"SELECT count(*) AS n {found.rows} {_NOT_JUDGED} AND NOT {found.theirs}", [project_id, reviewer]
    )
    return int(row["n"])


def n_seen_beside(store: Store | Transaction, project_id: str, reviewer: str) -> int:
    """Items that would be this reviewer's, had they not seen the draft beside another one."""
    found = open_to(store, project_id, reviewer)
    (row,) = store.read(
        f"SELECT count(*) AS n {found.rows} {_NOT_JUDGED} AND {found.theirs} AND {found.beside}", [project_id, reviewer]
    )
    return int(row["n"])


def open_briefs_for(store: Store | Transaction, project_id: str, reviewer: str) -> set[str]:
    """Briefs whose drafts this reviewer may judge, of which one still lacks a verdict of whomever."""
    found = open_to(store, project_id, reviewer)
    rows = store.read(f"SELECT DISTINCT d.brief_id {found.rows} AND {found.theirs}", [project_id, reviewer])
    return {row["brief_id"] for row in rows}


def n_open_items(store: Store | Transaction, project_id: str) -> int:
    return len(open_items(store, project_id))

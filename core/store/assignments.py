"""SQL of assignments: who is to judge the drafts of which briefs. Append-only; the newest act on a brief and a reviewer counts."""

from __future__ import annotations

from core.store.connection import Row, Store, Transaction


def insert_acts(
    tx: Transaction, project_id: str, brief_ids: list[str], reviewers: list[str], *, is_assigned: bool, by: str
) -> int:
    """Assign each brief to each reviewer, or take it from them. Returns how many acts that were: what stands so already is none."""
    rows = tx.execute(
        "INSERT INTO assignments (project_id, brief_id, reviewer, is_assigned, done_at, done_by) "
        "SELECT $1, b.id, r.name, $4, $5, $6 FROM (SELECT unnest($2::TEXT[]) AS id) b, (SELECT unnest($3::TEXT[]) AS name) r "
        "WHERE $4 <> EXISTS (SELECT 1 FROM current_assignments c WHERE c.brief_id = b.id AND c.reviewer = r.name) RETURNING brief_id",
        [project_id, brief_ids, reviewers, is_assigned, tx.at, by],
    )
    return len(rows)


def assigned(store: Store | Transaction, project_id: str) -> list[Row]:
    """Each brief that somebody is assigned to, with whom."""
    return store.read(
        "SELECT a.brief_id, b.external_id AS brief, list(a.reviewer ORDER BY a.reviewer) AS reviewers FROM current_assignments a "
        "JOIN briefs b ON b.id = a.brief_id WHERE a.project_id = ? GROUP BY ALL ORDER BY b.external_id",
        [project_id],
    )


def loads(store: Store, project_id: str) -> list[Row]:
    """Of each reviewer that something is assigned to: briefs, drafts, how many of these they have judged and how many wait for them."""
    return store.read(
        "SELECT a.reviewer, count(DISTINCT a.brief_id) AS n_briefs, count(i.id) AS n_drafts, "
        "count(i.id) FILTER (list_contains(coalesce(v.reviewers, []), a.reviewer)) AS n_done, "
        "count(i.id) FILTER (coalesce(len(v.reviewers), 0) < p.reviewers_per_draft AND "
        "NOT list_contains(coalesce(v.reviewers, []), a.reviewer)) AS n_left "
        "FROM current_assignments a JOIN projects p ON p.id = a.project_id LEFT JOIN drafts d ON d.brief_id = a.brief_id "
        "AND d.id NOT IN (SELECT draft_id FROM current_drafts_aside) LEFT JOIN review_items i ON i.draft_id = d.id "
        "LEFT JOIN (SELECT item_id, list(reviewer) AS reviewers FROM current_reviews WHERE project_id = $1 GROUP BY item_id) v "
        "ON v.item_id = i.id WHERE a.project_id = $1 GROUP BY a.reviewer ORDER BY n_left DESC, a.reviewer",
        [project_id],
    )


def counts(store: Store, project_id: str) -> Row:
    """Of the drafts that lack verdicts: n_unassigned, and n_short, which are assigned to fewer people than are to judge each.

    Who has judged a draft counts as one of them, assigned or not.
    """
    (row,) = store.read(
        "SELECT count(*) FILTER (a.reviewers IS NULL) AS n_unassigned, "
        "count(*) FILTER (a.reviewers IS NOT NULL AND len(list_distinct(list_concat(a.reviewers, coalesce(v.reviewers, [])))) < p.reviewers_per_draft) AS n_short "
        "FROM review_items i JOIN drafts d ON d.id = i.draft_id JOIN projects p ON p.id = i.project_id "
        "LEFT JOIN (SELECT item_id, list(reviewer) AS reviewers FROM current_reviews WHERE project_id = $1 GROUP BY item_id) v "
        "ON v.item_id = i.id "
        "LEFT JOIN (SELECT brief_id, list(reviewer) AS reviewers FROM current_assignments WHERE project_id = $1 GROUP BY brief_id) a "
        "ON a.brief_id = d.brief_id WHERE i.project_id = $1 AND coalesce(len(v.reviewers), 0) < p.reviewers_per_draft "
        "AND d.id NOT IN (SELECT draft_id FROM current_drafts_aside)",
        [project_id],
    )
    return row


def reviewers(store: Store, project_id: str) -> list[str]:
    """Everybody who judged a draft or was assigned one."""
    rows = store.read(
        "SELECT DISTINCT reviewer FROM (SELECT reviewer FROM current_reviews WHERE project_id = $1 UNION ALL "
        "SELECT reviewer FROM assignments WHERE project_id = $1) ORDER BY reviewer",
        [project_id],
    )
    return [row["reviewer"] for row in rows]


def n_drafts_of(store: Store | Transaction, brief_ids: list[str]) -> int:
    (row,) = store.read(
        "SELECT count(*) AS n FROM review_items i JOIN drafts d ON d.id = i.draft_id WHERE d.brief_id IN (SELECT unnest(?)) "
        "AND d.id NOT IN (SELECT draft_id FROM current_drafts_aside)",
        [brief_ids],
    )
    return int(row["n"])


def briefs_tagged(store: Store | Transaction, project_id: str, tag: str) -> list[str]:
    """Briefs that were taken from a record with this tag."""
    rows = store.read(
        "SELECT b.id FROM briefs b SEMI JOIN (SELECT record_id FROM current_tags WHERE tag = $2) t ON t.record_id = b.record_id "
        "WHERE b.project_id = $1 ORDER BY b.id",
        [project_id, tag],
    )
    return [row["id"] for row in rows]


def tags_of_briefs(store: Store, project_id: str) -> list[Row]:
    """Tags of the records that briefs were taken from, each with how many briefs; most first."""
    return store.read(
        "SELECT t.tag, count(DISTINCT b.id) AS n_briefs FROM briefs b JOIN current_tags t ON t.record_id = b.record_id "
        "WHERE b.project_id = ? GROUP BY t.tag ORDER BY n_briefs DESC, t.tag",
        [project_id],
    )


def briefs_of_job(store: Store | Transaction, project_id: str, job_id: str) -> list[str]:
    """Briefs of which this job wrote a draft."""
    rows = store.read(
        "SELECT DISTINCT brief_id FROM drafts WHERE project_id = ? AND job_id = ? ORDER BY brief_id",
        [project_id, job_id],
    )
    return [row["brief_id"] for row in rows]


def jobs_of_drafts(store: Store, project_id: str) -> list[Row]:
    """The jobs that wrote drafts, newest first, with how many briefs they wrote for."""
    return store.read(
        "SELECT job_id, max(created_at) AS written_at, count(DISTINCT brief_id) AS n_briefs FROM drafts WHERE project_id = ? "
        "GROUP BY job_id ORDER BY written_at DESC, job_id",
        [project_id],
    )

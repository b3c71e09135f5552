"""SQL of the counts that documents are written from."""

from __future__ import annotations

from core.store.connection import Row, Store
from core.store.limits import JOINS


def counts(store: Store, project_id: str) -> Row:
    """What of a project is counted, under the names of `DocumentFacts.counts`."""
    row = store.read_one(
        f"""
        SELECT (SELECT count(*) FROM records WHERE project_id = $project) AS n_records,
               (SELECT coalesce(sum(n_words), 0)::BIGINT FROM records WHERE project_id = $project) AS n_words,
               (SELECT count(DISTINCT customer) FROM records WHERE project_id = $project) AS n_customers,
               (SELECT CASE WHEN EXISTS (SELECT 1 FROM curations WHERE project_id = $project)
                    THEN (SELECT count(DISTINCT record_id) FROM active_flags WHERE project_id = $project AND name = 'personal_data') END) AS n_personal,
               (SELECT count(*) FROM records r {JOINS.format(of="r", record="id")}
                WHERE r.project_id = $project AND (w.source_id IS NOT NULL OR l.is_withdrawn)) AS n_withdrawn,
               (SELECT count(*) FROM record_limits WHERE project_id = $project AND NOT is_withdrawn) AS n_limited,
               (SELECT count(DISTINCT reviewer) FROM current_reviews WHERE project_id = $project) AS n_reviewers,
               (SELECT count(*) FROM events WHERE project_id = $project) AS n_events,
               (SELECT count(*) FROM api_keys WHERE revoked_at IS NULL) AS n_keys,
               (SELECT count(*) FROM events WHERE project_id = $project AND noun IN ('run', 'version') AND action IN ('exported', 'bundled')) AS n_exports,
               (SELECT count(*) FROM drafts WHERE project_id = $project AND system = 'external') AS n_written_elsewhere,
               (SELECT count(*) FROM draft_opinions WHERE project_id = $project) AS n_judged_elsewhere,
               (SELECT coalesce(sum(CAST(facts->>'$.n_drafts' AS BIGINT)), 0)::BIGINT FROM events
                WHERE project_id = $project AND noun = 'drafts' AND action = 'queued to be sent') AS n_queued_to_be_judged
        """,
        {"project": project_id},
    )
    assert row is not None
    return row


def records_by_kind(store: Store, project_id: str) -> dict[str, int]:
    rows = store.read(
        "SELECT kind, count(*) AS n FROM records WHERE project_id = ? GROUP BY kind ORDER BY n DESC, kind", [project_id]
    )
    return {row["kind"]: int(row["n"]) for row in rows}


def records_by_source(store: Store, project_id: str) -> dict[str, int]:
    rows = store.read(
        "SELECT source_id, count(*) AS n FROM records WHERE project_id = ? GROUP BY source_id ORDER BY source_id",
        [project_id],
    )
    return {row["source_id"]: int(row["n"]) for row in rows}

"""SQL of what has changed since a version was frozen: records kept, and how near new ones are to it."""

from __future__ import annotations

from datetime import datetime

from core.store.connection import Row, Store


def n_kept_since(store: Store, project_id: str, version_id: str, since: datetime) -> int:
    """Records kept or edited after that moment that the version does not hold."""
    (row,) = store.read(
        "SELECT count(*) AS n FROM current_decisions d WHERE d.project_id = $project AND d.decision IN ('keep', 'edit') AND d.decided_at > $since "
        "AND d.record_id NOT IN (SELECT record_id FROM version_examples WHERE version_id = $version)",
        {"project": project_id, "version": version_id, "since": since},
    )
    return int(row["n"])


def n_held_by_source(store: Store, version_id: str) -> dict[str, int]:
    """How many records a version holds of each source; those that are gone are not counted."""
    rows = store.read(
        "SELECT source_id, count(*) AS n FROM records WHERE id IN (SELECT record_id FROM version_examples WHERE version_id = ?) "
        "GROUP BY source_id ORDER BY source_id",
        [version_id],
    )
    return {row["source_id"]: int(row["n"]) for row in rows}


def drift(store: Store, project_id: str, version_id: str, since: datetime, *, share: float, most: int) -> Row:
    """n_held, n_new: records compared. n_far: new ones whose nearest record of the version is farther than all but `share` of its own have theirs.

    New are records of files that came in after that moment, that nobody rejected and the version does not hold. Vectors have length one;
    of either at most `most` are compared, drawn by a hash of their ids.
    """
    row = store.read_one(
        f"""
        WITH held_ids AS (
            SELECT record_id FROM vectors WHERE project_id = $project AND record_id IN (
                SELECT record_id FROM version_examples WHERE version_id = $version AND split = 'train')
            ORDER BY md5(record_id) LIMIT {int(most)}),
        fresh_ids AS (
            SELECT v.record_id FROM vectors v JOIN records r ON r.id = v.record_id
            JOIN record_states t ON t.record_id = r.id JOIN sources s ON s.id = r.source_id
            WHERE v.project_id = $project AND r.created_at > $since AND t.status <> 'rejected' AND s.kind = 'files'
            AND r.id NOT IN (SELECT record_id FROM version_examples WHERE version_id = $version)
            ORDER BY md5(v.record_id) LIMIT {int(most)}),
        held AS MATERIALIZED (SELECT record_id, vector, encoder FROM vectors WHERE record_id IN (FROM held_ids)),
        fresh AS MATERIALIZED (SELECT record_id, vector, encoder FROM vectors WHERE record_id IN (FROM fresh_ids)),
        own AS (
            SELECT max(array_inner_product(a.vector, b.vector)) AS nearest FROM held a JOIN held b
            ON a.record_id <> b.record_id AND a.encoder = b.encoder GROUP BY a.record_id),
        beside AS (
            SELECT max(array_inner_product(f.vector, h.vector)) AS nearest FROM fresh f JOIN held h ON f.encoder = h.encoder GROUP BY f.record_id),
        bound AS (SELECT quantile_cont(nearest, $share) AS least FROM own)
        SELECT (SELECT count(*) FROM own) AS n_held, (SELECT count(*) FROM beside) AS n_new,
               (SELECT count(*) FROM beside, bound WHERE nearest < least) AS n_far
        """,
        {"project": project_id, "version": version_id, "since": since, "share": share},
    )
    assert row is not None
    return row

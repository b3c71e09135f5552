"""SQL of what differs between two frozen versions, record by record, read from their own files.

A record is edited when what is learnt of it differs, whatever the cause; the columns beside say what happened
to it between the two freezes: the last decision, taggings, its source, and why a version left it out.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from core.store.connection import Row, Store

CHANGES = ("added", "removed", "edited", "retagged")
BOTH = """
    WITH a AS (SELECT record_id, any_value(external_id) AS external_id, any_value(title) AS title, any_value(tags) AS tags,
                      sha256(string_agg(id || chr(31) || messages::TEXT, chr(30) ORDER BY id)) AS learnt
               FROM read_parquet($older) GROUP BY record_id),
         b AS (SELECT record_id, any_value(external_id) AS external_id, any_value(title) AS title, any_value(tags) AS tags,
                      sha256(string_agg(id || chr(31) || messages::TEXT, chr(30) ORDER BY id)) AS learnt
               FROM read_parquet($newer) GROUP BY record_id),
         matched AS (SELECT coalesce(b.record_id, a.record_id) AS record_id, coalesce(b.external_id, a.external_id) AS external_id,
                            coalesce(nullif(b.title, ''), a.title, '') AS title, a.record_id IS NOT NULL AS was_in,
                            b.record_id IS NOT NULL AS is_in, a.learnt IS DISTINCT FROM b.learnt AS is_other_text,
                            coalesce(a.tags, []) AS tags_before, coalesce(b.tags, []) AS tags_after
                     FROM a FULL OUTER JOIN b ON a.record_id = b.record_id),
         changed AS (SELECT *, unnest(list_filter([CASE WHEN NOT was_in THEN 'added' END, CASE WHEN NOT is_in THEN 'removed' END,
                         CASE WHEN was_in AND is_in AND is_other_text THEN 'edited' END,
                         CASE WHEN was_in AND is_in AND list_sort(tags_before) <> list_sort(tags_after) THEN 'retagged' END],
                         lambda x: x IS NOT NULL)) AS change
                     FROM matched)
"""


def counts(store: Store, older: list[Path], newer: list[Path]) -> dict[str, int]:
    """Records by change, and `stayed`: in both, whatever else changed."""
    row = store.read_one(
        f"""{BOTH} SELECT count(*) FILTER (change = 'added') AS added, count(*) FILTER (change = 'removed') AS removed,
            count(*) FILTER (change = 'edited') AS edited, count(*) FILTER (change = 'retagged') AS retagged,
            (SELECT count(*) FROM matched WHERE was_in AND is_in) AS stayed FROM changed""",
        {"older": [str(file) for file in older], "newer": [str(file) for file in newer]},
    )
    return dict(row or {})


def rows(
    store: Store,
    older: list[Path],
    newer: list[Path],
    *,
    older_id: str,
    newer_id: str,
    since: datetime,
    until: datetime,
    change: str | None,
    limit: int,
    offset: int,
) -> list[Row]:
    """A page of changed records with what is known of the cause. change: one of CHANGES, None for all."""
    return store.read(
        f"""{BOTH}, page AS (
            SELECT * FROM changed WHERE $change IS NULL OR change = $change
            ORDER BY change, external_id, record_id LIMIT {int(limit)} OFFSET {int(offset)}),
        decided AS (SELECT * FROM decisions WHERE record_id IN (SELECT record_id FROM page) AND decided_at > $since AND decided_at <= $until
                    QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY seq DESC) = 1),
        edited AS (SELECT * FROM decisions WHERE record_id IN (SELECT record_id FROM page) AND decision = 'edit'
                   AND decided_at > $since AND decided_at <= $until
                   QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY seq DESC) = 1),
        tagged AS (SELECT record_id, string_agg(DISTINCT tagged_by, ', ' ORDER BY tagged_by) AS tagged_by FROM taggings
                   WHERE record_id IN (SELECT record_id FROM page) AND tagged_at > $since AND tagged_at <= $until GROUP BY record_id)
        SELECT p.change, p.record_id, p.external_id, p.title, list_sort(p.tags_before) AS tags_before, list_sort(p.tags_after) AS tags_after,
               d.decision, d.decided_by, d.note, e.decided_by AS edited_by, t.tagged_by,
               r.id IS NOT NULL AS is_here, r.created_at > $since AS is_new, s.name AS source, s.created_by AS imported_by,
               x.reason AS reason_before, x.detail AS detail_before, y.reason AS reason_after, y.detail AS detail_after
        FROM page p LEFT JOIN records r ON r.id = p.record_id LEFT JOIN sources s ON s.id = r.source_id
             LEFT JOIN decided d ON d.record_id = p.record_id LEFT JOIN edited e ON e.record_id = p.record_id
             LEFT JOIN tagged t ON t.record_id = p.record_id
             LEFT JOIN (SELECT record_id, any_value(reason) AS reason, any_value(detail) AS detail FROM version_dropped
                        WHERE version_id = $older_id GROUP BY record_id) x ON x.record_id = p.record_id
             LEFT JOIN (SELECT record_id, any_value(reason) AS reason, any_value(detail) AS detail FROM version_dropped
                        WHERE version_id = $newer_id GROUP BY record_id) y ON y.record_id = p.record_id
        ORDER BY p.change, p.external_id, p.record_id
        """,
        {"older": [str(file) for file in older], "newer": [str(file) for file in newer], "older_id": older_id,
         "newer_id": newer_id, "since": since, "until": until, "change": change},
    )  # fmt: skip

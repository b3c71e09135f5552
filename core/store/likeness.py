"""SQL of likeness: the records nearest to one, or to a text's vector, by the vectors that the measurement left. Exact, over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.store.connection import Row, Store
from core.store.limits import JOINS, WHY_NOT
from core.store.record_filter import Listing, RecordFilter


def has_vector(store: Store, record_id: str) -> bool:
    return store.read_one("SELECT 1 AS one FROM vectors WHERE record_id = ?", [record_id]) is not None


def has_vectors(store: Store, project_id: str) -> bool:
    return store.read_one("SELECT 1 AS one FROM vectors WHERE project_id = ? LIMIT 1", [project_id]) is not None


def nearest_ids(store: Store, project_id: str, record_id: str, where: RecordFilter, *, limit: int) -> list[str]:
    """Records that fit the filter, nearest first, without the record itself. Vectors have length one."""
    to = "(SELECT vector FROM vectors WHERE record_id = $like_record)"
    return _nearest(store, project_id, where, to, "AND v.record_id <> $like_record", {"like_record": record_id}, limit)


def nearest_to(store: Store, project_id: str, vector: Sequence[float], where: RecordFilter, *, limit: int) -> list[str]:
    """Records that fit the filter, nearest to a vector of length one first."""
    to = f"$like_vector::FLOAT[{len(vector)}]"
    return _nearest(store, project_id, where, to, "", {"like_vector": list(vector)}, limit)


def _nearest(
    store: Store, project_id: str, where: RecordFilter, to: str, besides: str, parameters: dict[str, Any], limit: int
) -> list[str]:
    listing = Listing(project_id, where)
    # Nothing to join when everything fits: it would take as long as the comparing.
    fitting = "" if where.is_empty else f"SEMI JOIN (SELECT r.id {listing.sql}) f ON f.id = v.record_id"
    rows = store.read(
        f"SELECT v.record_id FROM vectors v {fitting} WHERE v.project_id = $project {besides} "
        f"ORDER BY array_inner_product(v.vector, {to}) DESC, v.record_id LIMIT {int(limit)}",
        listing.parameters | parameters,
    )
    return [row["record_id"] for row in rows]


def n_measured(store: Store, project_id: str, encoder: str) -> int:
    (row,) = store.read("SELECT count(*) AS n FROM vectors WHERE project_id = ? AND encoder = ?", [project_id, encoder])
    return int(row["n"])


def nearest_texts(
    store: Store, project_id: str, vector: Sequence[float], *, encoder: str, use: str, today: date, limit: int
) -> list[Row]:
    """Records nearest to a vector of length one, as they read now, with the name of their source: record_id, title, text, source.

    Of sources and records alone that stand, allow the use and have not expired; what was rejected, or came out of reviews, is left out.
    """
    nearest = store.read(
        f"""
        SELECT v.record_id, o.name AS source FROM vectors v JOIN record_states t ON t.record_id = v.record_id
        {JOINS.format(of="t", record="record_id")}
        WHERE v.project_id = $1 AND v.encoder = $2 AND t.status <> 'rejected' AND o.undone_at IS NULL AND o.kind <> 'reviews'
          AND {WHY_NOT.format(use=use, today="$3")} IS NULL
        ORDER BY array_inner_product(v.vector, $4::FLOAT[384]) DESC, v.record_id LIMIT {int(limit)}
        """,
        [project_id, encoder, today, list(vector)],
    )
    ids = [row["record_id"] for row in nearest]
    # A question of its own: joined, the engine would read every text for the sake of a few.
    texts = {
        row["id"]: row
        for row in store.read(
            "SELECT r.id, coalesce(d.edited_title, r.title) AS title, coalesce(d.edited_text, r.text) AS text FROM records r "
            "LEFT JOIN current_decisions d ON d.record_id = r.id AND d.edited_text IS NOT NULL WHERE r.id IN (SELECT unnest($1::TEXT[]))",
            [ids],
        )
    }
    return [row | {name: texts[row["record_id"]][name] for name in ("title", "text")} for row in nearest]

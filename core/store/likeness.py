"""SQL of likeness: the records nearest to one, or to a text's vector, by the vectors that the measurement left. Exact, over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.store.connection import Store
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

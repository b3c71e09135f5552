"""SQL of the fact store: passages that were moved out of versions, each once, and which versions rely on them."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction

# Passages that differ in case alone are the same.
FACT_ID = "'f_' || left(sha256(concat_ws(chr(0), $2, lower(m.passage))), 16)"


def insert_moved_from(tx: Transaction, version_id: str, file: Path, *, project_id: str, by: str) -> int:
    """Take over the passages that a version's job wrote down. Returns how many the version relies on."""
    tx.execute(
        f"INSERT INTO facts (id, project_id, passage, record_id, source_id, created_at, created_by) "
        f"SELECT n.id, $2, n.passage, n.record_id, n.source_id, $3, $4 FROM ("
        f"  SELECT {FACT_ID} AS id, m.* FROM read_parquet($1) m QUALIFY row_number() OVER (PARTITION BY id ORDER BY m.place) = 1) n "
        "ANTI JOIN facts f ON f.id = n.id ORDER BY n.place",
        [str(file), project_id, tx.at, by],
    )
    tx.execute(
        f"INSERT INTO fact_moves (fact_id, version_id, record_id, kinds) "
        f"SELECT n.id, $3, n.record_id, n.kinds FROM (SELECT {FACT_ID} AS id, m.record_id, list_sort(list(DISTINCT m.kind)) AS kinds "
        "FROM read_parquet($1) m GROUP BY ALL) n "
        "ANTI JOIN fact_moves x ON x.fact_id = n.id AND x.version_id = $3 AND x.record_id = n.record_id",
        [str(file), project_id, version_id],
    )
    return n_moved_by(tx, version_id)


def n_moved_by(store: Store | Transaction, version_id: str) -> int:
    """Passages that the version relies on, those alone whose move stands."""
    (row,) = store.read(
        "SELECT count(DISTINCT fact_id) AS n FROM fact_moves WHERE version_id = ? AND undone_at IS NULL", [version_id]
    )
    return int(row["n"])


def undo_moves_of(tx: Transaction, version_id: str, *, by: str) -> tuple[int, int]:
    """Take a version's moves back. Returns how many passages left the store, and how many stay since other versions rely on them."""
    n_all = n_moved_by(tx, version_id)
    tx.execute(
        "UPDATE fact_moves SET undone_at = ?, undone_by = ? WHERE version_id = ? AND undone_at IS NULL",
        [tx.at, by, version_id],
    )
    (row,) = tx.read(
        "SELECT count(DISTINCT fact_id) AS n FROM fact_moves m WHERE version_id = ? AND undone_at = ? "
        "AND EXISTS (SELECT 1 FROM current_facts f WHERE f.id = m.fact_id)",
        [version_id, tx.at],
    )
    return n_all - int(row["n"]), int(row["n"])


def facts(store: Store, project_id: str, *, kind: str, limit: int, offset: int) -> list[Row]:
    """Passages with their kinds, record, source and the versions that rely on them, newest first. kind: any where empty."""
    return store.read(
        """
        SELECT f.id, f.kinds, f.passage, f.record_id, r.external_id, f.source_id, s.name AS source, f.expires_on,
               f.created_at, f.created_by,
               (SELECT list(v.name ORDER BY v.created_at) FROM versions v WHERE list_contains(f.version_ids, v.id)) AS versions
        FROM current_facts f LEFT JOIN records r ON r.id = f.record_id LEFT JOIN sources s ON s.id = f.source_id
        WHERE f.project_id = $project AND ($kind = '' OR list_contains(f.kinds, $kind))
        ORDER BY f.created_at DESC, f.passage LIMIT $limit OFFSET $offset
        """,
        {"project": project_id, "kind": kind, "limit": limit, "offset": offset},
    )


def kind_counts(store: Store, project_id: str) -> dict[str, int]:
    """Passages by kind; one with several kinds counts under each. The key "" has all."""
    rows = store.read(
        "SELECT '' AS kind, count(*) AS n FROM current_facts WHERE project_id = $1 UNION ALL "
        "SELECT kind, count(*) AS n FROM (SELECT unnest(kinds) AS kind FROM current_facts WHERE project_id = $1) GROUP BY kind "
        "ORDER BY n DESC, kind",
        [project_id],
    )
    return {row["kind"]: row["n"] for row in rows}

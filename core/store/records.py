"""SQL of records: what came in, what the current decision makes of it, and filtered listings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.store.connection import Row, Store, Transaction

STATUS = """CASE d.decision WHEN 'keep' THEN 'kept' WHEN 'edit' THEN 'edited' WHEN 'reject' THEN 'rejected'
            WHEN 'defer' THEN 'deferred' ELSE 'undecided' END"""

LISTING = f"""
    FROM records r
    LEFT JOIN current_decisions d ON d.record_id = r.id
    LEFT JOIN scores s ON s.record_id = r.id
    LEFT JOIN cluster_members c ON c.record_id = r.id
    WHERE r.project_id = $project
      AND ($status = '' OR {STATUS} = $status)
      AND ($flag = '' OR EXISTS (SELECT 1 FROM flags f WHERE f.record_id = r.id AND f.name = $flag))
      AND ($tag = '' OR EXISTS (SELECT 1 FROM current_tags t WHERE t.record_id = r.id AND t.tag = $tag))
      AND ($source = '' OR r.source_id = $source)
      AND ($words = '' OR contains(lower(r.title || ' ' || r.text), lower($words)))
"""

ORDERS = {
    "imported": "r.created_at, r.source_id, r.file_id, r.row_number",
    "lowest_score": "s.score NULLS LAST, r.id",
    "highest_score": "s.score DESC NULLS LAST, r.id",
    "newest": "r.written_at DESC NULLS LAST, r.id",
    "longest": "r.n_words DESC, r.id",
    "title": "r.title, r.id",
}


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records a listing shows; empty strings do not filter. `words` is matched as typed, case aside."""

    words: str = ""
    status: str = ""
    flag: str = ""
    tag: str = ""
    source: str = ""

    def parameters(self, project_id: str) -> dict[str, Any]:
        return {
            "project": project_id,
            "words": self.words,
            "status": self.status,
            "flag": self.flag,
            "tag": self.tag,
            "source": self.source,
        }


def insert_records_from(tx: Transaction, file: Path) -> None:
    """Take a Parquet of records over; rows that are in already are left as they stand."""
    tx.execute("INSERT OR IGNORE INTO records BY NAME SELECT * FROM read_parquet(?)", [str(file)])


def record(store: Store, project_id: str, record_id: str) -> Row | None:
    """One record by our id or by its external id, with status and score; the newest where several share the latter."""
    return store.read_one(
        f"SELECT r.*, {STATUS} AS status, d.edited_title, d.edited_content, d.edited_text, s.score, s.reasons, c.cluster, c.is_canonical "
        "FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id LEFT JOIN scores s ON s.record_id = r.id "
        "LEFT JOIN cluster_members c ON c.record_id = r.id "
        "WHERE r.project_id = ? AND (r.id = ? OR r.external_id = ?) ORDER BY (r.id = ?) DESC, r.created_at DESC LIMIT 1",
        [project_id, record_id, record_id, record_id],
    )


def count_records(store: Store, project_id: str, where: RecordFilter) -> int:
    rows = store.read("SELECT count(*) AS n " + LISTING, where.parameters(project_id))
    return int(rows[0]["n"])


def list_records(
    store: Store, project_id: str, where: RecordFilter, *, order: str = "imported", limit: int = 50, offset: int = 0
) -> list[Row]:
    """A page of records with status, score, flags and tags. order: a key of ORDERS."""
    return store.read(
        f"""
        SELECT r.id, r.external_id, r.title, r.kind, r.n_words, r.written_at, r.source_id, {STATUS} AS status, s.score,
               c.cluster, c.is_canonical, left(r.text, 160) AS opening,
               coalesce((SELECT list(DISTINCT f.name ORDER BY f.name) FROM flags f WHERE f.record_id = r.id), []) AS flags,
               coalesce((SELECT list(t.tag ORDER BY t.tag) FROM current_tags t WHERE t.record_id = r.id), []) AS tags
        {LISTING} ORDER BY {ORDERS[order]} LIMIT {int(limit)} OFFSET {int(offset)}
        """,
        where.parameters(project_id),
    )


def record_ids(store: Store, project_id: str, where: RecordFilter, *, order: str = "imported") -> list[str]:
    rows = store.read(f"SELECT r.id {LISTING} ORDER BY {ORDERS[order]}", where.parameters(project_id))
    return [row["id"] for row in rows]


def fingerprint(store: Store, project_id: str) -> str:
    """Changes whenever a record comes, goes or changes its text; edits are decisions and do not count."""
    row = store.read_one(
        "SELECT count(*) || ':' || coalesce(sum(hash(id || text_sha256)::HUGEINT), 0) AS mark FROM records WHERE project_id = ?",
        [project_id],
    )
    return str(row["mark"]) if row else ""


def copy_to(tx: Transaction, project_id: str, file: Path, *, original: bool = False) -> None:
    """Write every record of a project with what curation and people said of it.

    The text is the current one, edits included, or as it was imported when `original`.
    """
    text = (
        "r.title, r.text, r.content::TEXT AS content"
        if original
        else "coalesce(d.edited_title, r.title) AS title, coalesce(d.edited_text, r.text) AS text, "
        "coalesce(d.edited_content, r.content)::TEXT AS content"
    )
    tx.execute(
        f"""
        COPY (
            SELECT r.id, r.external_id, r.kind, {text},
                   r.meta::TEXT AS meta, r.customer, r.source_id, r.written_at, r.text_sha256, {STATUS} AS status,
                   c.cluster, coalesce(c.is_canonical, true) AS is_canonical, s.score,
                   coalesce((SELECT list(DISTINCT f.name ORDER BY f.name) FROM flags f WHERE f.record_id = r.id AND f.is_defect), []) AS defects,
                   coalesce((SELECT list(t.tag ORDER BY t.tag) FROM current_tags t WHERE t.record_id = r.id), []) AS tags
            FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id LEFT JOIN scores s ON s.record_id = r.id
                 LEFT JOIN cluster_members c ON c.record_id = r.id
            WHERE r.project_id = '{project_id}' ORDER BY r.created_at, r.source_id, r.file_id, r.row_number
        ) TO '{_escaped(file)}' (FORMAT parquet)
        """
    )


def candidates(store: Store, project_id: str) -> list[Row]:
    """What a recipe looks at: status, defects, place in the cluster and length of every record."""
    return store.read(
        f"""
        WITH defects AS (
            SELECT record_id, list(DISTINCT name ORDER BY name) AS names FROM flags
            WHERE project_id = $1 AND is_defect GROUP BY record_id)
        SELECT r.id, r.external_id, {STATUS} AS status, coalesce(f.names, []) AS defects,
               coalesce(c.is_canonical, true) AS is_canonical, length(coalesce(d.edited_text, r.text)) AS n_characters
        FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id LEFT JOIN cluster_members c ON c.record_id = r.id
             LEFT JOIN defects f ON f.record_id = r.id
        WHERE r.project_id = $1 ORDER BY r.created_at, r.source_id, r.file_id, r.row_number
        """,
        [project_id],
    )


def n_words(store: Store, ids: list[str]) -> int:
    row = store.read_one("SELECT coalesce(sum(n_words), 0)::BIGINT AS n FROM records WHERE list_contains(?, id)", [ids])
    return int(row["n"]) if row else 0


def delete_records_of(tx: Transaction, source_id: str) -> list[str]:
    """Take a source's records out, with everything measured on them. Returns the ids that went."""
    gone = [row["id"] for row in tx.execute("DELETE FROM records WHERE source_id = ? RETURNING id", [source_id])]
    for table in ("vectors", "cluster_members", "signals", "flags", "scores", "neighbours"):
        tx.execute(f"DELETE FROM {table} WHERE list_contains(?, record_id)", [gone])
    tx.execute("DELETE FROM pairs WHERE list_contains($1, a) OR list_contains($1, b)", [gone])
    return gone


def status_counts(store: Store, project_id: str) -> dict[str, int]:
    rows = store.read(
        f"SELECT {STATUS} AS status, count(*) AS n FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id "
        "WHERE r.project_id = ? GROUP BY 1",
        [project_id],
    )
    return {row["status"]: row["n"] for row in rows}


def used_by_versions(store: Store, source_id: str) -> list[Row]:
    return store.read(
        "SELECT DISTINCT v.name FROM version_examples e JOIN versions v ON v.id = e.version_id "
        "JOIN records r ON r.id = e.record_id WHERE r.source_id = ? ORDER BY v.name",
        [source_id],
    )


def decided_count(store: Store, source_id: str) -> int:
    row = store.read_one(
        "SELECT count(*) AS n FROM current_decisions d JOIN records r ON r.id = d.record_id WHERE r.source_id = ?",
        [source_id],
    )
    return int(row["n"]) if row else 0


def _escaped(file: Path) -> str:
    return str(file).replace("'", "''")

"""SQL of sources, their files and the rows that were refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now


def insert_source(
    tx: Transaction,
    source_id: str,
    *,
    project_id: str,
    name: str,
    owner: str,
    basis: str,
    purpose: str,
    uses: list[str],
    expires_on: date | None,
    licence: str,
    by: str,
    kind: str = "files",
    controller: str = "",
    special_categories: Sequence[str] = (),
    special_condition: str = "",
    reference: str = "",
    retention: str = "",
    at_end: str = "keep",
) -> None:
    """kind: files, or reviews for texts that reviewers signed off. at_end: erase or keep."""
    tx.execute(
        "INSERT INTO sources (id, project_id, name, owner, basis, purpose, uses, expires_on, licence, created_at, created_by, kind, "
        "controller, special_categories, special_condition, reference, retention, at_end) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [source_id, project_id, name, owner, basis, purpose, uses, expires_on, licence, utc_now(), by, kind, controller,
         list(special_categories), special_condition, reference, retention, at_end],
    )  # fmt: skip


def set_terms(tx: Transaction, source_id: str, terms: Mapping[str, Any]) -> None:
    """Put these terms in the place of those that the source had. terms: by column, all of them."""
    columns = [
        "owner", "controller", "basis", "special_categories", "special_condition", "reference", "purpose", "uses", "retention", "expires_on", "at_end", "licence",
    ]  # fmt: skip
    changes = ", ".join(f"{column} = ?" for column in columns)
    tx.execute(f"UPDATE sources SET {changes} WHERE id = ?", [*(terms[column] for column in columns), source_id])


def insert_document(
    tx: Transaction, document_id: str, *, source: Row, name: str, sha256: str, n_bytes: int, by: str
) -> None:
    tx.execute(
        "INSERT INTO source_documents (id, project_id, source_id, name, sha256, n_bytes, added_at, added_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [document_id, source["project_id"], source["id"], name, sha256, n_bytes, tx.at, by],
    )


def documents(store: Store, project_id: str) -> list[Row]:
    """The consents and contracts of a project's sources, the newest of each source first."""
    return store.read("SELECT * FROM source_documents WHERE project_id = ? ORDER BY source_id, seq DESC", [project_id])


def document(store: Store, document_id: str) -> Row | None:
    return store.read_one("SELECT * FROM source_documents WHERE id = ?", [document_id])


# When a source was withdrawn; NULL for one that was not.
WITHDRAWN = "(SELECT withdrawn_at FROM source_withdrawals w WHERE w.source_id = s.id) AS withdrawn_at"


def source(store: Store, source_id: str) -> Row | None:
    return store.read_one(f"SELECT s.*, {WITHDRAWN} FROM sources s WHERE s.id = ?", [source_id])


def sources(store: Store, project_id: str) -> list[Row]:
    """Sources of a project with what came in through them and their newer exports, newest first; undone ones too."""
    return store.read(
        f"""
        SELECT s.*, {WITHDRAWN}, coalesce(f.n_files, 0) AS n_files, coalesce(f.n_refused, 0) AS n_refused_files,
               coalesce(f.n_accepted, 0) + coalesce(u.n_new, 0) AS n_accepted, coalesce(f.n_rejected, 0) AS n_rejected,
               coalesce(u.n_updates, 0) AS n_updates
        FROM sources s LEFT JOIN (
            SELECT source_id, count(*) AS n_files, count(*) FILTER (status = 'refused') AS n_refused,
                   sum(n_accepted)::BIGINT AS n_accepted, sum(n_rejected)::BIGINT AS n_rejected
            FROM source_files WHERE update_id IS NULL GROUP BY source_id) f ON f.source_id = s.id
        LEFT JOIN (
            SELECT source_id, count(*) AS n_updates, sum(n_new)::BIGINT AS n_new
            FROM source_updates WHERE undone_at IS NULL GROUP BY source_id) u ON u.source_id = s.id
        WHERE s.project_id = ? ORDER BY s.created_at DESC
        """,
        [project_id],
    )


def came_with_a_version(store: Store, source_id: str) -> bool:
    """Whether a source has terms alone here: its texts came in as examples of a version that was imported."""
    return bool(
        store.read(
            "SELECT 1 AS one FROM events WHERE action = 'confirmed' AND noun = 'source' AND object_id = ? "
            "AND NOT EXISTS (SELECT 1 FROM source_files WHERE source_id = object_id)",
            [source_id],
        )
    )


def files_of(store: Store, source_id: str) -> list[Row]:
    return store.read("SELECT * FROM source_files WHERE source_id = ? ORDER BY path", [source_id])


def rejected_rows_of(store: Store, source_id: str) -> list[Row]:
    return store.read(
        "SELECT f.id AS file_id, f.path, r.row_number, r.reason, r.value FROM rejected_rows r JOIN source_files f ON f.id = r.file_id "
        "WHERE r.source_id = ? ORDER BY f.path, r.row_number",
        [source_id],
    )


def files_with_bytes(store: Store, project_id: str, hashes: list[str]) -> list[Row]:
    """Imported files of this project whose bytes are among these; undone sources do not count."""
    return store.read(
        "SELECT f.sha256, f.path, s.name AS source, s.id AS source_id, s.created_at FROM source_files f "
        "JOIN sources s ON s.id = f.source_id LEFT JOIN source_updates u ON u.id = f.update_id "
        "WHERE f.project_id = ? AND f.status = 'imported' AND s.undone_at IS NULL AND u.undone_at IS NULL AND f.sha256 IN (SELECT unnest(?))",
        [project_id, hashes],
    )


def insert_files_from(tx: Transaction, file: Path, *, update_id: str | None = None) -> None:
    """update_id: of the newer export of the source that the files are, where they are one."""
    tx.execute(
        "INSERT INTO source_files BY NAME SELECT *, $2 AS update_id FROM read_parquet($1)", [str(file), update_id]
    )


def insert_rejected_rows_from(tx: Transaction, file: Path) -> None:
    tx.execute("INSERT INTO rejected_rows BY NAME SELECT * FROM read_parquet(?)", [str(file)])


def mark_undone(tx: Transaction, source_id: str, *, by: str) -> None:
    tx.execute("UPDATE sources SET undone_at = ?, undone_by = ? WHERE id = ?", [utc_now(), by, source_id])


def sources_used(store: Store, record_ids: list[str]) -> list[Row]:
    """The sources behind these records, each with how many of them it gave."""
    return store.read(
        f"SELECT s.*, {WITHDRAWN}, n.n_records FROM sources s JOIN (SELECT source_id, count(*) AS n_records FROM records "
        "WHERE id IN (SELECT unnest(?)) GROUP BY source_id) n ON n.source_id = s.id ORDER BY s.created_at",
        [record_ids],
    )


def source_ids_of(store: Store, record_ids: list[str]) -> dict[str, str]:
    """The source of each record that is still here, by record id."""
    rows = store.read("SELECT id, source_id FROM records WHERE id IN (SELECT unnest(?))", [record_ids])
    return {row["id"]: row["source_id"] for row in rows}


def sources_by_id(store: Store, ids: list[str]) -> list[Row]:
    """In the order in which they were made."""
    return store.read(
        f"SELECT s.*, {WITHDRAWN} FROM sources s WHERE s.id IN (SELECT unnest(?)) ORDER BY s.created_at", [ids]
    )


def uploads_in_use(store: Store) -> set[str]:
    """Hashes of the imported files of every source that was not undone, and of its updates that were not; and of every consent or contract.

    Those that an erasure took away are no longer among them, unless they came in anew after it.
    """
    rows = store.read(
        "SELECT DISTINCT h.sha256 FROM (SELECT sha256, added_at AS came_at FROM source_documents "
        "UNION ALL SELECT f.sha256, coalesce(u.created_at, s.created_at) AS came_at FROM source_files f JOIN sources s ON s.id = f.source_id "
        "LEFT JOIN source_updates u ON u.id = f.update_id "
        "WHERE f.status = 'imported' AND s.undone_at IS NULL AND u.undone_at IS NULL) h "
        "LEFT JOIN (SELECT e.sha256, max(x.started_at) AS erased_at FROM erased_uploads e JOIN erasures x ON x.id = e.erasure_id GROUP BY e.sha256) g "
        "ON g.sha256 = h.sha256 WHERE g.erased_at IS NULL OR g.erased_at < h.came_at"
    )
    return {row["sha256"] for row in rows}

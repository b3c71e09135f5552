"""SQL of what cleaning steps would change, as a job counted it over all records of a project."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction
from core.store.records import quoted_path


def copy_texts_to(tx: Transaction, project_id: str, file: Path) -> None:
    """Write every record that no person rejected in its current text, edits included."""
    tx.execute(
        f"""
        COPY (SELECT r.id, r.kind, coalesce(d.edited_content, r.content)::TEXT AS content
              FROM records r JOIN record_states s ON s.record_id = r.id LEFT JOIN current_decisions d ON d.record_id = r.id
              WHERE r.project_id = ? AND s.status <> 'rejected' ORDER BY r.created_at, r.source_id, r.file_id, r.row_number
        ) TO '{quoted_path(file)}' (FORMAT parquet)
        """,
        [project_id],
    )


def replace_counts_from(tx: Transaction, project_id: str, folder: Path, *, fingerprint: str) -> None:
    """Take over counts.parquet and framing_lines.parquet; what was counted before goes."""
    tx.execute("DELETE FROM cleaning_counts WHERE project_id = ?", [project_id])
    tx.execute("DELETE FROM framing_lines WHERE project_id = ?", [project_id])
    tx.execute(
        "INSERT INTO cleaning_counts SELECT ?, step, n_records, n_changed, n_places, n_left_whole, changed, ?, ? FROM read_parquet(?)",
        [project_id, fingerprint, tx.at, str(folder / "counts.parquet")],
    )
    tx.execute(
        "INSERT INTO framing_lines SELECT ?, line FROM read_parquet(?)",
        [project_id, str(folder / "framing_lines.parquet")],
    )


def counts(store: Store, project_id: str) -> list[Row]:
    return store.read("SELECT * FROM cleaning_counts WHERE project_id = ?", [project_id])


def framing_lines(store: Store, project_id: str) -> list[str]:
    return [row["line"] for row in store.read("SELECT line FROM framing_lines WHERE project_id = ?", [project_id])]

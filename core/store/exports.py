"""SQL of exports: what of a run was made ready to be taken away, by whom, and what its check found."""

from __future__ import annotations

from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now

EXPORT = "SELECT e.*, coalesce(j.state, 'done') AS state, coalesce(j.reason, '') AS reason FROM exports e LEFT JOIN jobs j ON j.id = e.job_id "


def insert_export(
    tx: Transaction,
    export_id: str,
    *,
    project_id: str,
    run_id: str,
    job_id: str,
    form: str,
    kind: str,
    obstacles: list[str],
    override_reason: str,
    by: str,
) -> None:
    """form: adapter, merged or gguf. kind: how its numbers are stored. job_id: empty where no job is needed."""
    tx.execute(
        "INSERT INTO exports (id, project_id, run_id, job_id, format, type, obstacles, override_reason, created_at, created_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [export_id, project_id, run_id, job_id, form, kind, obstacles, override_reason, utc_now(), by],
    )


def finish_export(tx: Transaction, export_id: str, *, manifest: dict[str, Any], n_bytes: int) -> None:
    tx.execute(
        "UPDATE exports SET manifest = ?, n_bytes = ?, finished_at = ? WHERE id = ?",
        [manifest, n_bytes, utc_now(), export_id],
    )


def export(store: Store, export_id: str) -> Row | None:
    return store.read_one(EXPORT + "WHERE e.id = ?", [export_id])


def exports_of(store: Store, run_id: str) -> list[Row]:
    """Newest first; those that failed too."""
    return store.read(EXPORT + "WHERE e.run_id = ? ORDER BY e.created_at DESC, e.id", [run_id])

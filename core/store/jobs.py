"""SQL of jobs: the server's ledger beside the job folders."""

from __future__ import annotations

from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now


def insert_job(
    tx: Transaction, job_id: str, *, project_id: str, kind: str, facts: dict[str, Any], by: str, priority: int = 0
) -> None:
    """priority: jobs with a higher one start first."""
    tx.execute(
        "INSERT INTO jobs (id, project_id, kind, state, facts, reason, created_at, created_by, is_collected, priority) "
        "VALUES (?, ?, ?, 'queued', ?, '', ?, ?, false, ?)",
        [job_id, project_id, kind, facts, utc_now(), by, priority],
    )


def job(store: Store | Transaction, job_id: str) -> Row | None:
    rows = store.read("SELECT * FROM jobs WHERE id = ?", [job_id])
    return rows[0] if rows else None


def jobs_of(store: Store, project_id: str, *, limit: int = 50) -> list[Row]:
    return store.read("SELECT * FROM jobs WHERE project_id = ? ORDER BY created_at DESC LIMIT ?", [project_id, limit])


def done_jobs(store: Store, project_id: str, kind: str) -> list[Row]:
    """Jobs of a kind that ended well, newest first."""
    return store.read(
        "SELECT * FROM jobs WHERE project_id = ? AND kind = ? AND state = 'done' ORDER BY ended_at DESC",
        [project_id, kind],
    )


def ended_jobs(store: Store, project_id: str, kind: str) -> list[Row]:
    """Jobs of a kind that ended by themselves, well or not, newest first; not those that somebody cancelled."""
    return store.read(
        "SELECT * FROM jobs WHERE project_id = ? AND kind = ? AND state IN ('done', 'failed', 'lost') ORDER BY ended_at DESC",
        [project_id, kind],
    )


def unsettled_jobs(store: Store | Transaction) -> list[Row]:
    """Queued and running ones, and ended ones whose results are not in the database yet; in the order in which queued ones start."""
    # Several that are queued at once have one time; the engine's own row number tells which came first.
    return store.read(
        "SELECT * FROM jobs WHERE state IN ('queued', 'running') OR (state = 'done' AND NOT is_collected) "
        "ORDER BY priority DESC, created_at, rowid"
    )


def set_priority(tx: Transaction, job_id: str, priority: int) -> None:
    tx.execute("UPDATE jobs SET priority = ? WHERE id = ? AND state = 'queued'", [priority, job_id])


def mark_started(store: Store, job_id: str) -> None:
    with store.transaction() as tx:
        tx.execute(
            "UPDATE jobs SET state = 'running', started_at = ? WHERE id = ? AND state = 'queued'",
            [utc_now(), job_id],
        )


def mark_ended(tx: Transaction, job_id: str, *, state: str, reason: str, result: dict[str, Any]) -> bool:
    """Write the final state once; false when the job had one already."""
    ended = tx.execute(
        "UPDATE jobs SET state = ?, reason = ?, result = ?, ended_at = ? WHERE id = ? AND state IN ('queued', 'running') RETURNING id",
        [state, reason, result, utc_now(), job_id],
    )
    return bool(ended)


def mark_collected(tx: Transaction, job_id: str) -> bool:
    """Claim the results for this transaction; false when they are in already."""
    return bool(
        tx.execute("UPDATE jobs SET is_collected = true WHERE id = ? AND NOT is_collected RETURNING id", [job_id])
    )

"""SQL of runs: one training job on one version with one configuration."""

from __future__ import annotations

from typing import Any

from core.errors import Conflict
from core.store.connection import Row, Store, Transaction, utc_now

RUN = (
    "SELECT r.*, v.name AS version, j.state, j.reason, j.started_at AS job_started_at "
    "FROM runs r JOIN versions v ON v.id = r.version_id JOIN jobs j ON j.id = r.job_id "
)


def insert_run(
    tx: Transaction,
    run_id: str,
    *,
    project_id: str,
    version_id: str,
    name: str,
    job_id: str,
    config: dict[str, Any],
    estimate: dict[str, Any],
    by: str,
    group_id: str | None = None,
    part: str = "",
    reproduces: dict[str, Any] | None = None,
    differs: dict[str, Any] | None = None,
    continues: dict[str, Any] | None = None,
) -> None:
    """group_id, part: of runs that are compared, and what this one is among them. reproduces: the run that it makes again.

    differs: settings that are not the preset's, name to the preset's and its own; None where nobody knows. continues: the run
    that this one goes on from, and its preference pairs.
    """
    tx.execute(
        "INSERT INTO runs (id, project_id, version_id, name, job_id, config, estimate, status, created_at, created_by, group_id, part, "
        "reproduces, differs, continues) VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)",
        [run_id, project_id, version_id, name, job_id, config, estimate, utc_now(), by, group_id, part, reproduces, differs, continues],
    )  # fmt: skip


def run(store: Store, run_id: str, project_id: str | None = None) -> Row | None:
    """One run by id or name, of one project where given; the newest where a name occurs several times. An id counts before a name."""
    return store.read_one(
        RUN + "WHERE (r.id = $run OR r.name = $run) AND ($project IS NULL OR r.project_id = $project) "
        "ORDER BY r.id <> $run, r.created_at DESC LIMIT 1",
        {"run": run_id, "project": project_id},
    )


def projects_with(store: Store, name: str) -> list[str]:
    """The names of the projects that have a run of this name."""
    found = store.read(
        "SELECT DISTINCT p.name FROM runs r JOIN projects p ON p.id = r.project_id WHERE r.name = ? ORDER BY p.name",
        [name],
    )
    return [row["name"] for row in found]


def runs(store: Store | Transaction, project_id: str) -> list[Row]:
    return store.read(RUN + "WHERE r.project_id = ? ORDER BY r.created_at DESC", [project_id])


def continue_run(tx: Transaction, run_id: str, job_id: str) -> None:
    """Raises Conflict where somebody else had it go on a moment before."""
    (now,) = tx.execute("SELECT name, status FROM runs WHERE id = ?", [run_id])
    if now["status"] in ("queued", "running", "done"):
        raise Conflict(f"The run {now['name']} is {now['status']}; only one that stopped early can be resumed.")
    tx.execute("UPDATE runs SET job_id = ?, status = 'queued', ended_at = NULL WHERE id = ?", [job_id, run_id])


def finish_run(
    tx: Transaction, job_id: str, *, status: str, adapter: str | None = None, metrics: dict[str, Any] | None = None
) -> None:
    tx.execute(
        "UPDATE runs SET status = ?, adapter = coalesce(?, adapter), metrics = coalesce(?, metrics), ended_at = ? WHERE job_id = ?",
        [status, adapter, metrics, utc_now(), job_id],
    )


def run_of_job(tx: Transaction, job_id: str) -> Row | None:
    rows = tx.execute("SELECT * FROM runs WHERE job_id = ?", [job_id])
    return rows[0] if rows else None


def earlier_runs(store: Store, base: str, *, processes: int, processor: str, cores: int, limit: int = 50) -> list[Row]:
    """What the last finished runs with this base model and as many processes took here, newest first; those that told all of it.

    On the processor of this name with so many cores; gpu says with which graphics processor ("none" for none). Runs that do not say
    where they ran are among them, with None. Those whose steps took under ten seconds say little of the speed, and those that went on from another run read every text
    once more a step; both are left out.
    """
    return store.read(
        """
        SELECT (metrics->>'tokens_per_second')::DOUBLE AS tokens_per_second, (metrics->>'seconds')::DOUBLE AS seconds,
               (metrics->>'job_seconds')::DOUBLE AS job_seconds, (estimate->>'n_evaluation_tokens')::BIGINT AS n_evaluation_tokens,
               (metrics->>'peak_memory_mb')::DOUBLE AS peak_memory_mb, (metrics->>'device_memory_mb')::DOUBLE AS device_memory_mb,
               (metrics->>'$.machine.gpu') AS gpu, (estimate->>'guessed_memory_mb')::DOUBLE AS guessed_memory_mb,
               (metrics->>'energy_wh')::DOUBLE AS energy_wh, coalesce((config->>'n_drafts')::INTEGER, 0) AS n_drafts,
               coalesce((config->>'ask_again')::BOOLEAN, false) AS ask_again,
               coalesce((config->>'n_canaries')::INTEGER, 0) AS n_canaries,
               coalesce((config->>'gradient_checkpointing')::BOOLEAN, false) AS gradient_checkpointing
        FROM runs WHERE status = 'done' AND continues IS NULL AND config->>'base' = ? AND coalesce((config->>'processes')::INTEGER, 1) = ?
          AND (metrics->>'seconds')::DOUBLE > 10 AND (metrics->>'job_seconds')::DOUBLE > 0
          AND ((metrics->>'$.machine.processor') IS NULL OR ((metrics->>'$.machine.processor') = ? AND (metrics->>'$.machine.cores')::INTEGER = ?))
          AND (metrics->>'tokens_per_second')::DOUBLE > 0 AND estimate->>'guessed_memory_mb' IS NOT NULL AND metrics->>'energy_wh' IS NOT NULL
        ORDER BY ended_at DESC LIMIT ?
        """,
        [base, processes, processor, cores, limit],
    )

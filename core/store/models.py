"""SQL of the model registry: what people made of the models of runs, append-only."""

from __future__ import annotations

from typing import Any

from core.store.connection import Row, Store, Transaction


def insert_act(
    tx: Transaction,
    act_id: str,
    *,
    project_id: str,
    run_id: str,
    act: str,
    reason: str,
    evidence: dict[str, Any],
    by: str,
    undoes: str | None = None,
) -> None:
    """act: approve, retire or undo. evidence: the figures that the person saw, as they were at that moment."""
    tx.execute(
        "INSERT INTO model_acts (id, project_id, run_id, act, undoes, reason, evidence, done_by, done_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [act_id, project_id, run_id, act, undoes, reason, evidence, by, tx.at],
    )


def current_acts(store: Store | Transaction, project_id: str) -> dict[str, Row]:
    """The act that counts on each run that has one, by run id."""
    rows = store.read("SELECT * FROM current_model_acts WHERE project_id = ?", [project_id])
    return {row["run_id"]: row for row in rows}


def current_act(store: Store | Transaction, run_id: str) -> Row | None:
    rows = store.read("SELECT * FROM current_model_acts WHERE run_id = ?", [run_id])
    return rows[0] if rows else None


def acts_of(store: Store, run_id: str) -> list[Row]:
    """Every act on a run in its order, undone ones and undoings too."""
    return store.read("SELECT * FROM model_acts WHERE run_id = ? ORDER BY seq", [run_id])

"""SQL of what was taken away although something forbade it: what stood in the way, and the reason that a person wrote."""

from __future__ import annotations

from collections.abc import Sequence

from core.store.connection import Transaction


def insert_override(
    tx: Transaction,
    override_id: str,
    *,
    project_id: str,
    kind: str,
    object_id: str,
    reason: str,
    obstacles: Sequence[str],
    by: str,
) -> None:
    """kind: what was taken away, as the trail calls it."""
    tx.execute(
        "INSERT INTO overrides (id, project_id, kind, object_id, reason, obstacles, done_by, done_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [override_id, project_id, kind, object_id, reason, list(obstacles), by, tx.at],
    )

"""SQL of brand guides."""

from __future__ import annotations

import json
from typing import Any

from core.store.connection import Row, Store, Transaction


def insert_guide(tx: Transaction, project_id: str, *, content: dict[str, Any], sha256: str, by: str) -> None:
    tx.execute(
        "INSERT INTO guides (project_id, content, sha256, changed_by, changed_at) VALUES (?, ?, ?, ?, ?)",
        [project_id, json.dumps(content, ensure_ascii=False), sha256, by, tx.at],
    )


def guide(store: Store | Transaction, project_id: str) -> Row | None:
    """content (JSON as text), sha256, changed_by and changed_at of the guide in force; None where nobody wrote one."""
    rows = store.read(
        "SELECT content::TEXT AS content, sha256, changed_by, changed_at FROM current_guides WHERE project_id = ?",
        [project_id],
    )
    return rows[0] if rows else None


def n_changes(store: Store, project_id: str) -> int:
    rows = store.read("SELECT count(*) AS n FROM guides WHERE project_id = ?", [project_id])
    return int(rows[0]["n"])

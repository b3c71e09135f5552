"""SQL of dataset versions: the card and the trace; the examples themselves lie in Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.store.connection import Row, Store, Transaction, utc_now


def insert_version(
    tx: Transaction,
    version_id: str,
    *,
    project_id: str,
    name: str,
    recipe: str,
    seed: int,
    content_sha256: str,
    n_records: int,
    n_examples: dict[str, int],
    n_train_tokens: int,
    card: dict[str, Any],
    by: str,
) -> None:
    tx.execute(
        "INSERT INTO versions (id, project_id, name, recipe, seed, content_sha256, n_records, n_train, n_validation, n_test, "
        "n_train_tokens, card, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [version_id, project_id, name, recipe, seed, content_sha256, n_records, n_examples["train"], n_examples["validation"],
         n_examples["test"], n_train_tokens, card, utc_now(), by],
    )  # fmt: skip


def insert_trace_from(tx: Transaction, version_id: str, examples: Path, dropped: Path) -> None:
    tx.execute(
        "INSERT INTO version_examples SELECT ?, example_id, record_id, split, n_tokens FROM read_parquet(?)",
        [version_id, str(examples)],
    )
    tx.execute(
        "INSERT INTO version_dropped SELECT ?, record_id, external_id, reason, detail FROM read_parquet(?)",
        [version_id, str(dropped)],
    )


def versions(store: Store, project_id: str) -> list[Row]:
    return store.read("SELECT * FROM versions WHERE project_id = ? ORDER BY created_at DESC", [project_id])


def version_named(store: Store, project_id: str, name_or_id: str) -> Row | None:
    return store.read_one(
        "SELECT * FROM versions WHERE project_id = ? AND (name = ? OR id = ?)", [project_id, name_or_id, name_or_id]
    )


def dropped_counts(store: Store, version_id: str) -> dict[str, int]:
    rows = store.read(
        "SELECT reason, count(*) AS n FROM version_dropped WHERE version_id = ? GROUP BY reason ORDER BY n DESC, reason",
        [version_id],
    )
    return {row["reason"]: row["n"] for row in rows}


def dropped(store: Store, version_id: str, *, limit: int = 500) -> list[Row]:
    return store.read(
        "SELECT record_id, external_id, reason, detail FROM version_dropped WHERE version_id = ? ORDER BY reason, external_id LIMIT ?",
        [version_id, limit],
    )


def record_ids_in(store: Store, version_id: str, *, split: str | None = None) -> list[str]:
    rows = store.read(
        "SELECT DISTINCT record_id FROM version_examples WHERE version_id = ? AND (? IS NULL OR split = ?) ORDER BY record_id",
        [version_id, split, split],
    )
    return [row["record_id"] for row in rows]


def n_tokens_of(store: Store, version_id: str, example_ids: Sequence[str]) -> int:
    """How many tokens these examples of a version have together."""
    (row,) = store.read(
        "SELECT coalesce(sum(n_tokens), 0)::BIGINT AS n FROM version_examples WHERE version_id = ? "
        "AND example_id IN (SELECT unnest(?::TEXT[]))",
        [version_id, list(example_ids)],
    )
    n: int = row["n"]
    return n


def held_by_source(store: Store, version_id: str) -> dict[str, int]:
    """How many held-out records of a version each source gave; records that are gone are not counted."""
    rows = store.read(
        """SELECT source_id, count(*) AS n FROM records
           WHERE id IN (SELECT record_id FROM version_examples WHERE version_id = ? AND split <> 'train')
           GROUP BY source_id ORDER BY source_id""",
        [version_id],
    )
    return {row["source_id"]: row["n"] for row in rows}

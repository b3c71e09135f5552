"""SQL of drafts checked against the brand guide."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.store.connection import Row, Store, Transaction


@dataclass(frozen=True, slots=True)
class Check:
    """Names of the rules that a draft breaks, and of those that could not be checked on it."""

    broken: frozenset[str]
    unchecked: frozenset[str]


def copy_drafts_to(tx: Transaction, project_id: str, file: Path) -> None:
    """Every draft with what supports a claim in it: its brief, that one's facts, and what was looked up for it."""
    to = str(file).replace("'", "''")
    tx.execute(
        "COPY (SELECT d.id, d.text, list_concat([b.prompt], b.facts, coalesce(k.passages, [])) AS support FROM drafts d "
        "JOIN briefs b ON b.id = d.brief_id LEFT JOIN (SELECT o.brief_id, list(DISTINCT concat_ws(chr(10), f.title, f.passage)) AS passages "
        "FROM draft_facts f JOIN drafts o ON o.id = f.draft_id GROUP BY o.brief_id) k ON k.brief_id = d.brief_id "
        f"WHERE d.project_id = ? ORDER BY d.id) TO '{to}' (FORMAT parquet)",
        [project_id],
    )


def replace_checks_from(tx: Transaction, file: Path, *, project_id: str, guide_sha256: str) -> None:
    tx.execute("DELETE FROM guide_checks WHERE project_id = ?", [project_id])
    tx.execute(
        "INSERT INTO guide_checks SELECT $2, $3, draft_id, rule, n FROM read_parquet($1)",
        [str(file), project_id, guide_sha256],
    )


def checks(store: Store, project_id: str, guide_sha256: str) -> dict[str, Check]:
    """By draft what its check found; only drafts that were checked against this guide."""
    rows: list[Row] = store.read(
        "SELECT draft_id, list(rule) FILTER (WHERE n > 0) AS broken, list(rule) FILTER (WHERE n < 0) AS unchecked FROM guide_checks "
        "WHERE project_id = ? AND guide_sha256 = ? GROUP BY draft_id",
        [project_id, guide_sha256],
    )
    return {row["draft_id"]: Check(frozenset(row["broken"] or ()), frozenset(row["unchecked"] or ())) for row in rows}


def n_drafts(store: Store | Transaction, project_id: str) -> int:
    (row,) = store.read("SELECT count(*) AS n FROM drafts WHERE project_id = ?", [project_id])
    return int(row["n"])

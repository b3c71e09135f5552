"""SQL of the judge of drafts: what it reads, what it says, and the order that follows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from core.store.connection import Row, Store, Transaction

MOST_REFERENCE = 400


def verdicts(store: Store | Transaction, project_id: str) -> list[Row]:
    """Current verdicts that were given blind: draft_id, decision, edit_ratio and is_critical_fail."""
    return store.read(
        "SELECT r.draft_id, r.decision, r.edit_ratio, r.id IN (SELECT review_id FROM critical_fails) AS is_critical_fail "
        "FROM current_reviews r WHERE r.project_id = ? AND r.id NOT IN (SELECT review_id FROM not_blind_reviews) ORDER BY r.seq",
        [project_id],
    )


def copy_drafts_to(tx: Transaction, project_id: str, file: Path) -> None:
    """Every draft with its brief and what supports a claim in it; nothing of who wrote it."""
    to = str(file).replace("'", "''")
    tx.execute(
        "COPY (SELECT d.id, d.brief_id, d.text, list_concat([b.prompt], b.facts, coalesce(k.passages, [])) AS support FROM drafts d "
        "JOIN briefs b ON b.id = d.brief_id LEFT JOIN (SELECT o.brief_id, list(DISTINCT concat_ws(chr(10), f.title, f.passage)) AS passages "
        "FROM draft_facts f JOIN drafts o ON o.id = f.draft_id GROUP BY o.brief_id) k ON k.brief_id = d.brief_id "
        f"WHERE d.project_id = ? ORDER BY d.id) TO '{to}' (FORMAT parquet)",
        [project_id],
    )


def copy_reference_to(tx: Transaction, project_id: str, file: Path) -> None:
    """The team's own records that nobody rejected, kept ones first; without those that a brief was taken from, and what is like them.

    A control must not be told from the drafts by being among what it is compared with.
    """
    to = str(file).replace("'", "''")
    tx.execute(
        f"""
        COPY (
            WITH asked AS (SELECT DISTINCT record_id FROM briefs WHERE project_id = $1 AND record_id IS NOT NULL),
                 alike AS (SELECT c.record_id FROM cluster_members c WHERE c.cluster IN (
                     SELECT cluster FROM cluster_members WHERE record_id IN (FROM asked)))
            SELECT r.id, r.external_id, r.kind, coalesce(d.edited_title, r.title) AS title,
                   coalesce(d.edited_content, r.content)::TEXT AS content
            FROM records r JOIN record_states t ON t.record_id = r.id JOIN sources s ON s.id = r.source_id
                 LEFT JOIN current_decisions d ON d.record_id = r.id
            WHERE r.project_id = $1 AND s.kind = 'files' AND t.status <> 'rejected' AND NOT t.has_defect
                  AND r.id NOT IN (FROM asked) AND r.id NOT IN (FROM alike)
            ORDER BY t.status IN ('kept', 'edited') DESC, md5(r.id) LIMIT {MOST_REFERENCE}
        ) TO '{to}' (FORMAT parquet)
        """,
        [project_id],
    )


def replace_judge(tx: Transaction, project_id: str, facts: dict[str, Any], chances: Path) -> None:
    tx.execute("DELETE FROM judges WHERE project_id = ?", [project_id])
    tx.execute("DELETE FROM draft_chances WHERE project_id = ?", [project_id])
    tx.execute("INSERT INTO judges VALUES (?, ?, ?)", [project_id, facts, tx.at])
    tx.execute(
        "INSERT INTO draft_chances SELECT $2, draft_id, chance FROM read_parquet($1)", [str(chances), project_id]
    )


def judge(store: Store | Transaction, project_id: str) -> Row | None:
    """facts and made_at; None before the first."""
    rows = store.read("SELECT facts, made_at FROM judges WHERE project_id = ?", [project_id])
    return rows[0] if rows else None


def chances(store: Store | Transaction, project_id: str) -> dict[str, float]:
    """By review item the chance of its draft to pass."""
    rows = store.read(
        "SELECT i.id, c.chance FROM draft_chances c JOIN review_items i ON i.draft_id = c.draft_id WHERE c.project_id = ?",
        [project_id],
    )
    return {row["id"]: row["chance"] for row in rows}


def set_order(tx: Transaction, project_id: str, *, uncertain_first: bool) -> None:
    tx.execute("UPDATE projects SET uncertain_first = ? WHERE id = ?", [uncertain_first, project_id])


def uneven_order(store: Store | Transaction, project_id: str) -> Row | None:
    """since and until, which is None while it goes on; None where the judge never ordered the queue."""
    rows = store.read("SELECT since, until FROM uneven_orders WHERE project_id = ?", [project_id])
    return rows[0] if rows else None


def begin_uneven_order(tx: Transaction, project_id: str) -> None:
    """Note that the judge orders the queue now. It does so since the first time: what was judged under an earlier order stays told of."""
    found = uneven_order(tx, project_id)
    if found is None:
        tx.execute("INSERT INTO uneven_orders VALUES (?, ?, NULL)", [project_id, tx.at])
    elif found["until"] is not None:
        go_on_with_uneven_order(tx, project_id)


def end_uneven_order(tx: Transaction, project_id: str) -> None:
    tx.execute("UPDATE uneven_orders SET until = ? WHERE project_id = ? AND until IS NULL", [tx.at, project_id])


def go_on_with_uneven_order(tx: Transaction, project_id: str) -> None:
    tx.execute("UPDATE uneven_orders SET until = NULL WHERE project_id = ?", [project_id])


def n_written_by(store: Store | Transaction, draft_ids: list[str], moment: datetime) -> int:
    """How many of these drafts there were at that moment."""
    (row,) = store.read(
        "SELECT count(*) AS n FROM drafts WHERE id IN (SELECT unnest(?::TEXT[])) AND created_at <= ?",
        [draft_ids, moment],
    )
    return int(row["n"])

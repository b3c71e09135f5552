"""SQL of limits on sources and records beside the terms of a source: withdrawals, narrower uses, earlier ends; and of what these make lapse.

What stands against a use of a record is one expression, so that a recipe, a listing of neighbours and a gate say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.store.connection import Row, Store, Transaction

# Joined to rows that have a record's id and its source's, under the name that is given.
JOINS = """LEFT JOIN sources o ON o.id = {of}.source_id LEFT JOIN source_withdrawals w ON w.source_id = {of}.source_id
    LEFT JOIN record_limits l ON l.record_id = {of}.{record}"""
# NULL where nothing stands against it. {use}: train, evaluate or show; {today}: the day, as SQL.
WHY_NOT = """CASE WHEN w.source_id IS NOT NULL OR l.is_withdrawn THEN 'withdrawn'
    WHEN least(o.expires_on, l.expires_on) < {today} THEN 'expired'
    WHEN NOT list_contains(o.uses, '{use}') OR NOT l.may_{use} THEN 'not_to_{use}' END"""
# By the limits on the record alone: what its source says is told by itself. A record of the test part is not learnt.
OWN = """CASE WHEN l.is_withdrawn THEN 'withdrawn' WHEN l.expires_on < $today THEN 'expired'
    WHEN (e.split = 'train' AND NOT l.may_train) OR (e.split <> 'train' AND NOT l.may_evaluate) THEN 'no_longer_allowed' END"""


def insert_limit(
    tx: Transaction, limit_id: str, *, project_id: str, record_ids: Sequence[str], source_id: str | None, uses: Sequence[str] | None,
    expires_on: date | None, is_withdrawn: bool, reason: str, n_records: int, by: str,
) -> None:  # fmt: skip
    """source_id: the limit is on all of a source, and record_ids are empty."""
    tx.execute(
        "INSERT INTO limits (id, project_id, source_id, uses, expires_on, is_withdrawn, reason, n_records, set_at, set_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [limit_id, project_id, source_id, None if uses is None else list(uses), expires_on, is_withdrawn, reason, n_records, tx.at, by],
    )  # fmt: skip
    tx.execute("INSERT INTO limited_records SELECT ?, ?, unnest(?::TEXT[])", [limit_id, project_id, list(record_ids)])


def lift(tx: Transaction, limit_id: str, *, by: str) -> None:
    tx.execute("INSERT INTO limits_lifted VALUES (?, ?, ?)", [limit_id, tx.at, by])


def limit(store: Store | Transaction, limit_id: str) -> Row | None:
    """One limit, with when and by whom it was lifted; NULL for one that stands."""
    rows = store.read(f"{_LIMITS} WHERE l.id = ?", [limit_id])
    return rows[0] if rows else None


_LIMITS = """SELECT l.*, x.lifted_at, x.lifted_by, s.name AS source FROM limits l LEFT JOIN limits_lifted x ON x.limit_id = l.id
    LEFT JOIN sources s ON s.id = l.source_id"""


def limits(store: Store, project_id: str) -> list[Row]:
    """Every limit of a project, newest first, lifted ones too."""
    return store.read(f"{_LIMITS} WHERE l.project_id = ? ORDER BY l.seq DESC", [project_id])


def limits_on(store: Store, record_id: str) -> list[Row]:
    """The standing limits on a record, those on its whole source not among them; newest first."""
    return store.read(
        f"{_LIMITS} WHERE x.limit_id IS NULL AND l.id IN (SELECT limit_id FROM limited_records WHERE record_id = ?) ORDER BY l.seq DESC",
        [record_id],
    )


def against_records(store: Store, record_ids: Sequence[str], *, use: str, today: date) -> dict[str, str]:
    """Of these records those that may not be used so today, with the reason: withdrawn, expired, or not_to_USE."""
    rows = store.read(
        f"""SELECT id, why FROM (SELECT r.id, {WHY_NOT.format(use=use, today="$today")} AS why FROM records r
            {JOINS.format(of="r", record="id")} WHERE r.id IN (SELECT unnest($records::TEXT[]))) WHERE why IS NOT NULL ORDER BY id""",
        {"records": list(record_ids), "today": today},
    )
    return {row["id"]: row["why"] for row in rows}


def lapsed_in(store: Store, version_id: str, *, today: date, held_out_alone: bool = False) -> dict[str, int]:
    """How many records of a version have lapsed by limits of their own, by reason."""
    part = "AND e.split <> 'train'" if held_out_alone else ""
    return _counted(
        store,
        f"SELECT DISTINCT e.record_id, {OWN} AS why FROM version_examples e JOIN record_limits l ON l.record_id = e.record_id "
        f"WHERE e.version_id = $version {part}",
        {"version": version_id, "today": today},
    )


def lapsed_among(store: Store, record_ids: Sequence[str], *, today: date) -> dict[str, int]:
    """The same of records that a run learnt from beside its version."""
    return _counted(
        store,
        f"SELECT e.record_id, {OWN} AS why FROM (SELECT unnest($records::TEXT[]) AS record_id, 'train' AS split) e "
        "JOIN record_limits l ON l.record_id = e.record_id",
        {"records": list(record_ids), "today": today},
    )


def _counted(store: Store, sql: str, parameters: dict[str, Any]) -> dict[str, int]:
    rows = store.read(
        f"SELECT why, count(*) AS n FROM ({sql}) WHERE why IS NOT NULL GROUP BY why ORDER BY n DESC, why", parameters
    )
    return {row["why"]: int(row["n"]) for row in rows}


def ended_limits(store: Store, project_id: str, *, today: date) -> list[Row]:
    """Standing limits whose day has passed."""
    return store.read(
        "SELECT id, expires_on FROM standing_limits WHERE project_id = ? AND expires_on < ? ORDER BY id",
        [project_id, today],
    )


def is_told_expired(store: Store | Transaction, object_id: str, expires_on: date) -> bool:
    """Whether the trail says already that this source or limit ended on that day."""
    return bool(
        store.read(
            "SELECT 1 AS one FROM events WHERE action = 'expired' AND object_id = ? AND facts->>'$.expires_on' = ?",
            [object_id, expires_on.isoformat()],
        )
    )


def lapsed_drafts(tx: Transaction, project_id: str, *, today: date) -> list[str]:
    """Drafts that nobody set aside, for briefs from records that may not be shown to reviewers any more.

    Judged ones too: a colleague may be asked for a second verdict, or to read two side by side, and a verdict may be taken back.
    """
    rows = tx.read(
        f"""SELECT d.id FROM drafts d JOIN briefs b ON b.id = d.brief_id JOIN records r ON r.id = b.record_id
            {JOINS.format(of="r", record="id")}
            WHERE d.project_id = $1 AND coalesce({WHY_NOT.format(use="show", today="$2")}, {WHY_NOT.format(use="evaluate", today="$2")}) IS NOT NULL
              AND d.id NOT IN (SELECT draft_id FROM current_drafts_aside) ORDER BY d.id""",
        [project_id, today],
    )
    return [row["id"] for row in rows]


def insert_exemption(
    tx: Transaction, exemption_id: str, *, project_id: str, run_id: str, lapses: Sequence[str], reason: str, by: str
) -> None:
    tx.execute(
        "INSERT INTO exemptions (id, project_id, run_id, lapses, reason, given_at, given_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [exemption_id, project_id, run_id, list(lapses), reason, tx.at, by],
    )


def exemptions(store: Store, run_id: str) -> list[Row]:
    """Newest first."""
    return store.read("SELECT * FROM exemptions WHERE run_id = ? ORDER BY seq DESC", [run_id])


def insert_retrain(
    tx: Transaction, retrain_id: str, *, project_id: str, of_run: str, version_id: str, job_id: str, by: str
) -> None:
    tx.execute(
        "INSERT INTO retrains (id, project_id, of_run, version_id, job_id, failure, asked_at, asked_by) VALUES (?, ?, ?, ?, ?, '', ?, ?)",
        [retrain_id, project_id, of_run, version_id, job_id, tx.at, by],
    )


def retrains(store: Store, project_id: str) -> list[Row]:
    """Newest first, with the state of the job that freezes."""
    return store.read(
        "SELECT t.*, j.state AS job_state, j.is_collected, j.reason AS job_reason FROM retrains t LEFT JOIN jobs j ON j.id = t.job_id "
        "WHERE t.project_id = ? ORDER BY t.asked_at DESC, t.id",
        [project_id],
    )


def settle_retrain(tx: Transaction, retrain_id: str, *, run_id: str | None, failure: str) -> None:
    tx.execute("UPDATE retrains SET run_id = ?, failure = ? WHERE id = ?", [run_id, failure, retrain_id])

"""SQL of the queue: what is settled, what is open and in which order, who holds what, and second readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.store.connection import Row, Store, Transaction

QUEUE_STATES = ("person", "taken", "left_out", "open")
# A record is settled by a person who decided, or by rule: a double whose better copy stays, or a score outside of the band
# in which the score does not say enough. What is left is open.
STATES = """
    WITH stated AS (
        SELECT s.record_id AS id, s.status, s.score, coalesce(c.is_canonical, true) AS is_canonical, coalesce(c.n_alike, 1) AS n_alike
        FROM record_states s
             LEFT JOIN (SELECT record_id, is_canonical, count(*) OVER (PARTITION BY cluster) AS n_alike
                        FROM cluster_members WHERE project_id = $project) c ON c.record_id = s.record_id
        WHERE s.project_id = $project),
    sorted_out AS MATERIALIZED (
        SELECT *, CASE WHEN status IN ('kept', 'edited', 'rejected') THEN 'person'
                       WHEN status = 'deferred' OR score IS NULL THEN 'open'
                       WHEN NOT is_canonical THEN 'left_out'
                       WHEN score < $low THEN 'left_out' WHEN score >= $high THEN 'taken' ELSE 'open' END AS state
        FROM stated)
"""
# What a look is worth: most where the score is least sure, more for a record that stands for others or whose tag lacks examples,
# deferred ones last.
PUT_OFF = "(status = 'deferred')"
WORTH = "(1 - abs(2 * coalesce(score, 0.5) - 1)) * ln(1 + n_alike)"
FILLS = "CASE WHEN id IN (SELECT record_id FROM filling) THEN 1.5 ELSE 1 END"
FILLING = """, filling AS (
    SELECT record_id FROM current_tags WHERE project_id = $project AND list_contains($short, tag)
    UNION SELECT record_id FROM tag_suggestions WHERE project_id = $project AND place = 1 AND list_contains($short, tag))
"""


def standing(
    store: Store, project_id: str, *, low: float, high: float, short: Sequence[str], n_first: int
) -> tuple[dict[str, int], list[str]]:
    """Records by state (person, taken, left_out, open), and the first open ones, as `open_ids` orders them: one look at all."""
    clause, worth, parameters = _open(project_id, low, high, short)
    row = store.read_one(
        f"""
        {clause}
        SELECT counted.*, first.ids FROM
            (SELECT {", ".join(f"count(*) FILTER (state = '{state}') AS {state}" for state in QUEUE_STATES)} FROM sorted_out) counted,
            (SELECT list(id ORDER BY put_off, worth DESC, id) AS ids FROM (
                SELECT id, {PUT_OFF} AS put_off, {worth} AS worth FROM sorted_out WHERE state = 'open'
                ORDER BY put_off, worth DESC, id LIMIT {int(n_first)})) first
        """,
        parameters,
    )
    assert row is not None
    ids = row.pop("ids")
    return row, list(ids or [])


def open_ids(store: Store, project_id: str, *, low: float, high: float, short: Sequence[str]) -> list[str]:
    """All open records, those first whose answer is worth most. short: tags that lack good examples."""
    clause, worth, parameters = _open(project_id, low, high, short)
    row = store.read_one(
        f"{clause} SELECT list(id ORDER BY {PUT_OFF}, {worth} DESC, id) AS ids FROM sorted_out WHERE state = 'open'",
        parameters,
    )
    return list(row["ids"] or []) if row else []


def _open(project_id: str, low: float, high: float, short: Sequence[str]) -> tuple[str, str, dict[str, Any]]:
    """The clause that ends in sorted_out, what a look is worth there, and the parameters of both."""
    parameters: dict[str, Any] = {"project": project_id, "low": low, "high": high}
    if not short:
        return STATES, WORTH, parameters
    return STATES + FILLING, f"{WORTH} * {FILLS}", parameters | {"short": list(short)}


def holds(store: Store, project_id: str) -> list[Row]:
    """record_id, held_by and held_until of every hold, over or not."""
    return store.read("SELECT record_id, held_by, held_until FROM holds WHERE project_id = ?", [project_id])


def holder(store: Store | Transaction, record_id: str, *, now: datetime) -> str:
    """Who holds a record, empty when nobody does."""
    rows = store.read("SELECT held_by FROM holds WHERE record_id = ? AND held_until > ?", [record_id, now])
    return str(rows[0]["held_by"]) if rows else ""


def hold(tx: Transaction, project_id: str, record_id: str, *, by: str, until: datetime) -> None:
    """Hold one record and let go of every other one that this person held in the project."""
    tx.execute("DELETE FROM holds WHERE project_id = ? AND held_by = ? AND record_id <> ?", [project_id, by, record_id])
    tx.execute(
        "INSERT INTO holds VALUES ($1, $2, $3, $4) ON CONFLICT (record_id) DO UPDATE SET held_by = $3, held_until = $4",
        [record_id, project_id, by, until],
    )


def seconds_between_decisions(store: Store, project_id: str, *, by: str, longest_seconds: float) -> list[float]:
    """Seconds between one decision of a person and the next, of the last hundred; longer gaps are pauses and left out."""
    rows = store.read(
        "SELECT epoch(decided_at - lag(decided_at) OVER (ORDER BY seq)) AS seconds FROM ("
        "SELECT seq, decided_at FROM decisions WHERE project_id = $1 AND decided_by = $2 AND note <> 'in bulk' ORDER BY seq DESC LIMIT 101) "
        "QUALIFY seconds > 0 AND seconds <= $3",
        [project_id, by, longest_seconds],
    )
    return [float(row["seconds"]) for row in rows]


def set_second_share(tx: Transaction, project_id: str, share: float) -> None:
    tx.execute("UPDATE projects SET second_share = ? WHERE id = ?", [share, project_id])


# A record is in the sample by a hash of its id: the same ones whatever else comes or goes.
SAMPLED = "(md5_number_lower(d.record_id) % 10000) < $share * 10000"
FIRST = "CASE d.decision WHEN 'reject' THEN 'reject' ELSE 'keep' END"


def to_read_again(store: Store, project_id: str, *, share: float, by: str) -> list[Row]:
    """Sampled records that somebody else has kept, edited or rejected and that this person has not read again."""
    return store.read(
        f"SELECT d.record_id AS id, d.id AS decision_id FROM current_decisions d SEMI JOIN records r ON r.id = d.record_id "
        f"WHERE d.project_id = $project AND d.decision IN ('keep', 'edit', 'reject') AND d.decided_by <> $by AND {SAMPLED} "
        "AND NOT EXISTS (SELECT 1 FROM current_second_readings s WHERE s.record_id = d.record_id AND s.read_by = $by) "
        "ORDER BY md5(d.record_id || $by)",
        {"project": project_id, "share": share, "by": by},
    )


def insert_second_reading(
    tx: Transaction, reading_id: str, *, project_id: str, record_id: str, decision_id: str, reading: str, by: str,
    undoes: str | None = None,
) -> None:  # fmt: skip
    tx.execute(
        "INSERT INTO second_readings (id, project_id, record_id, decision_id, reading, undoes, read_by, read_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [reading_id, project_id, record_id, decision_id, reading, undoes, by, tx.at],
    )


def last_second_reading(store: Store, project_id: str, *, by: str) -> Row | None:
    return store.read_one(
        "SELECT * FROM current_second_readings WHERE project_id = ? AND read_by = ? ORDER BY seq DESC LIMIT 1",
        [project_id, by],
    )


def readings(store: Store, project_id: str) -> list[Row]:
    """Every current second reading beside the decision it checked. settled_by: who decided on the record since, else empty."""
    return store.read(
        f"""
        SELECT s.record_id, r.external_id, r.title, {FIRST} AS first, d.decided_by AS first_by, s.reading AS second, s.read_by AS second_by,
               coalesce((SELECT max_by(l.decided_by, l.seq) FROM decisions l
                         WHERE l.record_id = s.record_id AND l.seq > s.seq AND l.decision <> 'undo'), '') AS settled_by
        FROM current_second_readings s JOIN decisions d ON d.id = s.decision_id JOIN records r ON r.id = s.record_id
        WHERE s.project_id = ? ORDER BY s.seq
        """,
        [project_id],
    )

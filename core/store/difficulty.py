"""SQL of the difficulty of answers: which records are in doubt, what was measured, and the signal that follows from it."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction
from core.store.records import quoted_path

# What is left of the loss, and the same with what the answer's length explains taken off, by which answers can be compared.
LEFT, CORRECTED = "loss_left", "difficulty"
# Of fewer no line through their lengths can be told.
LEAST_CORRECTED = 30
# In doubt: a score between the limits, and no double of another. Those that people have decided on teach the score, and come last.
IN_DOUBT = (
    "FROM records r JOIN scores s ON s.record_id = r.id LEFT JOIN cluster_members c ON c.record_id = r.id "
    "LEFT JOIN current_decisions d ON d.record_id = r.id "
    "WHERE r.project_id = {project} AND s.score >= {low} AND s.score < {high} AND coalesce(c.is_canonical, true)"
)
IS_MEASURED = "EXISTS (SELECT 1 FROM difficulties m WHERE m.record_id = r.id AND m.base = {base} AND m.text_sha256 = r.text_sha256 AND m.n_tokens >= {least})"
IS_DECIDED = "coalesce(d.decision, 'defer') <> 'defer'"


def doubtful_counts(store: Store, project_id: str, *, low: float, high: float, base: str) -> Row:
    """n records in doubt, n_measured of them looked at, and n_read of these read: the others give no example."""
    doubt = IN_DOUBT.format(project="$project", low="$low", high="$high")
    (row,) = store.read(
        f"SELECT count(*) AS n, count(*) FILTER ({IS_MEASURED.format(base='$base', least=0)}) AS n_measured, "
        f"count(*) FILTER ({IS_MEASURED.format(base='$base', least=1)}) AS n_read {doubt}",
        {"project": project_id, "low": low, "high": high, "base": base},
    )
    return row


def copy_doubtful_to(
    tx: Transaction, project_id: str, file: Path, *, low: float, high: float, base: str, limit: int
) -> int:
    """Write the records in doubt that were not measured yet: undecided ones first, the most doubtful first. Returns how many."""
    # COPY takes no parameters: numbers are ours, texts are quoted.
    doubt = IN_DOUBT.format(project=_quoted(project_id), low=float(low), high=float(high))
    unmeasured = f"NOT {IS_MEASURED.format(base=_quoted(base), least=0)}"
    tx.execute(
        "COPY (SELECT r.id, r.external_id, r.kind, r.title, r.content::TEXT AS content, r.meta::TEXT AS meta, r.customer, r.text_sha256 "
        f"{doubt} AND {unmeasured} ORDER BY {IS_DECIDED}, abs(s.score - 0.5), r.id LIMIT {int(limit)}) TO '{quoted_path(file)}' (FORMAT parquet)"
    )
    (row,) = tx.read("SELECT count(*) AS n FROM read_parquet(?)", [str(file)])
    return int(row["n"])


def add_difficulties_from(tx: Transaction, project_id: str, file: Path, *, base: str) -> None:
    """Take over difficulties.parquet; records that left meanwhile are left out."""
    tx.execute(
        "INSERT OR REPLACE INTO difficulties SELECT m.record_id, $1, $2, m.text_sha256, m.prompted, m.alone, m.n_tokens, $3 "
        "FROM read_parquet($4) m SEMI JOIN records r ON r.id = m.record_id",
        [project_id, base, tx.at, str(file)],
    )


def write_signals(tx: Transaction, project_id: str) -> int:
    """Write the signals of every measured record anew, by the newest measurement of its present text. Returns how many records have them.

    The ratio of loss with the question to loss without; and, from thirty records on, the same less what the answer's length explains of
    it: a straight line through the logarithm of the lengths. Only answers in doubt are measured, so the line is theirs.
    """
    tx.execute("DELETE FROM signals WHERE project_id = ? AND name IN (?, ?)", [project_id, LEFT, CORRECTED])
    tx.execute(
        f"""
        INSERT INTO signals BY NAME
        WITH current AS (
            SELECT d.record_id, d.prompted / greatest(d.alone, 1e-6) AS ratio, ln(d.n_tokens) AS length
            FROM difficulties d JOIN records r ON r.id = d.record_id AND r.text_sha256 = d.text_sha256
            WHERE d.project_id = $1 AND d.n_tokens > 0 QUALIFY row_number() OVER (PARTITION BY d.record_id ORDER BY d.measured_at DESC, d.base) = 1),
        line AS (
            SELECT CASE WHEN var_pop(length) > 0 THEN regr_slope(ratio, length) ELSE 0 END AS slope, avg(length) AS middle, count(*) AS n
            FROM current)
        SELECT $1 AS project_id, record_id, $2 AS name, ratio AS value FROM current
        UNION ALL SELECT $1, record_id, $3, ratio - slope * (length - middle) FROM current, line WHERE n >= {LEAST_CORRECTED}
        """,
        [project_id, LEFT, CORRECTED],
    )
    (row,) = tx.read("SELECT count(*) AS n FROM signals WHERE project_id = ? AND name = ?", [project_id, LEFT])
    return int(row["n"])


def job_under_way(store: Store | Transaction, project_id: str) -> str:
    """The reading that is queued or runs, empty when there is none."""
    rows = store.read(
        "SELECT id FROM jobs WHERE project_id = ? AND kind = 'difficulty' AND state IN ('queued', 'running')",
        [project_id],
    )
    return str(rows[0]["id"]) if rows else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""SQL of flag switches, the gold subset, and what scores are learnt from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.store.connection import Row, Store, Transaction

# Kept and edited ones count as keep; what was put off is no judgement.
JUDGED = (
    "SELECT d.record_id, d.decision <> 'reject' AS is_kept FROM current_decisions d "
    "WHERE d.project_id = {project} AND d.decision IN ('keep', 'edit', 'reject')"
)


def switches(store: Store | Transaction, project_id: str) -> dict[str, bool]:
    """The flags that somebody, or the goal's default, switched in this project."""
    rows = store.read("SELECT name, is_on FROM flag_switches WHERE project_id = ?", [project_id])
    return {row["name"]: row["is_on"] for row in rows}


def set_switch(tx: Transaction, project_id: str, name: str, *, is_on: bool, by: str) -> None:
    tx.execute("INSERT OR REPLACE INTO flag_switches VALUES (?, ?, ?, ?, ?)", [project_id, name, is_on, by, tx.at])


def insert_default_switches(tx: Transaction, project_id: str, names_off: list[str], *, by: str) -> None:
    """Switch off what the goal leaves off at first, where nobody has said otherwise."""
    tx.execute(
        "INSERT OR IGNORE INTO flag_switches SELECT $1, unnest($2), false, $3, $4", [project_id, names_off, by, tx.at]
    )


def insert_gold_mark(
    tx: Transaction, mark_id: str, *, project_id: str, record_id: str, mark: str, by: str, undoes: str | None = None
) -> None:
    """mark: add, remove or undo."""
    tx.execute(
        "INSERT INTO gold_marks (id, project_id, record_id, mark, undoes, marked_by, marked_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [mark_id, project_id, record_id, mark, undoes, by, tx.at],
    )


def last_gold_mark(store: Store, project_id: str, *, by: str) -> Row | None:
    """This person's newest mark that is not undone, on a record that is still here."""
    return store.read_one(
        "SELECT * FROM gold_marks g SEMI JOIN records r ON r.id = g.record_id WHERE project_id = ? AND marked_by = ? AND mark <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM gold_marks u WHERE u.undoes = g.id) ORDER BY seq DESC LIMIT 1",
        [project_id, by],
    )


def is_gold(store: Store, record_id: str) -> bool:
    return bool(store.read("SELECT 1 AS one FROM current_gold WHERE record_id = ?", [record_id]))


def gold(store: Store | Transaction, project_id: str) -> list[Row]:
    """The gold subset, newest first; records that are gone are left out."""
    return store.read(
        "SELECT r.id, r.external_id, r.title, r.n_words, g.marked_by, g.marked_at FROM current_gold g "
        "JOIN records r ON r.id = g.record_id WHERE g.project_id = ? ORDER BY g.marked_at DESC, r.external_id",
        [project_id],
    )


def decision_counts(store: Store | Transaction, project_id: str) -> tuple[int, int]:
    """(kept or edited, rejected) records."""
    (row,) = store.read(
        f"SELECT count(*) FILTER (is_kept) AS kept, count(*) FILTER (NOT is_kept) AS rejected FROM ({JUDGED.format(project='?')})",
        [project_id],
    )
    return int(row["kept"]), int(row["rejected"])


def copy_for_scoring(tx: Transaction, project_id: str, folder: Path) -> None:
    """signals.parquet, flags.parquet (those that are switched on) and decisions.parquet of a project, into the folder."""
    # COPY takes no parameter for a text inside of it; ids are ours, and hold no quote.
    tables = {
        "signals": f"SELECT record_id, name, value FROM signals WHERE project_id = '{project_id}'",
        "flags": f"SELECT record_id, name, evidence FROM active_flags WHERE project_id = '{project_id}'",
        "decisions": JUDGED.format(project=f"'{project_id}'"),
    }
    for name, query in tables.items():
        file = str(folder / f"{name}.parquet").replace("'", "''")
        tx.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")


def replace_scores_from(
    tx: Transaction, project_id: str, file: Path, *, kind: str, n_decisions: int, facts: dict[str, Any]
) -> None:
    """Take over scores.parquet, and how they were made. Records that left meanwhile are left out."""
    tx.execute("DELETE FROM scores WHERE project_id = ?", [project_id])
    tx.execute(
        "INSERT INTO scores BY NAME SELECT m.* FROM read_parquet(?) m SEMI JOIN records r ON r.id = m.record_id",
        [str(file)],
    )
    note_score_model(tx, project_id, kind=kind, n_decisions=n_decisions, facts=facts)


def note_score_model(tx: Transaction, project_id: str, *, kind: str, n_decisions: int, facts: dict[str, Any]) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO score_models VALUES (?, ?, ?, ?, ?)", [project_id, kind, n_decisions, facts, tx.at]
    )


def score_model(store: Store | Transaction, project_id: str) -> Row | None:
    rows = store.read("SELECT kind, n_decisions, facts, made_at FROM score_models WHERE project_id = ?", [project_id])
    return rows[0] if rows else None


def is_scoring(store: Store, project_id: str) -> bool:
    """Whether a job that scores is under way, or its results are not in yet."""
    return bool(
        store.read(
            "SELECT 1 AS one FROM jobs WHERE project_id = ? AND kind = 'score' "
            "AND (state IN ('queued', 'running') OR (state = 'done' AND NOT is_collected))",
            [project_id],
        )
    )


def is_overtaken(tx: Transaction, job: Row) -> bool:
    """Whether records were measured, or another job asked to score them, after this job took its copy."""
    return bool(
        tx.read(
            "SELECT 1 AS one FROM jobs WHERE project_id = $1 AND kind = 'score' AND created_at > $2 AND state NOT IN ('failed', 'lost', 'cancelled') "
            "UNION ALL SELECT 1 FROM curations WHERE project_id = $1 AND finished_at > $2",
            [job["project_id"], job["created_at"]],
        )
    )

"""SQL of what the curation job measured: vectors, pairs, clusters, signals, flags, scores."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction, utc_now
from core.store.records import forget_measures

MEASURED = ("pairs", "signals", "flags", "scores", "neighbours")


def copy_vectors_to(tx: Transaction, project_id: str, encoder: str, file: Path) -> None:
    """Vectors that are still true, so that the job embeds only what is new."""
    tx.execute(
        f"COPY (SELECT record_id, text_sha256, vector FROM vectors WHERE project_id = '{project_id}' AND encoder = ?) "
        f"TO '{str(file).replace(chr(39), chr(39) * 2)}' (FORMAT parquet)",
        [encoder],
    )


def replace_measures_from(tx: Transaction, project_id: str, folder: Path, *, measured: Path) -> None:
    """Take over vectors.parquet and one Parquet per table of MEASURED; what was measured before goes.

    measured: the records as the job read them. Those that left while it ran, or got another text, are left out.
    """
    for table in (*MEASURED, "vectors"):
        tx.execute(f"DELETE FROM {table} WHERE project_id = ?", [project_id])
    for table in ("signals", "flags", "scores", "vectors", "neighbours"):
        tx.execute(
            f"INSERT INTO {table} BY NAME SELECT m.* FROM read_parquet(?) m SEMI JOIN records r ON r.id = m.record_id",
            [str(folder / f"{table}.parquet")],
        )
    tx.execute(
        "INSERT INTO pairs BY NAME SELECT m.* FROM read_parquet(?) m SEMI JOIN records r ON r.id = m.a SEMI JOIN records q ON q.id = m.b",
        [str(folder / "pairs.parquet")],
    )
    changed = tx.read(
        "SELECT r.id FROM records r JOIN read_parquet(?) m ON m.id = r.id WHERE m.text_sha256 <> r.text_sha256",
        [str(measured)],
    )
    forget_measures(tx, [row["id"] for row in changed])


def note_curation(
    tx: Transaction, project_id: str, *, job_id: str, fingerprint: str, encoder: str, n_records: int
) -> None:
    tx.execute("DELETE FROM curations WHERE project_id = ?", [project_id])
    tx.execute(
        "INSERT INTO curations VALUES (?, ?, ?, ?, ?, ?)",
        [project_id, job_id, fingerprint, encoder, n_records, utc_now()],
    )


def curation(store: Store, project_id: str) -> Row | None:
    return store.read_one("SELECT * FROM curations WHERE project_id = ?", [project_id])


def flags_of(store: Store, record_id: str) -> list[Row]:
    return store.read(
        "SELECT name, is_defect, evidence, start_char, end_char, value, limit_value FROM active_flags WHERE record_id = ? "
        "ORDER BY is_defect DESC, name",
        [record_id],
    )


def signals_of(store: Store, record_id: str) -> dict[str, float]:
    return {
        row["name"]: row["value"]
        for row in store.read("SELECT name, value FROM signals WHERE record_id = ?", [record_id])
    }


def flag_counts(store: Store, project_id: str) -> dict[str, int]:
    rows = store.read(
        "SELECT name, count(DISTINCT record_id) AS n FROM active_flags WHERE project_id = ? GROUP BY name ORDER BY n DESC, name",
        [project_id],
    )
    return {row["name"]: row["n"] for row in rows}


def all_flag_counts(store: Store, project_id: str) -> dict[str, int]:
    """As `flag_counts`, of the flags that are switched off too."""
    rows = store.read(
        "SELECT name, count(DISTINCT record_id) AS n FROM flags WHERE project_id = ? GROUP BY name", [project_id]
    )
    return {row["name"]: row["n"] for row in rows}


def flagged_counts(store: Store, project_id: str) -> tuple[int, int]:
    """(records with a defect, records with a notice); a record may be in both."""
    row = store.read_one(
        "SELECT count(DISTINCT record_id) FILTER (is_defect) AS defects, count(DISTINCT record_id) FILTER (NOT is_defect) AS notices "
        "FROM active_flags WHERE project_id = ?",
        [project_id],
    )
    return (int(row["defects"]), int(row["notices"])) if row else (0, 0)


def flagged_count(store: Store, project_id: str) -> int:
    row = store.read_one("SELECT count(DISTINCT record_id) AS n FROM active_flags WHERE project_id = ?", [project_id])
    return int(row["n"]) if row else 0


def neighbours_of(store: Store, record_id: str, *, limit: int = 2) -> list[Row]:
    return store.read(
        "SELECT n.neighbour_id AS id, r.external_id, r.title, left(r.text, 220) AS opening, n.cosine FROM neighbours n "
        "JOIN records r ON r.id = n.neighbour_id WHERE n.record_id = ? ORDER BY n.place LIMIT ?",
        [record_id, limit],
    )


def score_histogram(store: Store, project_id: str) -> list[Row]:
    return store.read(
        "SELECT floor(least(score, 0.9999) * 20) / 20 AS low, count(*) AS n FROM scores WHERE project_id = ? GROUP BY 1 ORDER BY 1",
        [project_id],
    )

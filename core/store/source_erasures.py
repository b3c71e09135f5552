"""SQL of the erasure of a source: which are due, what it holds, and the rows beside its records that quote its files."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from core.store import every_text
from core.store.connection import Row, Store, Transaction

# Kept whole, or taken out row by row: their JSON is not looked into for numbers of records.
NOT_LOOKED_INTO = frozenset(
    {"records", "earlier_texts", "versions", "erasures", "source_files", *every_text.EXEMPT_TABLES}
)
SEND_AGAIN = (
    "The same bytes were imported before, with a source that was erased since. Send the file again to import it."
)
# Of a source, also those that had been taken out before.
RECORD_IDS = (
    "SELECT id FROM records WHERE source_id = $1 UNION SELECT record_id FROM removed_records WHERE source_id = $1"
)


def due(store: Store, today: date) -> list[Row]:
    """Sources whose day has passed and that are to be erased then, the longest past first; what was taken out is not erased yet."""
    return store.read(
        "SELECT * FROM sources WHERE at_end = 'erase' AND expires_on < ? AND erasure_id IS NULL ORDER BY expires_on, created_at, id",
        [today],
    )


def ending(store: Store, project_id: str, last_day: date) -> list[Row]:
    """Sources of a project that are to be erased when they end, and end by this day; the first first, each with how many records it has."""
    return store.read(
        "SELECT s.*, (SELECT count(*) FROM records r WHERE r.source_id = s.id) AS n_records FROM sources s "
        "WHERE s.project_id = ? AND s.at_end = 'erase' AND s.expires_on <= ? AND s.erasure_id IS NULL ORDER BY s.expires_on, s.created_at, s.id",
        [project_id, last_day],
    )


def erased(store: Store, project_id: str) -> list[Row]:
    """Sources of a project that were erased, the last first, each with when that was done and ended."""
    return store.read(
        "SELECT s.*, e.started_at AS erased_at, e.ended_at AS certified_at FROM sources s JOIN erasures e ON e.id = s.erasure_id "
        "WHERE s.project_id = ? ORDER BY e.seq DESC",
        [project_id],
    )


def source_row(tx: Transaction, source_id: str) -> Row:
    (row,) = tx.read("SELECT * FROM sources WHERE id = ?", [source_id])
    return row


def record_ids_of(store: Store | Transaction, source_id: str) -> list[str]:
    """Of its records, those that went when it or a newer export was taken back among them."""
    return [row["id"] for row in store.read(f"{RECORD_IDS} ORDER BY 1", [source_id])]


def uploads_of_source(store: Store | Transaction, source_id: str) -> set[str]:
    """Hashes of every file that came in with it, also of those that were refused."""
    return {
        row["sha256"] for row in store.read("SELECT DISTINCT sha256 FROM source_files WHERE source_id = ?", [source_id])
    }


def living_uses(store: Store | Transaction, hashes: Collection[str], *, but: str) -> dict[str, list[str]]:
    """Of these uploads those that stay for other sources, or as a consent or contract of any, with the names of the other sources."""
    rows = store.read(
        "SELECT sha256, coalesce(list(DISTINCT name ORDER BY name) FILTER (id <> $2), []) AS names FROM ("
        "SELECT f.sha256, s.id, s.name FROM source_files f JOIN sources s ON s.id = f.source_id LEFT JOIN source_updates u ON u.id = f.update_id "
        "WHERE f.status = 'imported' AND s.undone_at IS NULL AND u.undone_at IS NULL AND s.id <> $2 "
        "UNION SELECT d.sha256, s.id, s.name FROM source_documents d JOIN sources s ON s.id = d.source_id) "
        "WHERE sha256 IN (SELECT unnest($1::TEXT[])) GROUP BY sha256 ORDER BY sha256",
        [list(hashes), but],
    )
    return {row["sha256"]: row["names"] for row in rows}


def what_it_holds(store: Store, source_id: str) -> Row:
    """n_records, n_removed (taken out before), n_refused_rows, and the names of the versions that hold examples of it, of the models that learnt these,
    and of the other projects that such a version is of.
    """
    (row,) = store.read(
        "WITH held AS (SELECT e.version_id, bool_or(e.split = 'train') AS is_learnt FROM version_examples e "
        f"WHERE e.record_id IN ({RECORD_IDS}) GROUP BY e.version_id) "
        "SELECT (SELECT count(*) FROM records WHERE source_id = $1) AS n_records, "
        "(SELECT count(*) FROM removed_records m ANTI JOIN records r ON r.id = m.record_id WHERE m.source_id = $1) AS n_removed, "
        "(SELECT count(*) FROM rejected_rows WHERE source_id = $1) AS n_refused_rows, "
        "coalesce((SELECT list(v.name ORDER BY v.name) FROM versions v JOIN held h ON h.version_id = v.id), []) AS versions, "
        "coalesce((SELECT list(n.name ORDER BY n.name) FROM runs n JOIN held h ON h.version_id = n.version_id "
        "WHERE h.is_learnt AND n.adapter IS NOT NULL), []) AS models, "
        "coalesce((SELECT list(DISTINCT p.name ORDER BY p.name) FROM versions v JOIN held h ON h.version_id = v.id JOIN projects p ON p.id = v.project_id "
        "WHERE p.id <> (SELECT project_id FROM sources WHERE id = $1)), []) AS projects",
        [source_id],
    )
    return row


def taken_out(store: Store, project_id: str) -> list[Row]:
    """Sources of a project that were taken out and are not erased, the last first."""
    return store.read(
        "SELECT * FROM sources WHERE project_id = ? AND undone_at IS NOT NULL AND erasure_id IS NULL ORDER BY undone_at DESC, id",
        [project_id],
    )


def erase_what_came_in(tx: Transaction, source_id: str) -> dict[str, int]:
    """Take out refused rows with their values, and what tells of files but their count and hash. Returns how many rows of each table."""
    # Another source that was sent the same file says of it where that came in before; first, while the names are known.
    quoting = tx.execute(
        "SELECT DISTINCT f.id FROM source_files f JOIN source_files o ON o.sha256 = f.sha256 JOIN sources s ON s.id = o.source_id "
        "WHERE o.source_id = $1 AND f.source_id <> $1 AND f.status = 'refused' AND contains(f.reason, o.path || ' of the source ' || s.name)",
        [source_id],
    )
    tx.execute(
        f"UPDATE source_files SET reason = '{SEND_AGAIN}' WHERE id IN (SELECT unnest(?::TEXT[]))",
        [[row["id"] for row in quoting]],
    )
    refused = tx.execute("DELETE FROM rejected_rows WHERE source_id = ? RETURNING 1 AS one", [source_id])
    files = tx.execute(
        f"UPDATE source_files SET path = '{every_text.ERASED}', reason = CASE WHEN reason = '' THEN '' ELSE '{every_text.ERASED}' END, mapping = NULL, notes = NULL "
        "WHERE source_id = ? RETURNING 1 AS one",
        [source_id],
    )
    reasons = tx.execute(
        f"UPDATE jobs SET reason = '{every_text.ERASED}' WHERE facts->>'$.source' = ? AND reason <> '' RETURNING 1 AS one",
        [source_id],
    )
    return {"rejected_rows": len(refused), "source_files": len(files) + len(quoting), "jobs": len(reasons)}


def values_of_them_alone(tx: Transaction, record_ids: Collection[str]) -> set[str]:
    """Hashes of the values of personal data that stand in these records and in no other."""
    rows = tx.execute(
        "SELECT p.value_sha256 FROM personal_spans p LEFT JOIN (SELECT unnest(?::TEXT[]) AS id) g ON g.id = p.record_id "
        "GROUP BY p.value_sha256 HAVING bool_and(g.id IS NOT NULL)",
        [list(record_ids)],
    )
    return {row["value_sha256"] for row in rows}


def mark_erased(tx: Transaction, source_id: str, erasure_id: str, *, by: str) -> None:
    """The row stays, with its terms and its consent; everywhere else it counts as taken out."""
    tx.execute(
        "UPDATE sources SET undone_by = CASE WHEN undone_at IS NULL THEN $2 ELSE undone_by END, undone_at = coalesce(undone_at, $1), erasure_id = $3 "
        "WHERE id = $4",
        [tx.at, by, erasure_id, source_id],
    )
    tx.execute("UPDATE erasures SET source_id = ? WHERE id = ?", [source_id, erasure_id])


def json_tables(tx: Transaction) -> list[every_text.TextTable]:
    """Tables with JSON that may tell of records beside those whose rows name one and go with it."""
    return [
        table
        for table in every_text.text_tables(tx.execute)
        if table.name not in NOT_LOOKED_INTO
        and not any(one.name in every_text.RECORD_COLUMNS for one in table.columns)
        and json_columns(table)
    ]


def json_columns(table: every_text.TextTable) -> list[every_text.Column]:
    return [one for one in table.columns if one.type == "JSON"]


def forget_source_of_pairs(tx: Transaction, source_id: str) -> None:
    """A run that went on with pairs from its records learnt them, which its mark says; the source itself binds it no more."""
    for run in tx.execute("SELECT id, continues FROM runs WHERE continues IS NOT NULL"):
        told: dict[str, Any] = run["continues"]
        if source_id in told.get("sources", []):
            told = told | {"sources": [one for one in told["sources"] if one != source_id]}
            tx.execute("UPDATE runs SET continues = ? WHERE id = ?", [told, run["id"]])


def runs_of_versions(store: Store, erasure_id: str) -> list[Row]:
    """Every run on a version that an erasure rewrote."""
    return store.read(
        "SELECT r.id, r.project_id FROM runs r JOIN erased_versions e ON e.version_id = r.version_id WHERE e.erasure_id = ? ORDER BY r.id",
        [erasure_id],
    )


def settled_jobs(store: Store, project_ids: Collection[str]) -> list[str]:
    """Ids of the jobs of some projects whose results are in the database, or that have none."""
    rows = store.read(
        "SELECT id FROM jobs WHERE project_id IN (SELECT unnest(?::TEXT[])) AND state NOT IN ('queued', 'running') "
        "AND NOT (state = 'done' AND NOT is_collected) ORDER BY id",
        [sorted(project_ids)],
    )
    return [row["id"] for row in rows]


def drafts_near(tx: Transaction, record_ids: Collection[str]) -> list[str]:
    """Drafts that models wrote on a brief that was taken from one of these records, or with a passage of one before them."""
    rows = tx.read(
        "WITH gone AS (SELECT unnest(?::TEXT[]) AS id) SELECT d.id FROM drafts d WHERE d.system <> 'human' AND ("
        "d.brief_id IN (SELECT b.id FROM briefs b JOIN gone g ON g.id = b.record_id) OR "
        "d.id IN (SELECT t.draft_id FROM draft_facts t JOIN facts f ON f.id = t.fact_id JOIN gone g ON g.id = f.record_id)) ORDER BY d.id",
        [list(record_ids)],
    )
    return [row["id"] for row in rows]


def what_models_wrote(store: Store, run_ids: Collection[str], draft_ids: Collection[str]) -> Row:
    """n_learnt: drafts that these runs wrote with what they had learnt, or had before them as examples; n_near: of these drafts the others.

    n_signed: how often reviewers signed one of either off. n_records: records that were made of such texts.
    """
    (row,) = store.read(
        "WITH kept AS (SELECT id, system IN ('tuned', 'tuned_facts', 'base_fewshot') AND run_id IN (SELECT unnest($1::TEXT[])) AS is_learnt "
        "FROM drafts WHERE is_learnt OR id IN (SELECT unnest($2::TEXT[]))) "
        "SELECT (SELECT count(*) FROM kept WHERE is_learnt) AS n_learnt, (SELECT count(*) FROM kept WHERE NOT is_learnt) AS n_near, "
        "(SELECT count(*) FROM current_reviews v JOIN kept k ON k.id = v.draft_id WHERE v.decision = 'sign_off') AS n_signed, "
        "(SELECT count(*) FROM records r JOIN sources s ON s.id = r.source_id JOIN kept k ON k.id = r.meta->>'$.review.draft' "
        "WHERE s.kind = 'reviews') AS n_records",
        [list(run_ids), list(draft_ids)],
    )
    return row


def n_documents_of(store: Store, source_id: str) -> int:
    (row,) = store.read("SELECT count(*) AS n FROM source_documents WHERE source_id = ?", [source_id])
    return int(row["n"])

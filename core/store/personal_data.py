"""SQL of personal data: what was found in which text, what was decided on it, and what a version takes along."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Snapshot, Store, Transaction, utc_now
from core.store.records import quoted_path

# Of records that nobody rejected: a rejected one goes into no version.
_OF_PROJECT = "s.project_id = $project AND EXISTS (SELECT 1 FROM record_states k WHERE k.record_id = s.record_id AND k.status <> 'rejected')"


def copy_unsearched_to(tx: Transaction, project_id: str, file: Path) -> None:
    """Write id, text and its hash of every record whose text, as it reads now, was not looked through."""
    tx.execute(
        "COPY (SELECT t.record_id AS id, t.text, t.text_sha256 FROM personal_texts t WHERE t.project_id = ? AND NOT EXISTS "
        "(SELECT 1 FROM personal_searches p WHERE p.record_id = t.record_id AND p.text_sha256 = t.text_sha256)"
        f") TO '{quoted_path(file)}' (FORMAT parquet)",
        [project_id],
    )


def insert_found_from(tx: Transaction, project_id: str, folder: Path) -> None:
    """Take over spans.parquet and searched.parquet, of records that are still there; what was found in their earlier texts goes."""
    searched = str(folder / "searched.parquet")
    for table in ("personal_spans", "personal_searches"):
        tx.execute(
            f"DELETE FROM {table} WHERE project_id = ? AND record_id IN (SELECT record_id FROM read_parquet(?))",
            [project_id, searched],
        )
    there = "record_id IN (SELECT id FROM records WHERE project_id = ?)"
    tx.execute(
        f"INSERT INTO personal_searches SELECT ?, record_id, text_sha256, ? FROM read_parquet(?) WHERE {there}",
        [project_id, tx.at, searched, project_id],
    )
    tx.execute(
        "INSERT INTO personal_spans SELECT ?, record_id, text_sha256, start_char, end_char, type, value, sha256(lower(value)), score, found_by "
        f"FROM read_parquet(?) WHERE {there}",
        [project_id, str(folder / "spans.parquet"), project_id],
    )


def was_searched(store: Store | Snapshot, project_id: str) -> bool:
    return bool(store.read("SELECT 1 AS one FROM personal_searches WHERE project_id = ? LIMIT 1", [project_id]))


def search_state(store: Store, project_id: str) -> Row:
    """n_records that nobody rejected, and n_searched of them as they read now."""
    (row,) = store.read(
        "SELECT count(*) AS n_records, count(p.record_id) AS n_searched "
        "FROM personal_texts t JOIN record_states k ON k.record_id = t.record_id AND k.status <> 'rejected' "
        "LEFT JOIN personal_searches p ON p.record_id = t.record_id AND p.text_sha256 = t.text_sha256 WHERE t.project_id = $project",
        {"project": project_id},
    )
    return row


def kind_counts(store: Store, project_id: str) -> list[Row]:
    """Of each type: n_spans, n_records, n_values, and how many spans are kept, masked, replaced and undecided."""
    return store.read(
        "SELECT type, count(*) AS n_spans, count(DISTINCT record_id) AS n_records, count(DISTINCT value_sha256) AS n_values, "
        "count(*) FILTER (choice = 'keep') AS n_keep, count(*) FILTER (choice = 'mask') AS n_mask, "
        "count(*) FILTER (choice = 'replace') AS n_replace, count(*) FILTER (choice IS NULL) AS n_undecided "
        f"FROM personal_states s WHERE {_OF_PROJECT} GROUP BY type ORDER BY n_undecided DESC, n_spans DESC, type",
        {"project": project_id},
    )


def value_counts(store: Store, project_id: str, kind: str, *, limit: int) -> list[Row]:
    """The commonest values of a type, each as it is mostly written, with its hash, its spans and records, and n_undecided."""
    return store.read(
        "SELECT mode(value) AS value, value_sha256, count(*) AS n_spans, count(DISTINCT record_id) AS n_records, "
        "count(*) FILTER (choice IS NULL) AS n_undecided, mode(choice) AS choice "
        f"FROM personal_states s WHERE {_OF_PROJECT} AND type = $kind GROUP BY value_sha256 "
        "ORDER BY n_spans DESC, value LIMIT $limit",
        {"project": project_id, "kind": kind, "limit": limit},
    )


def value_hashes(store: Store, project_id: str, kind: str, beginning: str) -> list[str]:
    """The hashes of a type's values that begin so."""
    rows = store.read(
        "SELECT DISTINCT value_sha256 FROM personal_spans WHERE project_id = ? AND type = ? AND starts_with(value_sha256, ?)",
        [project_id, kind, beginning],
    )
    return [row["value_sha256"] for row in rows]


def spans(
    store: Store, project_id: str, *, kind: str, value_sha256: str, only_undecided: bool, limit: int, offset: int
) -> list[Row]:
    """Spans in the order in which their records came in, with the record's text. kind, value_sha256: empty for any."""
    return store.read(
        "SELECT s.record_id, r.external_id, coalesce(nullif(d.edited_title, ''), r.title) AS title, t.text, s.text_sha256, s.start_char, "
        "s.end_char, s.type, s.value, s.value_sha256, s.score, s.found_by, s.choice FROM personal_states s "
        "JOIN personal_texts t ON t.record_id = s.record_id JOIN records r ON r.id = s.record_id "
        f"LEFT JOIN current_decisions d ON d.record_id = s.record_id WHERE {_OF_PROJECT} "
        "AND ($kind = '' OR s.type = $kind) AND ($value = '' OR s.value_sha256 = $value) AND (NOT $only OR s.choice IS NULL) "
        "ORDER BY r.created_at, r.source_id, r.file_id, r.row_number, s.start_char LIMIT $limit OFFSET $offset",
        {"project": project_id, "kind": kind, "value": value_sha256, "only": only_undecided, "limit": limit, "offset": offset},
    )  # fmt: skip


def spans_of(store: Store, project_id: str, record_id: str) -> list[Row]:
    """The spans of one record's text as it reads now, in order."""
    return store.read(
        "SELECT start_char, end_char, type, value, value_sha256, score, found_by, choice, text_sha256 FROM personal_states "
        "WHERE project_id = ? AND record_id = ? ORDER BY start_char",
        [project_id, record_id],
    )


def insert_decision(
    tx: Transaction,
    decision_id: str,
    *,
    project_id: str,
    scope: str,
    choice: str,
    by: str,
    kind: str = "",
    value_sha256: str = "",
    record_id: str = "",
    text_sha256: str = "",
    start_char: int = 0,
    undoes: str | None = None,
) -> None:
    tx.execute(
        "INSERT INTO personal_decisions (id, project_id, scope, type, value_sha256, record_id, text_sha256, start_char, choice, undoes, "
        "decided_by, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [decision_id, project_id, scope, kind, value_sha256, record_id, text_sha256, start_char, choice, undoes, by, utc_now()],
    )  # fmt: skip


def last_decision(tx: Transaction, project_id: str, by: str) -> Row | None:
    """The person's newest decision that was not taken back."""
    rows = tx.read(
        "SELECT * FROM personal_decisions d WHERE project_id = ? AND decided_by = ? AND choice <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM personal_decisions u WHERE u.undoes = d.id) ORDER BY seq DESC LIMIT 1",
        [project_id, by],
    )
    return rows[0] if rows else None


def choice_for_undecided(store: Store | Snapshot, project_id: str) -> str | None:
    rows = store.read(
        "SELECT choice FROM current_personal_decisions WHERE project_id = ? AND scope = 'undecided'", [project_id]
    )
    return rows[0]["choice"] if rows else None


def copy_decided_to(snapshot: Snapshot, project_id: str, folder: Path) -> None:
    """Write personal.parquet, the spans of every text as it reads now with what was decided, and searched.parquet, the records looked through."""
    snapshot.read(
        "COPY (SELECT record_id, start_char, end_char, type, value, choice FROM personal_states WHERE project_id = ? ORDER BY record_id, start_char"
        f") TO '{quoted_path(folder / 'personal.parquet')}' (FORMAT parquet)",
        [project_id],
    )
    snapshot.read(
        "COPY (SELECT t.record_id FROM personal_texts t JOIN personal_searches p ON p.record_id = t.record_id "
        "AND p.text_sha256 = t.text_sha256 WHERE t.project_id = ?"
        f") TO '{quoted_path(folder / 'searched.parquet')}' (FORMAT parquet)",
        [project_id],
    )


def replaced_values(store: Store | Snapshot, project_id: str) -> list[Row]:
    """Every different value that is to be replaced, with its type."""
    return store.read(
        "SELECT DISTINCT type, value FROM personal_states WHERE project_id = ? AND choice = 'replace' ORDER BY type, value",
        [project_id],
    )


def sample(store: Store, project_id: str, n: int) -> list[Row]:
    """The first n records, in an order that says nothing of them, of those that were looked through as they read now and nobody rejected.

    With id, external_id, title, text, text_sha256 and is_read: whether the text has a reading.
    """
    return store.read(
        "SELECT t.record_id AS id, r.external_id, coalesce(nullif(d.edited_title, ''), r.title) AS title, t.text, t.text_sha256, "
        "EXISTS (SELECT 1 FROM personal_readings g WHERE g.record_id = t.record_id AND g.text_sha256 = t.text_sha256) AS is_read "
        "FROM personal_texts t JOIN personal_searches p ON p.record_id = t.record_id AND p.text_sha256 = t.text_sha256 "
        "JOIN record_states k ON k.record_id = t.record_id AND k.status <> 'rejected' JOIN records r ON r.id = t.record_id "
        "LEFT JOIN current_decisions d ON d.record_id = t.record_id WHERE t.project_id = ? ORDER BY sha256('sample:' || t.record_id) LIMIT ?",
        [project_id, n],
    )


def insert_reading(
    tx: Transaction, reading_id: str, *, project_id: str, record_id: str, text_sha256: str, marks: list[Row], by: str
) -> None:
    tx.execute(
        "INSERT INTO personal_readings (id, project_id, record_id, text_sha256, marks, read_by, read_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [reading_id, project_id, record_id, text_sha256, {"marks": marks}, by, utc_now()],
    )


def readings(store: Store, project_id: str) -> list[Row]:
    """Of each sampled text that still reads so the newest reading: record_id and marks."""
    rows = store.read(
        "SELECT g.record_id, g.marks FROM personal_readings g JOIN personal_texts t ON t.record_id = g.record_id "
        "AND t.text_sha256 = g.text_sha256 WHERE g.project_id = ? QUALIFY row_number() OVER (PARTITION BY g.record_id ORDER BY g.seq DESC) = 1",
        [project_id],
    )
    return [row | {"marks": row["marks"]["marks"]} for row in rows]

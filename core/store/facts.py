"""SQL of facts that go stale: where they stand in what records teach, and how they are counted."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction
from core.store.records import quoted_path

IS_TEXT_NOW = "m.text_sha256 = CASE WHEN d.edited_text IS NULL THEN r.text_sha256 ELSE sha256(d.edited_text) END"


def copy_edited_to(tx: Transaction, project_id: str, file: Path) -> None:
    """Write the records that a person edited, as they read now."""
    tx.execute(
        f"COPY (SELECT r.id, r.external_id, r.kind, d.edited_title AS title, d.edited_content::TEXT AS content "
        "FROM records r JOIN current_decisions d ON d.record_id = r.id WHERE r.project_id = ? AND d.edited_content IS NOT NULL"
        f") TO '{quoted_path(file)}' (FORMAT parquet)",
        [project_id],
    )  # fmt: skip


def replace_spans_from(tx: Transaction, project_id: str, file: Path) -> None:
    """Take over what was found, a row a record: its id, the hash of its text, and the spans in it.

    A record that left meanwhile, or whose text changed, keeps what was found in the text that it has now.
    """
    tx.execute(
        f"CREATE OR REPLACE TEMP TABLE found_facts AS SELECT m.*, r.text_version FROM read_parquet(?) m JOIN records r ON r.id = m.record_id "
        f"LEFT JOIN current_decisions d ON d.record_id = r.id WHERE r.project_id = ? AND {IS_TEXT_NOW}",
        [str(file), project_id],
    )  # fmt: skip
    tx.execute("DELETE FROM fact_spans WHERE record_id IN (SELECT record_id FROM found_facts)")
    tx.execute(
        "INSERT INTO fact_spans SELECT ?, record_id, text_version, s.kind, s.start_char, s.end_char, s.value "
        "FROM (SELECT record_id, text_version, unnest(spans) AS s FROM found_facts)",
        [project_id],
    )
    tx.execute("DROP TABLE found_facts")


def texts_now(tx: Transaction, record_ids: list[str]) -> list[Row]:
    """id, project, kind, title and content of these records, edits included."""
    return tx.read(
        "SELECT r.id, r.project_id, r.text_version, r.kind, coalesce(d.edited_title, r.title) AS title, "
        "coalesce(d.edited_content, r.content) AS content "
        "FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id WHERE r.id IN (SELECT unnest(?))",
        [record_ids],
    )


def replace_spans_of(tx: Transaction, record: Row, spans: list[Row]) -> None:
    """What was found in one record. record: as `texts_now` gives it."""
    tx.execute("DELETE FROM fact_spans WHERE record_id = ?", [record["id"]])
    if spans:
        columns = [[span[name] for span in spans] for name in ("kind", "start_char", "end_char", "value")]
        tx.execute(
            "INSERT INTO fact_spans SELECT $1, $2, $3, unnest($4), unnest($5), unnest($6), unnest($7)",
            [record["project_id"], record["id"], record["text_version"], *columns],
        )


def kind_counts(store: Store, project_id: str) -> list[Row]:
    """kind, n_records, n_spans and n_values (different ones, in whatever case) of each kind that was found."""
    return store.read(
        "SELECT kind, count(DISTINCT record_id) AS n_records, count(*) AS n_spans, count(DISTINCT lower(value)) AS n_values "
        "FROM fact_spans WHERE project_id = ? GROUP BY kind ORDER BY n_records DESC, kind",
        [project_id],
    )


def commonest_values(store: Store, project_id: str, *, limit: int) -> list[Row]:
    """Of each kind the values that stand in most records, each as it is mostly written."""
    return store.read(
        "SELECT kind, mode(value) AS value, count(DISTINCT record_id) AS n_records, count(*) AS n_spans FROM fact_spans "
        "WHERE project_id = ? GROUP BY kind, lower(value) "
        "QUALIFY row_number() OVER (PARTITION BY kind ORDER BY count(DISTINCT record_id) DESC, count(*) DESC, lower(value)) <= ? "
        "ORDER BY kind, n_records DESC, n_spans DESC, value",
        [project_id, limit],
    )


def records_with(store: Store, project_id: str, kind: str, value: str, *, limit: int, offset: int) -> list[str]:
    """Ids of records with a fact of this kind, in the order in which they came in. value: only with this one; any where empty."""
    rows = store.read(
        "SELECT r.id FROM records r WHERE r.project_id = $project AND r.id IN (SELECT record_id FROM fact_spans "
        "WHERE project_id = $project AND kind = $kind AND ($value = '' OR lower(value) = lower($value))) "
        "ORDER BY r.created_at, r.source_id, r.file_id, r.row_number LIMIT $limit OFFSET $offset",
        {"project": project_id, "kind": kind, "value": value, "limit": limit, "offset": offset},
    )
    return [row["id"] for row in rows]


def spans_of(store: Store, record_id: str) -> list[Row]:
    return store.read(
        "SELECT kind, start_char, end_char, value FROM fact_spans WHERE record_id = ? ORDER BY start_char", [record_id]
    )


def teaching_counts(store: Store, project_id: str, quiet_kinds: list[str], *, words_a_fact: int) -> Row:
    """Records that nobody rejected: n, and n_measured; of these n_with_fact, n_dense, n_good, and n_behaviour, good but not dense.

    quiet_kinds: kinds of fact that do not count. dense: more facts than one in so many words. good: kept, edited, or without a defect.
    """
    (row,) = store.read(
        """
        WITH one AS (
            SELECT coalesce(f.n, 0) AS n_facts, s.n_taught_words AS n_words, s.score IS NOT NULL AS is_measured,
                   s.status IN ('kept', 'edited') OR (s.status = 'undecided' AND NOT s.has_defect) AS is_good
            FROM record_states s
            LEFT JOIN (SELECT record_id, count(*) AS n FROM fact_spans WHERE project_id = $project
                       AND NOT list_contains($quiet, kind) GROUP BY record_id) f ON f.record_id = s.record_id
            WHERE s.project_id = $project AND s.status <> 'rejected')
        SELECT count(*) AS n, count(*) FILTER (is_measured) AS n_measured,
               count(*) FILTER (is_measured AND n_facts > 0) AS n_with_fact,
               count(*) FILTER (is_measured AND n_facts * $words > n_words) AS n_dense,
               count(*) FILTER (is_measured AND is_good) AS n_good,
               count(*) FILTER (is_measured AND is_good AND n_facts * $words <= n_words) AS n_behaviour
        FROM one
        """,
        {"project": project_id, "quiet": quiet_kinds, "words": words_a_fact},
    )
    return row


def value_turnover(store: Store, project_id: str, quiet_kinds: list[str]) -> list[Row]:
    """By kind, of the records with a date: spans, months, values stated in the months after the first, and how many of them were new.

    A value counts once a month; it is new in the first month that states it.
    """
    return store.read(
        """
        WITH stated AS (
            SELECT s.kind, lower(s.value) AS value, left(r.written_at, 7) AS month, count(*) AS n
            FROM fact_spans s JOIN records r ON r.id = s.record_id
            WHERE s.project_id = $project AND regexp_matches(r.written_at, '^\\d{4}-\\d{2}') AND NOT list_contains($quiet, s.kind)
            GROUP BY ALL),
        placed AS (
            SELECT *, min(month) OVER (PARTITION BY kind, value) AS first_stated, min(month) OVER (PARTITION BY kind) AS first_month
            FROM stated)
        SELECT kind, sum(n)::BIGINT AS n_spans, count(DISTINCT month) AS n_months, count(DISTINCT value) AS n_values,
               count(*) FILTER (month > first_month) AS n_later, count(*) FILTER (month > first_month AND month = first_stated) AS n_new
        FROM placed GROUP BY kind ORDER BY n_spans DESC, kind
        """,
        {"project": project_id, "quiet": quiet_kinds},
    )

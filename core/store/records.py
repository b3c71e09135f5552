"""SQL of records: what came in, what the current decision makes of it, and filtered listings."""

from __future__ import annotations

from pathlib import Path

from core.errors import Conflict
from core.nouns import LEAST_GOLD
from core.records.text import text_sha256
from core.store.connection import Row, Store, Transaction
from core.store.record_filter import ORDERS, Listing, RecordFilter

__all__ = ["ORDERS", "RecordFilter"]


# Records as the import job wrote them, with what they get when they join the database. The id follows from what was
# imported, so that taking the same Parquet over twice adds nothing.
JOINING = """SELECT 'r_' || left(sha256(concat_ws(chr(0), {file_id}, p.row_number::TEXT, p.external_id)), 16) AS id,
    $2 AS project_id, $3 AS source_id, {file_id} AS file_id, p.row_number, p.external_id, p.kind, p.title, p.text,
    p.content, p.meta, p.customer, p.written_at, p.text_sha256, p.n_words, $5 AS created_at FROM read_parquet($1) p"""


def insert_records_from(
    tx: Transaction, file: Path, *, project_id: str, source_id: str, file_id: str | None = None
) -> None:
    """Take a Parquet of records over; rows that are in already are left as they stand.

    file_id: of the file that all of them come from, where the Parquet does not say it.
    """
    joining = JOINING.format(file_id="coalesce($4, p.file_id)" if file_id is None else "$4")
    tx.execute(
        f"INSERT INTO records BY NAME SELECT n.* FROM ({joining}) n ANTI JOIN records r ON r.id = n.id",
        [str(file), project_id, source_id, file_id, tx.at],
    )


def record(store: Store, project_id: str, record_id: str) -> Row | None:
    """One record by our id or by its external id, with status and score; the newest where several share the latter.

    text_sha256: of the text as it now stands, edits included. Raises Conflict where several of one import share the id.
    """
    # By the key alone the engine finds it at once; with a second condition it looks at every record.
    found = store.read("SELECT id, project_id, created_at FROM records WHERE id = ?", [record_id])
    if not found or found[0]["project_id"] != project_id:
        found = store.read(
            "SELECT id, created_at FROM records WHERE project_id = ? AND external_id = ? ORDER BY created_at DESC LIMIT 2",
            [project_id, record_id],
        )
    if not found:
        return None
    if len(found) > 1 and found[0]["created_at"] == found[1]["created_at"]:
        raise Conflict(
            f"Several records of one import are called {record_id!r}.",
            remedy="Use their own ids, as `proofroom records` lists them.",
        )
    row = store.read_one(
        "SELECT r.*, t.status, d.edited_title, d.edited_content, d.edited_text, t.score, s.reasons, c.cluster, c.is_canonical "
        "FROM records r JOIN (SELECT record_id, status, score FROM record_states WHERE record_id = $1) t ON t.record_id = r.id LEFT JOIN (SELECT * FROM current_decisions WHERE record_id = $1) d ON true "
        "LEFT JOIN (SELECT * FROM scores WHERE record_id = $1) s ON true "
        "LEFT JOIN (SELECT * FROM cluster_members WHERE record_id = $1) c ON true WHERE r.id = $1",
        [found[0]["id"]],
    )
    if row is not None and row["edited_text"] is not None:
        # What is judged from now on is the text as a person left it.
        row["text_sha256"] = text_sha256(row["edited_text"])
    return row


def count_records(store: Store, project_id: str, where: RecordFilter) -> int:
    listing = Listing(project_id, where)
    return int(store.read("SELECT count(*) AS n " + listing.sql, listing.parameters)[0]["n"])


def list_records(
    store: Store, project_id: str, where: RecordFilter, *, order: str = "imported", limit: int = 50, offset: int = 0
) -> list[Row]:
    """A page of records with status, score, flags and tags. order: a key of ORDERS."""
    listing = Listing(project_id, where, order)
    # First the page's ids, then all about these few: the other way round everything is joined with everything.
    ids = [
        row["id"]
        for row in store.read(
            f"SELECT r.id {listing.sql} ORDER BY {listing.order} LIMIT {int(limit)} OFFSET {int(offset)}",
            listing.parameters,
        )
    ]
    return store.read(
        """
        WITH page AS (SELECT unnest($1) AS id, unnest(range(len($1))) AS place),
             flagged AS (SELECT record_id, list(DISTINCT name ORDER BY name) AS names FROM active_flags
                         WHERE record_id IN (SELECT id FROM page) GROUP BY record_id),
             tagged AS (SELECT record_id, list(tag ORDER BY tag) AS names FROM current_tags
                        WHERE record_id IN (SELECT id FROM page) GROUP BY record_id)
        SELECT r.id, r.external_id, r.title, r.kind, r.n_words, r.written_at, r.source_id, s.status, s.score,
               c.cluster, c.is_canonical, left(r.text, 160) AS opening,
               coalesce(f.names, []) AS flags, coalesce(t.names, []) AS tags
        FROM page p JOIN records r ON r.id = p.id JOIN record_states s ON s.record_id = p.id LEFT JOIN cluster_members c ON c.record_id = p.id
             LEFT JOIN flagged f ON f.record_id = p.id LEFT JOIN tagged t ON t.record_id = p.id
        ORDER BY p.place
        """,
        [ids],
    )


def record_ids(
    store: Store, project_id: str, where: RecordFilter, *, order: str = "imported", limit: int | None = None
) -> list[str]:
    listing = Listing(project_id, where, order)
    if limit is not None:
        sql = f"SELECT r.id {listing.sql} ORDER BY {listing.order} LIMIT {int(limit)}"
        return [row["id"] for row in store.read(sql, listing.parameters)]
    # As one list: a hundred thousand rows of one column take a third of a second to become dictionaries.
    row = store.read_one(f"SELECT list(r.id ORDER BY {listing.order}) AS ids {listing.sql}", listing.parameters)
    return list(row["ids"] or []) if row else []


def fingerprint(store: Store, project_id: str) -> str:
    """Changes whenever a record comes, goes or changes its text; edits are decisions and do not count.

    So does the gold subset, once it is large enough that records are compared with it.
    """
    row = store.read_one(
        "SELECT count(*) || ':' || coalesce(sum(hash(id || text_sha256)::HUGEINT), 0) || coalesce((SELECT ':' || "
        "sum(hash(record_id)::HUGEINT) FROM current_gold WHERE project_id = $1 HAVING count(*) >= $2), '') AS mark "
        "FROM records WHERE project_id = $1",
        [project_id, LEAST_GOLD],
    )
    return str(row["mark"]) if row else ""


def copy_to(tx: Transaction, project_id: str, file: Path, *, original: bool = False) -> None:
    """Write every record of a project with what curation and people said of it.

    The text is the current one, edits included, or as it was imported when `original`.
    """
    text = (
        "r.title, r.text, r.content::TEXT AS content"
        if original
        else "coalesce(d.edited_title, r.title) AS title, coalesce(d.edited_text, r.text) AS text, "
        "coalesce(d.edited_content, r.content)::TEXT AS content"
    )
    tx.execute(
        f"""
        COPY (
            SELECT r.id, r.external_id, r.kind, {text},
                   r.meta::TEXT AS meta, r.customer, r.source_id, r.written_at, r.text_sha256, s.status,
                   c.cluster, coalesce(c.is_canonical, true) AS is_canonical, s.score,
                   coalesce((SELECT list(DISTINCT f.name ORDER BY f.name) FROM active_flags f WHERE f.record_id = r.id AND f.is_defect), []) AS defects,
                   coalesce((SELECT list(t.tag ORDER BY t.tag) FROM current_tags t WHERE t.record_id = r.id), []) AS tags
            FROM records r JOIN record_states s ON s.record_id = r.id LEFT JOIN current_decisions d ON d.record_id = r.id
                 LEFT JOIN cluster_members c ON c.record_id = r.id
            WHERE r.project_id = '{project_id}' ORDER BY r.created_at, r.source_id, r.file_id, r.row_number
        ) TO '{quoted_path(file)}' (FORMAT parquet)
        """
    )


def titles(store: Store, ids: list[str]) -> dict[str, str]:
    """Title, else external id, by record id; records that are gone are left out."""
    rows = store.read("SELECT id, title, external_id FROM records WHERE id IN (SELECT unnest(?))", [ids])
    return {row["id"]: row["title"] or row["external_id"] for row in rows}


def delete_records_of(tx: Transaction, source_id: str) -> list[str]:
    """Take a source's records out, with their earlier texts and everything measured on them. Returns the ids that went."""
    gone = [row["id"] for row in tx.execute("DELETE FROM records WHERE source_id = ? RETURNING id", [source_id])]
    note_removed(tx, gone, source_id=source_id)
    for table in ("vectors", "difficulties", "earlier_texts", "missing_records"):
        tx.execute(f"DELETE FROM {table} WHERE record_id IN (SELECT unnest(?))", [gone])
    forget_measures(tx, gone)
    return gone


def note_removed(tx: Transaction, record_ids: list[str], *, source_id: str) -> None:
    """Keep of which source records were that go now: what was made of them is erased with it."""
    tx.execute("INSERT OR IGNORE INTO removed_records SELECT unnest($1::TEXT[]), $2", [record_ids, source_id])


def forget_measures(tx: Transaction, record_ids: list[str]) -> None:
    """Take out what was measured on these records, but their vectors, which go by the hash of a text."""
    for table in (
        "cluster_members",
        "signals",
        "flags",
        "scores",
        "neighbours",
        "positions",
        "tag_suggestions",
        "fact_spans",
        "personal_spans",
        "personal_searches",
    ):
        tx.execute(f"DELETE FROM {table} WHERE record_id IN (SELECT unnest(?))", [record_ids])
    tx.execute("DELETE FROM pairs WHERE a IN (SELECT unnest($1)) OR b IN (SELECT unnest($1))", [record_ids])


def status_counts(store: Store, project_id: str) -> dict[str, int]:
    rows = store.read(
        "SELECT status, count(*) AS n FROM record_states WHERE project_id = ? GROUP BY status", [project_id]
    )
    return {row["status"]: row["n"] for row in rows}


def used_by_versions(store: Store, source_id: str) -> list[Row]:
    return store.read(
        "SELECT DISTINCT v.name FROM version_examples e JOIN versions v ON v.id = e.version_id "
        "JOIN records r ON r.id = e.record_id WHERE r.source_id = ? ORDER BY v.name",
        [source_id],
    )


def decided_count(store: Store, source_id: str) -> int:
    row = store.read_one(
        "SELECT count(*) AS n FROM current_decisions d JOIN records r ON r.id = d.record_id WHERE r.source_id = ?",
        [source_id],
    )
    return int(row["n"]) if row else 0


def quoted_path(file: Path) -> str:
    """A path for between the quotes of a statement that takes no parameter there."""
    return str(file).replace("'", "''")

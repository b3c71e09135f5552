"""SQL of newer exports: matching their rows with a source's records, replacing changed texts, and putting them back."""

from __future__ import annotations

from pathlib import Path

from core.store.connection import Row, Store, Transaction
from core.store.records import JOINING, forget_measures, note_removed

# What an export can change of a record.
CHANGEABLE = (
    "file_id", "row_number", "kind", "title", "text", "content", "meta", "customer", "written_at", "text_sha256", "n_words",
)  # fmt: skip
IS_CHANGED = " OR ".join(
    f"r.{column}::TEXT IS DISTINCT FROM i.{column}::TEXT"
    for column in ("kind", "title", "text_sha256", "content", "meta", "customer", "written_at")
)


def match_rows(tx: Transaction, files: list[tuple[Path, str | None]], *, project_id: str, source_id: str) -> None:
    """Put the export's rows beside the source's records, by external id, in two tables of this transaction.

    Where several share an id, the first is matched with the first, in the order of their files and rows.
    """
    tx.execute("CREATE OR REPLACE TEMP TABLE incoming AS SELECT * EXCLUDE text_version FROM records LIMIT 0")
    for file, file_id in files:
        joining = JOINING.format(file_id="coalesce($4, p.file_id)" if file_id is None else "$4")
        tx.execute(f"INSERT INTO incoming BY NAME {joining}", [str(file), project_id, source_id, file_id, tx.at])
    placed = "row_number() OVER (PARTITION BY x.external_id ORDER BY f.path, x.row_number)"
    tx.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE matched AS
        WITH old AS (SELECT x.id, x.external_id, {placed} AS place FROM records x JOIN source_files f ON f.id = x.file_id
                     WHERE x.source_id = '{source_id}'),
             new AS (SELECT x.id AS new_id, x.external_id, {placed} AS place FROM incoming x JOIN source_files f ON f.id = x.file_id)
        SELECT old.id, new.new_id, coalesce({IS_CHANGED}, false) AS is_changed,
               coalesce(r.text_sha256 <> i.text_sha256 OR r.kind <> i.kind, false) AS has_other_text
        FROM old FULL JOIN new USING (external_id, place) LEFT JOIN records r ON r.id = old.id LEFT JOIN incoming i ON i.id = new.new_id
        """
    )


def counts(tx: Transaction) -> dict[str, int]:
    """What the match says: unchanged, updated, new and missing."""
    (row,) = tx.read(
        "SELECT count(*) FILTER (id IS NOT NULL AND new_id IS NOT NULL AND NOT is_changed) AS n_unchanged, "
        "count(*) FILTER (id IS NOT NULL AND new_id IS NOT NULL AND is_changed) AS n_updated, "
        "count(*) FILTER (id IS NULL) AS n_new, count(*) FILTER (new_id IS NULL) AS n_missing FROM matched"
    )
    return row


def take_over(tx: Transaction, update_id: str, *, knows_missing: bool) -> None:
    """Replace what changed, keep what it was before, add what is new, and list what is gone."""
    columns = ", ".join(CHANGEABLE)
    tx.execute(
        f"INSERT INTO earlier_texts BY NAME SELECT $1 AS update_id, id AS record_id, project_id, {columns}, text_version, $2 AS replaced_at "
        "FROM records WHERE id IN (SELECT id FROM matched WHERE new_id IS NOT NULL AND is_changed)",
        [update_id, tx.at],
    )
    (number,) = tx.read("SELECT nextval('judgement_seq') AS n")
    tx.execute(
        f"UPDATE records SET {', '.join(f'{c} = i.{c}' for c in CHANGEABLE)}, "
        "text_version = CASE WHEN m.has_other_text THEN $1 ELSE text_version END "
        "FROM matched m JOIN incoming i ON i.id = m.new_id WHERE m.id = records.id AND m.is_changed",
        [number["n"]],
    )
    tx.execute(
        "INSERT INTO records BY NAME SELECT i.* FROM incoming i JOIN matched m ON m.new_id = i.id WHERE m.id IS NULL"
    )
    if knows_missing:
        tx.execute("INSERT INTO missing_records SELECT $1, id FROM matched WHERE new_id IS NULL", [update_id])
    forget_measures(tx, [row["id"] for row in tx.read("SELECT id FROM matched WHERE is_changed")])


def drop_match(tx: Transaction) -> None:
    tx.execute("DROP TABLE incoming")
    tx.execute("DROP TABLE matched")


def insert_update(
    tx: Transaction, update_id: str, *, source_id: str, project_id: str, counts: dict[str, int | None], by: str
) -> None:
    tx.execute(
        "INSERT INTO source_updates (id, source_id, project_id, n_unchanged, n_updated, n_new, n_missing, created_at, created_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [update_id, source_id, project_id, counts["n_unchanged"], counts["n_updated"], counts["n_new"], counts["n_missing"],
         tx.at, by],
    )  # fmt: skip


def updates_of(store: Store, source_id: str) -> list[Row]:
    """The newer exports of a source, newest first; undone ones too."""
    return store.read("SELECT * FROM source_updates WHERE source_id = ? ORDER BY created_at DESC", [source_id])


def missing_of(store: Store, source_id: str) -> list[str]:
    """External ids of the records that the newest export of the source no longer had."""
    rows = store.read(
        "SELECT r.external_id FROM missing_now m JOIN records r ON r.id = m.record_id WHERE m.source_id = ? ORDER BY r.external_id",
        [source_id],
    )
    return [row["external_id"] for row in rows]


def earlier_texts(store: Store, record_id: str) -> list[Row]:
    """What a record was before each update of it, the newest first."""
    return store.read(
        "SELECT kind, title, text, content, meta, text_sha256, replaced_at FROM earlier_texts WHERE record_id = ? ORDER BY replaced_at DESC",
        [record_id],
    )


def versions_with_new_records(store: Store, update_id: str) -> list[str]:
    """Names of the frozen versions that hold records which came with the update."""
    rows = store.read(
        f"SELECT DISTINCT v.name FROM version_examples e JOIN versions v ON v.id = e.version_id "
        f"WHERE e.record_id IN ({NEW_RECORDS}) ORDER BY v.name",
        [update_id],
    )
    return [row["name"] for row in rows]


NEW_RECORDS = (
    "SELECT id FROM records WHERE file_id IN (SELECT id FROM source_files WHERE update_id = $1) "
    "AND id NOT IN (SELECT record_id FROM earlier_texts WHERE update_id = $1)"
)


def put_back(tx: Transaction, update_id: str, *, by: str) -> None:
    """Undo an update, the newest of its source: new records go, changed ones are again what they were."""
    gone = [
        row["id"] for row in tx.execute(f"DELETE FROM records WHERE id IN ({NEW_RECORDS}) RETURNING id", [update_id])
    ]
    restored = [
        row["id"]
        for row in tx.execute(
            f"UPDATE records SET {', '.join(f'{c} = e.{c}' for c in (*CHANGEABLE, 'text_version'))} FROM earlier_texts e "
            "WHERE e.record_id = records.id AND e.update_id = ? RETURNING records.id",
            [update_id],
        )
    ]
    (update,) = tx.read("SELECT source_id FROM source_updates WHERE id = ?", [update_id])
    note_removed(tx, gone, source_id=update["source_id"])
    forget_measures(tx, [*gone, *restored])
    tx.execute("DELETE FROM vectors WHERE record_id IN (SELECT unnest(?))", [gone])
    tx.execute("DELETE FROM earlier_texts WHERE update_id = ?", [update_id])
    tx.execute("DELETE FROM missing_records WHERE update_id = ?", [update_id])
    tx.execute("UPDATE source_updates SET undone_at = ?, undone_by = ? WHERE id = ?", [tx.at, by, update_id])

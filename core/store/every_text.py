"""SQL over every text of every table, found in the engine's own catalogue, so that a table of a later migration is not forgotten.

What an erasure sweeps is all of it but the exemptions below, each with its reason. A row is named by its `id` where it has one, else by the
engine's number of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from core.store.connection import Row, Transaction

Read = Callable[..., list[Row]]

EXEMPT_TABLES = {
    "events": "The audit trail is append-only, and each entry is linked to the one before. It holds ids, counts and the names of accounts, never a text.",
    "schema_migrations": "The names of the program's own changes of shape.",
}
# Made by the program, of random digits or of a hash; but these two come with what is imported.
GIVEN_IDS = frozenset({"external_id", "example_id"})
# Columns that name a record: a row of theirs goes with it.
RECORD_COLUMNS = frozenset({"record_id", "neighbour_id", "a", "b"})
# A brief that was taken from an erased record stays with its verdicts, without the record's words.
OUTLIVES_ITS_RECORD = frozenset({"briefs"})
# Counted by a job over a whole project; made anew by it.
COUNTED_ANEW = ("cleaning_counts", "framing_lines")
MEASURED = ("vectors", "difficulties", "signals", "flags", "scores", "neighbours", "positions", "tag_suggestions", "fact_spans", "personal_spans",
            "personal_searches", "cluster_members")  # fmt: skip
ROWS_AT_A_TIME = 10_000
# Of a database that is read where memory is short; it may be somebody else's, and reads nothing beside itself.
FEW_ROWS = 500
APART: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "threads": 1,
    "enable_external_access": False,
}
# Stands in place of a text that went, in a row that stays.
ERASED = "[erased]"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str

    @property
    def is_actor(self) -> bool:
        """Whether it says who did something in the studio."""
        return self.name.endswith("_by") or self.name == "reviewer"


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table with its columns of text. has_id: whether its rows have an id of their own. keys: columns that no two rows have all alike.

    closed: columns that hold one of the program's own words, as a CHECK says.
    """

    name: str
    columns: tuple[Column, ...]
    has_id: bool
    keys: tuple[tuple[str, ...], ...]
    closed: frozenset[str]


def text_tables(read: Read) -> list[TextTable]:
    """Every table that holds texts, exempt ones too, by name."""
    columns = read(
        "SELECT c.table_name, c.column_name, c.data_type FROM duckdb_columns() c JOIN duckdb_tables() t ON t.table_oid = c.table_oid "
        "AND t.database_name = c.database_name WHERE c.database_name = current_database() ORDER BY c.table_name, c.column_index"
    )
    constraints = read(
        "SELECT table_name, constraint_type AS kind, constraint_column_names AS names FROM duckdb_constraints() "
        "WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'CHECK') AND database_name = current_database() ORDER BY constraint_index"
    )
    keys: dict[str, list[tuple[str, ...]]] = {}
    closed: dict[str, set[str]] = {}
    for one in constraints:
        if one["kind"] == "CHECK":
            closed.setdefault(one["table_name"], set()).update(one["names"])
        else:
            keys.setdefault(one["table_name"], []).append(tuple(one["names"]))
    tables: dict[str, list[Row]] = {}
    for one in columns:
        tables.setdefault(one["table_name"], []).append(one)
    found = []
    for name, rows in tables.items():
        texts = tuple(Column(one["column_name"], one["data_type"]) for one in rows if _holds_text(one["data_type"]))
        if texts:
            has_id = any(one["column_name"] == "id" for one in rows)
            found.append(TextTable(name, texts, has_id, tuple(keys.get(name, ())), frozenset(closed.get(name, ()))))
    return found


def swept(table: TextTable) -> tuple[Column, ...]:
    """The columns of a table in which a person is looked for."""
    if table.name in EXEMPT_TABLES:
        return ()
    return tuple(one for one in table.columns if one.name not in table.closed and not _is_made_here(one.name))


def rows_of(
    read: Read, table: TextTable, columns: Sequence[Column], *, at_a_time: int = ROWS_AT_A_TIME
) -> Iterator[tuple[str, int, Row]]:
    """Every row: its key, the engine's number of it, and its texts by column."""
    if not columns:
        return
    names = ", ".join(f'"{one.name}"' for one in columns)
    key = "id" if table.has_id else "rowid"
    # Known before the first is changed: the engine puts a row that is changed behind all others.
    numbers = [row["number"] for row in read(f'SELECT rowid AS number FROM "{table.name}" ORDER BY rowid')]
    for place in range(0, len(numbers), at_a_time):
        piece = numbers[place : place + at_a_time]
        rows = read(
            f'SELECT rowid AS swept_row, {key} AS swept_key, {names} FROM "{table.name}" WHERE rowid BETWEEN {piece[0]} AND {piece[-1]}'
        )
        for row in rows:
            yield f"{table.name}:{row.pop('swept_key')}", row.pop("swept_row"), row


def texts_of_database(file: Path) -> Iterator[tuple[str, str]]:
    """Every text of a database that nobody has open, ids and exempt tables too, with its table and column. Raises ValueError where it is none."""
    try:
        with closing(duckdb.connect(str(file), read_only=True, config=APART)) as connection:
            yield from _texts_in(connection)
    except duckdb.Error as error:
        raise ValueError(f"{type(error).__name__} in a database") from error


def _texts_in(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    def read(sql: str) -> list[Row]:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    for table in text_tables(read):
        for _, _, row in rows_of(read, table, table.columns, at_a_time=FEW_ROWS):
            for column in table.columns:
                value = row[column.name]
                if column.type == "JSON" and value is not None:
                    value = json.loads(value)
                for text in texts_of(value):
                    yield f"{table.name}.{column.name}", text


def change_row(tx: Transaction, table: TextTable, rowid: int, values: Row) -> None:
    """Write new texts into a row. Where no two rows may have them alike, one gets a number behind it."""
    for key in table.keys:
        changed = [name for name in key if isinstance(values.get(name), str)]
        if changed:
            values = values | {changed[0]: _free(tx, table, key, values, changed[0], rowid)}
    names = ", ".join(f'"{name}" = ?' for name in values)
    encoded = [
        json.dumps(v, ensure_ascii=False) if _is_json(table, n) and v is not None else v for n, v in values.items()
    ]
    tx.execute(f"UPDATE {table.name} SET {names} WHERE rowid = ?", [*encoded, rowid])


def delete_rows(tx: Transaction, table: str, rowids: Sequence[int]) -> None:
    tx.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT unnest(?::BIGINT[]))", [list(rowids)])


def going_with(read: Read, record_ids: Collection[str]) -> Counter[str]:
    """How many rows of each table go with these records."""
    counts: Counter[str] = Counter()
    for table in text_tables(read):
        where = _names_a_record(table)
        if where:
            (row,) = read(f'SELECT count(*) AS n FROM "{table.name}" WHERE {where}', [list(record_ids)])
            counts[table.name] += row["n"]
    return +counts


def delete_with_records(tx: Transaction, record_ids: Collection[str]) -> Counter[str]:
    """Delete records and every row that names one of them. Returns how many of each table went; briefs from them lose the record's words."""
    ids = list(record_ids)
    facts = [
        row["id"] for row in tx.execute("SELECT id FROM facts WHERE record_id IN (SELECT unnest(?::TEXT[]))", [ids])
    ]
    counts = _blank_what_quotes(tx, ids, facts)
    for table in text_tables(tx.execute):
        where = _names_a_record(table)
        if where:
            counts[table.name] += len(tx.execute(f"DELETE FROM {table.name} WHERE {where} RETURNING 1 AS one", [ids]))
    counts["records"] += len(
        tx.execute("DELETE FROM records WHERE id IN (SELECT unnest(?::TEXT[])) RETURNING 1 AS one", [ids])
    )
    for of_facts in ("fact_moves", "fact_vectors"):
        tx.execute(f"DELETE FROM {of_facts} WHERE fact_id IN (SELECT unnest(?::TEXT[]))", [facts])
    return +counts


def forget_counted(tx: Transaction) -> None:
    """Take out what a job counted over all records: lines and ids of many stand in it."""
    for table in COUNTED_ANEW:
        tx.execute(f"DELETE FROM {table}")


def measure_anew(tx: Transaction, record_ids: Collection[str]) -> None:
    """Forget what was measured on texts that read differently now, and hash them as they are."""
    ids = list(record_ids)
    for table in MEASURED:
        tx.execute(f"DELETE FROM {table} WHERE record_id IN (SELECT unnest(?::TEXT[]))", [ids])
    tx.execute("DELETE FROM pairs WHERE a IN (SELECT unnest($1::TEXT[])) OR b IN (SELECT unnest($1::TEXT[]))", [ids])
    tx.execute("UPDATE records SET text_sha256 = sha256(text) WHERE id IN (SELECT unnest(?::TEXT[]))", [ids])


def forget_vectors_of_facts(tx: Transaction, fact_ids: Collection[str]) -> None:
    tx.execute("DELETE FROM fact_vectors WHERE fact_id IN (SELECT unnest(?::TEXT[]))", [list(fact_ids)])


def forget_decided_values(tx: Transaction, hashes: Collection[str]) -> int:
    """Decisions on a value of personal data, which stands there as a hash that could be guessed."""
    found = tx.execute(
        "DELETE FROM personal_decisions WHERE value_sha256 IN (SELECT unnest(?::TEXT[])) RETURNING 1 AS one",
        [list(hashes)],
    )
    return len(found)


def uploads_behind(read: Read, record_ids: Collection[str]) -> set[str]:
    """Hashes of the uploads that these records came in with."""
    rows = read(
        "SELECT DISTINCT f.sha256 FROM source_files f WHERE f.id IN (SELECT file_id FROM records WHERE id IN (SELECT unnest($1::TEXT[])) "
        "UNION SELECT file_id FROM earlier_texts WHERE record_id IN (SELECT unnest($1::TEXT[])))",
        [list(record_ids)],
    )
    return {row["sha256"] for row in rows}


def uploads_of_row(read: Read, table: TextTable, rowid: int) -> set[str]:
    """Hash of the upload that a row came in with, where its table says so: of a refused row, of an earlier text."""
    if not any(one.name == "file_id" for one in table.columns):
        return set()
    rows = read(
        f"SELECT f.sha256 FROM {table.name} t JOIN source_files f ON f.id = t.file_id WHERE t.rowid = ?", [rowid]
    )
    return {row["sha256"] for row in rows}


def _blank_what_quotes(tx: Transaction, ids: list[str], facts: list[str]) -> Counter[str]:
    """A human draft is the record's text by value, and so is its brief's reference; a draft was given a moved passage by value."""
    briefs = [
        row["id"] for row in tx.execute("SELECT id FROM briefs WHERE record_id IN (SELECT unnest(?::TEXT[]))", [ids])
    ]
    counts: Counter[str] = Counter(briefs=len(briefs))
    tx.execute(
        f"UPDATE briefs SET prompt = '{ERASED}', reference = NULL, facts = [], record_id = NULL WHERE id IN (SELECT unnest(?::TEXT[]))",
        [briefs],
    )
    drafts = [
        row["id"]
        for row in tx.execute(
            "SELECT id FROM drafts WHERE system = 'human' AND brief_id IN (SELECT unnest(?::TEXT[]))", [briefs]
        )
    ]
    counts["drafts"] += len(drafts)
    tx.execute(f"UPDATE drafts SET text = '{ERASED}' WHERE id IN (SELECT unnest(?::TEXT[]))", [drafts])
    tx.execute(f"UPDATE reviews SET final_text = '{ERASED}' WHERE draft_id IN (SELECT unnest(?::TEXT[]))", [drafts])
    items = "SELECT id FROM queue_items WHERE draft_id IN (SELECT unnest(?::TEXT[]))"
    tx.execute(f"UPDATE repeat_reviews SET final_text = '{ERASED}' WHERE item_id IN ({items})", [drafts])
    tx.execute(f"UPDATE saved_texts SET text = '{ERASED}' WHERE item_id IN ({items})", [drafts])
    passages = tx.execute(
        f"UPDATE draft_facts SET title = '', passage = '{ERASED}' WHERE fact_id IN (SELECT unnest(?::TEXT[])) RETURNING 1 AS one",
        [facts],
    )
    counts["draft_facts"] += len(passages)
    return counts


def _names_a_record(table: TextTable) -> str:
    """The condition under which a row of this table names one of some records; "" where it names none."""
    if table.name in EXEMPT_TABLES or table.name in OUTLIVES_ITS_RECORD or table.name == "record_states":
        return ""
    named = [one.name for one in table.columns if one.name in RECORD_COLUMNS and one.type == "VARCHAR"]
    return " OR ".join(f"{name} IN (SELECT unnest($1::TEXT[]))" for name in named)


def _free(tx: Transaction, table: TextTable, key: tuple[str, ...], values: Row, name: str, rowid: int) -> str:
    """What stands in one column of a key, with a number behind it where another row has that key."""
    number, free = 1, str(values[name])
    while True:
        parameters: list[Any] = []
        conditions = []
        for one in key:
            if one in values:
                conditions.append(f"{one} = ?")
                parameters.append(free if one == name else values[one])
            else:
                conditions.append(f"{one} = (SELECT {one} FROM {table.name} WHERE rowid = ?)")
                parameters.append(rowid)
        where = " AND ".join(conditions)
        if not tx.execute(
            f"SELECT 1 AS one FROM {table.name} WHERE {where} AND rowid <> ? LIMIT 1", [*parameters, rowid]
        ):
            return free
        number += 1
        free = f"{values[name]} {number}"


def _holds_text(kind: str) -> bool:
    return "VARCHAR" in kind or "JSON" in kind


def _is_json(table: TextTable, name: str) -> bool:
    return any(one.name == name and one.type == "JSON" for one in table.columns)


def _is_made_here(name: str) -> bool:
    return name in RECORD_COLUMNS or (name not in GIVEN_IDS and (name == "id" or name.endswith(("_id", "sha256"))))


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a value as the engine gives it, keys of JSON among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from texts_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_of(one)

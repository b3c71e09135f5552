"""Which texts an erasure looks into: all that the engine's catalogue has, but exemptions that are named with their reason."""

from __future__ import annotations

from pathlib import Path

from core.store import every_text
from core.store.connection import Store

# Columns whose names end like those that the program makes of random digits or of a hash, and that are so; a and b are the records of a pair.
MADE_HERE = ("id", "_id", "sha256")


def test_every_column_of_text_is_swept_or_exempt_by_name_or_by_rule(tmp_path: Path) -> None:
    store = Store(tmp_path / "p.duckdb")
    columns = store.read(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main' AND (data_type LIKE '%VARCHAR%' OR data_type LIKE '%JSON%') "
        "AND table_name IN (SELECT table_name FROM duckdb_tables())"
    )
    tables = {one.name: one for one in every_text.text_tables(store.read)}
    not_covered = []
    for one in columns:
        table, column = one["table_name"], one["column_name"]
        is_exempt = (
            table in every_text.EXEMPT_TABLES
            or column in tables[table].closed
            or column.endswith(MADE_HERE)
            or column in ("a", "b")
        )
        if not is_exempt and column not in {c.name for c in every_text.swept(tables[table])}:
            not_covered.append(f"{table}.{column}")
    assert not_covered == []
    assert len(tables) > 75
    store.close()


def test_exempt_tables_exist_and_say_why(tmp_path: Path) -> None:
    store = Store(tmp_path / "p.duckdb")
    assert set(every_text.EXEMPT_TABLES) == {"events", "schema_migrations"}
    assert set(every_text.EXEMPT_TABLES) <= {one.name for one in every_text.text_tables(store.read)}
    assert all(len(reason) > 40 for reason in every_text.EXEMPT_TABLES.values())
    store.close()


def test_tables_that_are_named_here_exist(tmp_path: Path) -> None:
    store = Store(tmp_path / "p.duckdb")
    known = {row["table_name"] for row in store.read("SELECT table_name FROM duckdb_tables()")}
    assert {*every_text.MEASURED, *every_text.COUNTED_ANEW, *every_text.OUTLIVES_ITS_RECORD} <= known
    store.close()


def test_a_row_gets_a_number_where_its_masked_name_is_taken(tmp_path: Path) -> None:
    store = Store(tmp_path / "p.duckdb")
    with store.transaction() as tx:
        for n, name in enumerate(("one", "two")):
            tx.execute(
                "INSERT INTO projects (id, name, goal, created_at, created_by) VALUES (?, ?, 'voice', now()::TIMESTAMP, 'Ann')",
                [f"p{n}", name],
            )
        tx.execute(
            "INSERT INTO saved_texts VALUES ('i1', 'A', 't', 1, now()::TIMESTAMP), ('i2', 'B', 't', 1, now()::TIMESTAMP)"
        )
    tables = {one.name: one for one in every_text.text_tables(store.read)}
    with store.transaction() as tx:
        for name, column in (("projects", "name"), ("saved_texts", "reviewer")):
            table = tables[name]
            for _, rowid, _ in list(every_text.rows_of(tx.execute, table, table.columns)):
                every_text.change_row(tx, table, rowid, {column: "erased"})
    assert [row["name"] for row in store.read("SELECT name FROM projects ORDER BY name")] == ["erased", "erased 2"]
    # Two items, so one reviewer stays one name.
    assert {row["reviewer"] for row in store.read("SELECT reviewer FROM saved_texts")} == {"erased"}
    store.close()

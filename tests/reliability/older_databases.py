"""A database of every schema there was, with rows in every table of its time, made by the migrations themselves."""

from __future__ import annotations

import re
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.config import DataFolder
from core.store import migrate

FILES = {int(file.name[:4]): file for file in sorted(migrate.MIGRATIONS.glob("[0-9]*.sql"))}
NUMBERS = sorted(FILES)
# What rows of other tables call these.
ID_OF = {
    "projects": "project_id", "records": "record_id", "sources": "source_id", "source_files": "file_id", "drafts": "draft_id", "briefs": "brief_id",
    "review_items": "item_id", "reviews": "review_id", "versions": "version_id", "runs": "run_id", "jobs": "job_id", "draft_pairs": "pair_id",
    "accounts": "account_id", "limits": "limit_id", "fact_documents": "document_id", "facts": "fact_id", "decisions": "decision_id",
    "tag_acts": "act_id", "source_updates": "update_id", "run_groups": "group_id",
}  # fmt: skip
# Words that a migration or a rule looks at.
SAID: dict[tuple[str, str], tuple[Any, Any]] = {
    ("pairs", "band"): ("merge", "ask"),
    ("events", "action"): ("imported", "overridden"),
    ("events", "facts"): ('{"n": 1}', '{"reason": "Why ever – ü", "obstacles": ["One", "Two"]}'),
    ("taxonomy", "shortcut"): ("1", ""),
}
CHOICES = re.compile(r'\b(\w+)"?\s+IN\s+\(\x27([^\x27]*)\x27')
Rows = list[dict[str, Any]]


def build_all(folder: Path) -> dict[int, Path]:
    """One database for each schema, in a folder of its own."""
    chain = folder / "chain"
    chain.mkdir()
    connection = duckdb.connect(str(chain / "proofroom.duckdb"))
    connection.execute(
        "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMP NOT NULL)"
    )
    found = {}
    for number in NUMBERS:
        migrate._apply(connection, number, FILES[number], chain)
        for table in tables(connection):
            if not connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]:
                _fill(connection, table)
        connection.execute("CHECKPOINT")
        copy = DataFolder(folder / f"{number:04d}")
        copy.root.mkdir()
        for file in (copy.database, copy.audit_key, copy.audit_head):
            if (chain / file.name).exists():
                shutil.copyfile(chain / file.name, file)
        found[number] = copy.database
    connection.close()
    return found


def tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY table_name").fetchall()
    return [name for (name,) in found if name != "schema_migrations"]


def content(path: Path) -> dict[str, Rows]:
    """Every row of every table."""
    with duckdb.connect(str(path), read_only=True) as connection:
        found = {}
        for table in tables(connection):
            cursor = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description or []]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return found


def _fill(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Two rows; the second without what may be empty."""
    columns = connection.execute(
        "SELECT column_name, data_type, is_nullable, column_default FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        [table],
    ).fetchall()
    rules = connection.execute(
        "SELECT constraint_text FROM duckdb_constraints() WHERE table_name = ? AND constraint_type = 'CHECK'", [table]
    ).fetchall()
    first_of = {name: choice for (rule,) in rules for name, choice in CHOICES.findall(rule)}
    for i in (1, 2):
        row = {}
        for name, kind, may_be_empty, default in columns:
            if default and "nextval" in default:
                continue
            row[name] = None if may_be_empty and i == 2 else _value(table, name, kind, first_of, i)
        marks = ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def _value(table: str, name: str, kind: str, first_of: dict[str, str], i: int) -> Any:
    if (table, name) in SAID:
        return SAID[table, name][i - 1]
    if name in first_of:
        return first_of[name]
    if name == "id":
        return f"{ID_OF.get(table, table)}{i}"
    plain: dict[str, Any] = {
        "VARCHAR": f"{name}{i}" if name.endswith("_id") else f"{name} {i} – ü",
        "JSON": f'{{"{name}": [{i}, "ü"]}}',
        "BIGINT": i, "INTEGER": i, "DOUBLE": i / 4, "BOOLEAN": i == 1, "TIMESTAMP": datetime(2026, 1, i), "DATE": date(2030, 1, i),
        "VARCHAR[]": [f"{name} {i}"], "FLOAT[384]": [float(i)] * 384, "BLOB": b"\x00" + bytes([i]),
    }  # fmt: skip
    return plain[kind]

"""Checklist 21: a database of every schema there was opens in the newest, with equal content; a newer one is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import StoreTooNew
from core.store import migrate as migrations
from core.store.connection import Store
from tests.reliability.faults import faults_of
from tests.reliability.older_databases import NUMBERS, Rows, build_all, content
from tests.reliability.trail_check import checked

# Tables that a migration wrote in another form: before its number they are held against what that form says.
REWRITTEN = {"pairs": 2, "taxonomy": 6, "curations": 16, "events": 39}
OF_AN_EVENT = ("happened_at", "done_by", "project_id", "action", "noun", "object_id")


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    return build_all(tmp_path_factory.mktemp("older"))


@pytest.mark.slow
@pytest.mark.parametrize("number", NUMBERS)
def test_21_a_database_of_every_schema_opens_in_the_newest_with_equal_content(
    older: dict[int, Path], number: int
) -> None:
    before = content(older[number])
    assert all(before.values()), [table for table, rows in before.items() if not rows]
    store = Store(older[number])
    assert store.read_one("SELECT max(number) AS n FROM schema_migrations") == {"n": NUMBERS[-1]}
    assert (checked(store).findings, checked(store).n_behind) == ([], 0)
    store.close()
    after = content(older[number])
    for table, rows in before.items():
        if number >= REWRITTEN.get(table, 0):
            assert same(rows, after[table], exactly=table != "events"), table
    if number < REWRITTEN["pairs"]:
        assert sorted((row["a"], row["score"], row["is_mergeable"]) for row in after["pairs"]) == [
            ("a 1 – ü", 1.0, True), ("a 2 – ü", 0.5, False),
        ]  # fmt: skip
    if number < REWRITTEN["taxonomy"]:
        kept = ("project_id", "tag", "shortcut", "meaning")
        assert same([{name: row[name] for name in kept} for row in before["taxonomy"]], after["tags"])
    if number < REWRITTEN["curations"]:
        # Measures of before the pairs had a probability are asked for again; later ones say that they are out of date.
        kept_curations = before["curations"] if number >= REWRITTEN["pairs"] else []
        assert same([without(row, "fingerprint") for row in kept_curations], after["curations"])
    if number < REWRITTEN["events"]:
        assert same(
            [{name: row[name] for name in OF_AN_EVENT} for row in before["events"]], after["events"], exactly=False
        )
        assert "Why ever – ü" in {row["reason"] for row in after["overrides"]}
    assert (
        older[number].with_name("proofroom.duckdb.before-" + f"{later(number):04d}").exists() or number == NUMBERS[-1]
    )


def same(earlier: Rows, now: Rows, *, exactly: bool = True) -> bool:
    """Whether every earlier row is there, in the columns that it had; exactly: and no other one."""
    names = list(earlier[0]) if earlier else []
    left = [tuple(repr(row[name]) for name in names) for row in now]
    for row in earlier:
        wanted = tuple(repr(row[name]) for name in names)
        if wanted not in left:
            return False
        left.remove(wanted)
    return not (exactly and left)


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def later(number: int) -> int:
    return min((one for one in NUMBERS if one > number), default=number)


def test_21_a_database_from_a_newer_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    Store(tmp_path / "p.duckdb").close()
    with duckdb.connect(str(tmp_path / "p.duckdb")) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'future', now()::TIMESTAMP)")
    before = content(tmp_path / "p.duckdb")
    with pytest.raises(StoreTooNew, match=r"shape 9999.*Install the newer Proofroom"):
        Store(tmp_path / "p.duckdb")
    assert content(tmp_path / "p.duckdb") == before


@pytest.mark.parametrize("fault", faults_of(21))
def test_21_a_failed_migration_leaves_the_old_shape_and_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    Store(tmp_path / "p.duckdb").close()
    folder = tmp_path / "migrations"
    folder.mkdir()
    for file in migrations.MIGRATIONS.glob("*.sql"):
        (folder / file.name).write_text(file.read_text())
    (folder / "9000_breaks.sql").write_text("CREATE TABLE extra (x INTEGER); SELECT no_such_function();")
    monkeypatch.setattr(migrations, "MIGRATIONS", folder)
    with pytest.raises(duckdb.Error):
        Store(tmp_path / "p.duckdb")
    assert (tmp_path / "p.duckdb.before-9000").exists()
    monkeypatch.undo()
    store = Store(tmp_path / "p.duckdb")
    assert store.read("SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = 'extra'") == [{"n": 0}]
    store.close()

"""The database engine cannot leave the data folder: no file, host, extension or setting beside it, and its settings stay locked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from core.store.connection import Store
from tests.security.inputs import WAYS_OUT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """On a folder with files beside it, one of them in a folder whose name begins as its own does."""
    for folder in (tmp_path / "data", tmp_path / "data-sibling"):
        folder.mkdir()
    for file in (tmp_path / "outside.csv", tmp_path / "data-sibling" / "outside.csv"):
        file.write_text("a\n1\n", encoding="utf-8")
    duckdb.connect(str(tmp_path / "outside.csv.duckdb")).close()
    opened = Store(tmp_path / "data" / "p.duckdb")
    yield opened
    opened.close()


def beside(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file() and "data" not in file.relative_to(folder).parts]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.parametrize("question", WAYS_OUT)
def test_no_question_leads_out_of_the_folder(store: Store, tmp_path: Path, question: str) -> None:
    before, name = beside(tmp_path), f"proofroom-{tmp_path.name}"
    sql = question.format(
        outside=tmp_path / "outside.csv", inside=tmp_path / "data", sibling=tmp_path / "data-sibling", name=name
    )
    with pytest.raises(duckdb.Error):
        store.read(sql)
    with pytest.raises(duckdb.Error), store.transaction() as tx:
        tx.execute(sql)
    assert beside(tmp_path) == before
    assert list(Path("/tmp").glob(f"{name}*")) == []


def test_inside_the_folder_parquet_goes_to_and_fro(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "data" / "exchange.parquet"
    store.read(f"COPY (SELECT 7 AS n) TO '{file}' (FORMAT parquet)")
    assert store.read("SELECT n FROM read_parquet(?)", [str(file)]) == [{"n": 7}]


def test_settings_are_locked_as_they_were_set(store: Store) -> None:
    rows = store.read(
        "SELECT name, value FROM duckdb_settings() WHERE name IN ('enable_external_access', 'lock_configuration')"
    )
    assert {row["name"]: row["value"] for row in rows} == {
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    attached = store.read("SELECT database_name FROM duckdb_databases() WHERE NOT internal")
    assert [row["database_name"] for row in attached] == ["p"]


def test_what_came_from_outside_is_a_parameter_and_never_a_part_of_a_question(store: Store) -> None:
    """Words that would end a question and begin another come back as the words that they are."""
    for words in (
        "'; DROP TABLE events; --",
        "') UNION SELECT 1 --",
        "\\'; COPY events TO '/tmp/x'; --",
        "a\0b",
        "%",
        "_",
        "$1",
        "?",
        "{0}",
    ):
        assert store.read("SELECT ? AS said", [words]) == [{"said": words}]
        with store.transaction() as tx:
            tx.event(words, "noun", words, by=words, said=words)
    (row,) = store.read("SELECT count(*) AS n FROM events WHERE noun = 'noun'")
    assert row["n"] == 9

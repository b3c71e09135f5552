"""The verifier of erasures finds a seeded copy of a name in a file of every kind, and nothing where there is none; it shares nothing with the product."""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.core.privacy.packed_forms import (
    FILLING,
    IMPORTED,
    docx,
    in_gzip,
    in_notes,
    in_parquet,
    mail,
    tarred,
    zipped,
    zstd,
)
from tests.core.workflows import erasure_verifier
from tests.core.workflows.erasure_verifier import verify

WORDS = "Then Máren Öldenkott rang."
NOBODY = "Then nobody at all rang."


def database(
    words: str, sql: str = "CREATE TABLE t (id INTEGER, x TEXT); INSERT INTO t VALUES (1, $1)"
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with duckdb.connect(str(path)) as connection:
            for one in sql.split(";"):
                connection.execute(one.replace("$1", f"'{words}'"))

    return write


DATABASES = {
    "a text": "CREATE TABLE t (x TEXT); INSERT INTO t VALUES ($1)",
    "many texts, packed": "CREATE TABLE t (x TEXT); INSERT INTO t SELECT 'Number ' || i || ' of many: ' || $1 FROM range(5000) r(i)",
    "bytes": "CREATE TABLE t (x BLOB); INSERT INTO t VALUES (encode($1))",
    "a list in a struct": "CREATE TABLE t (x STRUCT(a TEXT[], b INTEGER)); INSERT INTO t VALUES ({'a': ['', $1], 'b': 1})",
    "a map": "CREATE TABLE t (x MAP(TEXT, INTEGER)); INSERT INTO t VALUES (MAP {$1: 1})",
    "json": "CREATE TABLE t (x JSON); INSERT INTO t VALUES (json_object('a', [$1]))",
    "another schema": "CREATE SCHEMA s; CREATE TABLE s.t (x TEXT); INSERT INTO s.t VALUES ($1)",
    "a type": "CREATE TYPE who AS ENUM ($1)",
    "a view": "CREATE VIEW v AS SELECT $1 AS x",
}
KINDS: dict[str, Callable[[str], bytes]] = IMPORTED | {
    "a log": lambda words: f"could not read {words}\n".encode() * 3,
    "latin": lambda words: words.encode("latin-1"),
    "wide letters": lambda words: words.encode("utf-16-be"),
    "escapes": lambda words: json.dumps({"a": json.dumps([words])}).encode(),
    "a backup": lambda words: gzip.compress(tarred(zipped({"uploads/a": docx(words)}))),
    "zstandard": lambda words: zstd((FILLING + words).encode()),
    "nested parquet": in_parquet,
    "beside weights": in_notes,
    "a name before packing": lambda words: in_gzip(b"", f"{words}.txt"),
    "a letter in a zip in a mail": lambda words: mail("Nothing.", attached=("a.zip", zipped({"a.docx": docx(words)}))),
    "in a large binary": lambda words: bytes(400_000) + words.encode() + bytes(200_000),
    "in a large text": lambda words: FILLING.encode() * 2_000 + words.encode(),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_that_was_left_is_found_in(kind: str, tmp_path: Path) -> None:
    for name, words in (("seeded", WORDS), ("clean", NOBODY)):
        (tmp_path / name).write_bytes(KINDS[kind](words))
    found = verify(tmp_path, ["Oldenkott"])
    assert found.paths == {"seeded"}
    assert found.unread == []


@pytest.mark.parametrize("kind", DATABASES)
def test_a_copy_that_was_left_is_found_in_a_database_as(kind: str, tmp_path: Path) -> None:
    for name, words in (("seeded", WORDS), ("clean", NOBODY)):
        database(words, DATABASES[kind])(tmp_path / name)
    assert verify(tmp_path, ["Oldenkott"]).paths == {"seeded"}


@pytest.mark.parametrize(
    "spelled", ["OLDENKOTT, Maren", "M. Öldenkott", "Olden\u00adkott", "O\u0308ldenkott", "Olden-\nkott", "𝐎ldenkott"]
)
def test_it_is_found_however_it_is_spelled(spelled: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Ask {spelled} of it.", encoding="utf-8")
    assert verify(tmp_path, ["Oldenkott"]).paths == {"a.txt"}


def test_the_name_of_a_file_and_of_a_folder_count(tmp_path: Path) -> None:
    (tmp_path / "Öldenkott").mkdir()
    (tmp_path / "Öldenkott" / "a.txt").write_text("nothing")
    assert {inside for _, inside in verify(tmp_path, ["Oldenkott"]).places} == {"its name"}


def test_it_imports_nothing_of_the_product() -> None:
    tree = ast.parse(Path(erasure_verifier.__file__).read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {"core", "studio", "pages", "tests"} & {name.split(".")[0] for name in named} == set()

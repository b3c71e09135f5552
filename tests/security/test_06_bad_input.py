"""Files in wrong encodings, of odd lengths, columns, ends and depths: every row is a record or is named with a reason, and none is lost on the way.

Not covered here: what no field of the API could take (test_api_fuzz.py), files that were damaged (test_reader_fuzz.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from tests.security.asking import TERMS, as_owner, imported, opened_app
from tests.security.inputs import bad_files
from tests.studio.role_table import routes

# How many rows of a file get in, and how many are refused. Every other file of the list is refused as a whole, or is one document.
ROWS = {
    "latin1.csv": (1, 0), "not-utf8.jsonl": (2, 0), "mostly-utf8.jsonl": (2, 1), "utf16.csv": (1, 0), "utf16-no-bom.csv": (1, 0), "bom.csv": (1, 0),
    "bom-in-the-middle.jsonl": (2, 0), "nul.csv": (1, 0), "nul.jsonl": (1, 0), "half-character.jsonl": (1, 1), "half-character-key.jsonl": (1, 0),
    "long-line.jsonl": (1, 0), "long-line.csv": (1, 0), "many-keys.jsonl": (1, 0), "same-column-twice.csv": (1, 0), "same-key-twice.jsonl": (0, 1),
    "empty-column.csv": (1, 0), "ragged.csv": (2, 1), "mixed-ends.csv": (3, 0), "mixed-ends.jsonl": (3, 0), "open-quote.csv": (1, 1),
    "quote-within.csv": (1, 0), "deep.json": (0, 1), "deep.jsonl": (1, 1), "cut.jsonl": (1, 1), "cut.json": (1, 1), "nan.jsonl": (0, 1),
    "large-number.jsonl": (1, 0), "huge-number.jsonl": (0, 1), "not-an-object.jsonl": (1, 4), "object-first.jsonl": (3, 0), "list-first.jsonl": (3, 0),
    "text-for-a-list.jsonl": (2, 1), "blanks.md": (0, 1), "yaml-bomb.md": (1, 0), "yaml-tag.md": (0, 1), "yaml-open.md": (1, 0), "mojibake.md": (1, 0),
    "right-to-left.md": (1, 0), "combining.md": (1, 0), "long-line.txt": (1, 0), "deep.html": (0, 1),
}  # fmt: skip
# Of refused rows: the number, and what of the row is named.
NAMED = {
    "mostly-utf8.jsonl": [(2, "the byte 0xFF, which is no UTF-8")], "half-character.jsonl": [(1, "half of a character pair")],
    "same-key-twice.jsonl": [(1, "'answer' stands twice")], "ragged.csv": [(2, "4 cells, the header 2")], "deep.jsonl": [(1, "the 100 levels")],
    "cut.jsonl": [(2, "Unterminated string")], "nan.jsonl": [(1, "NaN is not a JSON number")], "huge-number.jsonl": [(1, "more than 4,300 digits")],
    "not-an-object.jsonl": [(1, "a number"), (2, "'question'"), (3, "null"), (4, "a list")], "text-for-a-list.jsonl": [(1, "expected a list")],
}  # fmt: skip
# Texts that have to stand in a record as they stood in the file.
WHOLE = {
    "latin1.csv": "Wie geht’s?\n\nSchön", "utf16-no-bom.csv": "How?\n\nSo.", "bom.csv": "How?\n\nSo.", "bom-in-the-middle.jsonl": "How?\n\nSo.",
    "nul.csv": "How?\n\nSo.", "same-column-twice.csv": "How?\n\nSo.", "empty-column.csv": "How?\n\nSo.", "quote-within.csv": 'Ho"w"?\n\nSo.',
    "mixed-ends.csv": "When?\n\nNow.", "mojibake.md": "Mojibake\n\nItâ€™s fine, and cafÃ© too.", "right-to-left.md": "Right to left\n\nA \u202egnp.exe\u202c name, and \u2066more\u2069.",
    "combining.md": "Combining\n\na" + "\u0301" * 5_000,
}  # fmt: skip
MOST_LETTERS = 5_000
LONG = "a" * 20_000


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path_factory.mktemp("bad") / "data")
    with opened_app(folder, raise_server_exceptions=False) as opened:
        yield as_owner(opened, folder)


@pytest.fixture(scope="module")
def files(client: TestClient) -> dict[str, dict[str, Any]]:
    """What the import's report says of each file of the list, brought in together."""
    return {file["path"]: file for file in imported(client, "bad", bad_files())["files"]}


def test_every_file_is_in_the_report_as_read_or_as_refused_with_a_reason(files: dict[str, dict[str, Any]]) -> None:
    assert set(files) == set(bad_files())
    for name, file in files.items():
        if file["status"] == "refused":
            assert file["reason"].endswith("."), name
            assert not re.search(r"Traceback|crashed|sys\.", file["reason"]), name
        else:
            assert file["n_accepted"] > 0, name


def test_no_row_is_lost_and_one_that_is_well_gets_in_whatever_stands_around_it(
    files: dict[str, dict[str, Any]],
) -> None:
    counted = {name: (file["n_accepted"], file["n_rejected"]) for name, file in files.items()}
    assert {name: n for name, n in counted.items() if n != (0, 0)} == ROWS


def test_each_rejected_row_is_told_by_its_number_with_what_is_wrong_and_what_to_do(
    files: dict[str, dict[str, Any]],
) -> None:
    for name, file in files.items():
        assert len(file["rejected"]) == file["n_rejected"], name
        for row in file["rejected"]:
            assert row["row"] >= 1, name
            assert re.fullmatch(r"The .+\. [A-Z][^.]+\.", row["reason"]), (name, row["reason"])
            assert "sys." not in row["reason"], name
            assert 0 < len(row["value"]) <= 120 or re.search("is empty|no text", row["reason"]), (name, row)
    for name, rows in NAMED.items():
        told = [(row["row"], row["reason"]) for row in files[name]["rejected"]]
        assert [number for number, _ in told] == [number for number, _ in rows], name
        assert all(words in reason for (_, reason), (_, words) in zip(told, rows, strict=True)), (name, told)


def test_what_got_in_reads_as_it_stood_in_its_file(client: TestClient, files: dict[str, dict[str, Any]]) -> None:
    assert all(files[name]["status"] == "imported" for name in WHOLE)
    listed = [record["id"] for record in client.get("/api/projects/bad/records").json()]
    texts = {client.get(f"/api/projects/bad/records/{one}/details").json()["text"] for one in listed}
    assert {name for name, text in WHOLE.items() if text not in texts} == set()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"7", b'"text"', b'{"name": "\\u0000", "goal": "voice"}', b'{"name": "a", "name": {"b": 1}, "goal": 1}',
        "{\"name\": \"\u202e\", \"goal\": \"voice\"}".encode("utf-16"), b'{"name": "' + b"a" * 2**20 + b'", "goal": "voice"}',
        b'{"name": "a", "goal": "' + b"a" * 2**20 + b'"}',
    ],
    ids=["nothing", "list", "null", "number", "text", "NUL", "name twice", "UTF-16", "long name", "long goal"],
)  # fmt: skip
def test_a_body_that_is_none_is_said_in_words(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/projects", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text[:200]
    told = answer.json()
    assert set(told) == {"error", "message", "remedy"}
    assert len(told["message"] + told["remedy"]) < MOST_LETTERS
    assert told["message"].endswith(".")


def test_a_name_without_end_is_not_said_back_whole(client: TestClient) -> None:
    """On any route that is asked for something by its name."""
    asked = [route.path for route in routes() if route.method == "GET" and "{" in route.path]
    assert len(asked) > 40
    for path in asked:
        answer = client.get("/api" + re.sub(r"\{[^}]+\}", quote(LONG), path))
        assert answer.status_code in (200, 404, 409, 422), (path, answer.status_code)
        assert len(answer.text) < MOST_LETTERS, path


def test_a_field_without_end_is_not_said_back_whole(client: TestClient) -> None:
    """The name of one that does not fit, where a body may name fields of its own."""
    body = TERMS | {"files": [], "mapping": {LONG: 1}}
    answer = client.post("/api/projects/bad/imports", json=body)
    assert answer.status_code == 422
    assert "aaa" in answer.json()["message"]
    assert len(answer.text) < MOST_LETTERS

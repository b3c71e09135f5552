"""Whatever the API gives of the texts of records, the trail is told who reads it: every GET of it is asked, on a studio where each field has its mark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.workflows import auditing
from studio import running
from studio.access import ensure_token
from tests.security.inputs import mark
from tests.security.planted import planted
from tests.studio.opened_app import opened_app
from tests.studio.signed_in import MACHINE

pytestmark = [pytest.mark.slow]

# What stands in records, or is quoted from them.
OF_RECORDS = ("title", "body", "question", "comment", "cell", "badrow", "evidence", "swapped", "nearest", "byheart")
# Each noun in a path: the things of it that there are.
THINGS = {
    "project": "SELECT name AS it FROM projects", "run": "SELECT id AS it FROM runs", "job": "SELECT id AS it FROM jobs",
    "source": "SELECT id AS it FROM sources", "version": "SELECT name AS it FROM versions", "older": "SELECT name AS it FROM versions",
    "newer": "SELECT name AS it FROM versions", "record": "SELECT min(external_id) AS it FROM records GROUP BY source_id",
    "document": "SELECT id AS it FROM fact_documents",
}  # fmt: skip
WORDS = {
    "kind": ("price", "date", "name", "record"),
    "step": ("greetings", "quoted_replies", "whitespace"),
    "name": ("none",),
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path_factory.mktemp("told") / "data")
    planted(folder.root)
    with opened_app(folder, client=MACHINE, raise_server_exceptions=False) as opened:
        opened.headers.update({"Authorization": f"Bearer {ensure_token(folder.token_file)}"})
        yield opened


def things(noun: str) -> Sequence[str]:
    if noun in WORDS:
        return WORDS[noun]
    return [str(row["it"]) for row in running.workspace().store.read(THINGS[noun])] if noun in THINGS else ["nothing"]


def addresses(path: str) -> Iterator[str]:
    nouns = list(dict.fromkeys(re.findall(r"{(\w+)}", path)))
    for chosen in product(*(things(noun) for noun in nouns)):
        address = path
        for noun, thing in zip(nouns, chosen, strict=True):
            address = address.replace(f"{{{noun}}}", thing.replace("/", "%2F"))
        yield address


def test_whatever_route_gives_texts_of_records_says_so_in_the_trail(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Any, ...]] = []
    for name in ("_say", "_say_at_times"):
        real = getattr(auditing, name)
        monkeypatch.setattr(auditing, name, lambda *a, _real=real, **k: (told.append(a), _real(*a, **k))[1])
    untold, giving = set(), set()
    for path, ways in api.get("/api/openapi.json").json()["paths"].items():
        if "get" not in ways:
            continue
        asked = {
            one["name"]: "van" for one in ways["get"].get("parameters", ()) if one["in"] == "query" and one["required"]
        }
        for address in addresses(path):
            told.clear()
            answer = api.get(f"/api{address}", params=asked)
            if answer.is_success and any(mark(field) in answer.text for field in OF_RECORDS):
                giving.add(path)
                if not told:
                    untold.add(path)
    assert len(giving) > 10, giving
    assert untold == set()

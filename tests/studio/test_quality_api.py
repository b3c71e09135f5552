"""Flags, gold and scores by the API, on a project with one post."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.workflows import projects
from studio import running
from studio.access import ensure_token
from studio.api.app import create_api


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path / "data")
    running.start(folder)
    projects.create_project(running.workspace(), name="p", goal="voice", by="Ann")
    api = create_api(ensure_token(folder.token_file))
    with TestClient(
        api, headers={"Authorization": f"Bearer {ensure_token(folder.token_file)}", "X-Proofroom-By": "Ann"}
    ) as opened:
        yield opened
    running.stop()


def test_flags_are_listed_with_meaning_and_switched(client: TestClient) -> None:
    rows = client.get("/projects/p/flags").json()
    assert {row["name"] for row in rows if not row["is_on"]} == set()
    assert all(row["meaning"].endswith(".") for row in rows)
    answer = client.put("/projects/p/flags", json={"flags": {"off_voice": False}}).json()
    assert answer["job"] is None
    assert [row["name"] for row in answer["flags"] if not row["is_on"]] == ["off_voice"]


def test_an_unknown_flag_is_refused(client: TestClient) -> None:
    answer = client.put("/projects/p/flags", json={"flags": {"nope": False}})
    assert answer.status_code == 422
    assert "off_voice" in answer.json()["remedy"]


def test_a_record_that_is_not_there_cannot_be_gold(client: TestClient) -> None:
    assert client.post("/projects/p/gold", json={"record": "x"}).status_code == 404
    assert client.get("/projects/p/gold").json() == []
    assert client.post("/projects/p/gold/undo").json() == {"record": None}


def test_the_score_says_what_is_missing_to_learn(client: TestClient) -> None:
    state = client.get("/projects/p/score-state").json()
    assert (state["kind"], state["n_missing"]) == ("formula", 30)
    assert client.post("/projects/p/rescore", json={}).json() == {"job": None}


def test_before_the_first_measuring_no_answer_can_be_read(client: TestClient) -> None:
    assert client.get("/projects/p/difficulty").json() == {
        "n": 0,
        "n_measured": 0,
        "n_read": 0,
        "minutes": 0.0,
        "job": "",
    }
    answer = client.post("/projects/p/difficulty", json={})
    assert answer.status_code == 409
    assert "Measure them first" in answer.json()["remedy"]

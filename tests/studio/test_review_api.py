"""The queue over HTTP: what a caller may say of an item, and of which. They send what they like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.store import open_items as open_item_rows
from core.workflows import assigning, projects
from core.workflows.assigning import Which
from core.workflows.workspace import Workspace, project_named
from studio import running
from studio.access import ensure_token
from studio.api.app import create_api
from tests.core.workflows.queue_by_hand import put_drafts

# What is written to an item: the method, the end of the path, the body.
ACTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "judge": ("POST", "", {"decision": "sign_off"}),
    "save": ("PUT", "/text", {"text": "Mine.", "seconds": 3.0}),
    "put off": ("POST", "/later", {"text": "Mine."}),
}
NOT_SHOWN = "You were not shown this draft."


@pytest.fixture
def workspace(folder: DataFolder) -> Iterator[Workspace]:
    """Two briefs with two drafts each."""
    folder.create()
    opened = running.start(folder)
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    put_drafts(opened, "p", 2)
    yield opened
    running.stop()


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    token = ensure_token(workspace.folder.token_file)
    with TestClient(create_api(token), base_url="http://127.0.0.1:8501") as opened:
        opened.headers["Authorization"] = f"Bearer {token}"
        opened.headers["X-Proofroom-By"] = "Rita"
        yield opened


def waiting(workspace: Workspace) -> list[str]:
    return [row["id"] for row in open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"])]


def acted(client: TestClient, act: str, item: str) -> tuple[int, str]:
    """The status, and what is said of it."""
    method, end, body = ACTS[act]
    answer = client.request(method, f"/review/{item}{end}", json=body)
    return answer.status_code, answer.text


def n_written(workspace: Workspace) -> int:
    tables = ("reviews", "saved_texts", "put_off_items")
    return sum(len(workspace.store.read(f"SELECT 1 AS one FROM {table}")) for table in tables)


@pytest.mark.parametrize("act", ACTS)
def test_an_item_that_nobody_was_given_is_not_written_to(client: TestClient, workspace: Workspace, act: str) -> None:
    for item in waiting(workspace):
        status, said = acted(client, act, item)
        assert (status, NOT_SHOWN in said) == (409, True)
    assert n_written(workspace) == 0


@pytest.mark.parametrize("act", ACTS)
def test_what_a_colleague_was_given_is_not_theirs_and_what_they_were_given_is(
    client: TestClient, workspace: Workspace, act: str
) -> None:
    theirs = client.post("/projects/p/review/next", headers={"X-Proofroom-By": "Otto"}).json()["item"]
    assert acted(client, act, theirs)[0] == 409
    mine = client.post("/projects/p/review/next").json()["item"]
    assert acted(client, act, mine)[0] == 200
    assert n_written(workspace) >= 1


def test_a_brief_that_is_assigned_to_somebody_has_to_be_asked_for_all_the_same(
    client: TestClient, workspace: Workspace
) -> None:
    assigning.assign(workspace, "p", Which(all=True), to=["Rita"], by="Lea")
    assert acted(client, "judge", waiting(workspace)[0])[0] == 409
    given = client.post("/projects/p/review/next").json()["item"]
    assert acted(client, "judge", given)[0] == 200


def test_what_was_taken_back_may_be_judged_again(client: TestClient, workspace: Workspace) -> None:
    given = client.post("/projects/p/review/next").json()["item"]
    assert acted(client, "judge", given)[0] == 200
    assert client.post("/projects/p/review/undo").json() == {"item": given, "is_blind": True}
    assert acted(client, "judge", given)[0] == 200

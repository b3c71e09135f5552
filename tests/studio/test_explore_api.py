"""Search, filters, map and bulk undo over HTTP, as scripts and the command line ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.workflows import curating, importing, projects
from core.workflows.workspace import open_workspace
from studio import running
from studio.access import ensure_token
from studio.api.app import create_api
from tests.e2e import made_up
from tests.jobs_by_hand import finish

POSTS = {
    f"post-{n}.md": f"# Post {n}\n\nAbout the {thing}, at length." for n, thing in enumerate(("van", "vans", "bench"))
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path_factory.mktemp("explore-api") / "data")
    workspace = open_workspace(folder, executor=made_up.MadeUpWorkers())
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    uploads = [importing.keep_upload(workspace, name, text.encode()) for name, text in POSTS.items()]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    job = importing.import_files(workspace, "p", uploads, terms, name="posts", by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"
    finish(workspace, curating.measure_records(workspace, "p", by="Ann") or "")
    workspace.close()
    running.start(folder)
    token = ensure_token(folder.token_file)
    # Without the pages around it: one process holds Streamlit's server once.
    with TestClient(create_api(token), base_url="http://127.0.0.1:8501") as opened:
        opened.headers["Authorization"] = f"Bearer {token}"
        opened.headers["X-Proofroom-By"] = "Ann"
        yield opened
    running.stop()


def ask(client: TestClient, path: str, **parameters: Any) -> Any:
    answer = client.get(f"/projects/p/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_words_come_best_first_with_their_snippets(client: TestClient) -> None:
    rows = ask(client, "records", words="van")
    assert [row["external_id"] for row in rows] == ["post-0.md", "post-1.md"]
    assert [piece["text"] for piece in rows[1]["snippet"] if piece["is_find"]] == ["vans"]


def test_likeness_flags_and_ranges_are_parameters(client: TestClient) -> None:
    assert len(ask(client, "records", like="post-0.md")) == 2
    flagged = ask(client, "records", flag=["truncated"], signal=["score:0..0.5"])
    assert len(flagged) == 1
    assert ask(client, "records/count", flag=["truncated", "mojibake"]) == {"n_records": 0, "note": ""}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"status": "lost"}, "status"),
        ({"signal": "score"}, "no range of a signal"),
        ({"area": "1,2"}, "no area of the map"),
        ({"words": "+"}, "holds no word"),
        ({"order": "size"}, "ordered by 'size'"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_in_words(
    client: TestClient, parameters: dict[str, str], said: str
) -> None:
    answer = client.get("/projects/p/records", params=parameters)
    assert answer.status_code == 422
    assert said in answer.json()["message"]


def test_the_map_its_themes_and_the_histograms_are_told(client: TestClient) -> None:
    drawn = ask(client, "map", colour="decision", limit=2)
    assert (drawn["n"], len(drawn["points"])) == (3, 2)
    assert [theme["name"] for theme in ask(client, "themes")] == ["vans, winter, calendar", "invoices, price, bench"]
    assert set(ask(client, "signals")) == {"score", "place"}


def test_a_decision_on_a_search_needs_its_number_and_is_undone_whole(client: TestClient) -> None:
    body = {"where": {"words": "van"}, "decision": "reject", "expected": 3}
    assert client.post("/projects/p/decisions", json=body).status_code == 409
    assert client.post("/projects/p/decisions", json=body | {"expected": 2}).json() == {"n_records": 2}
    assert ask(client, "records/count", status="rejected")["n_records"] == 2
    assert client.post("/projects/p/decisions/undo").json() == {"n_records": 2}
    assert ask(client, "records/count", status="rejected")["n_records"] == 0

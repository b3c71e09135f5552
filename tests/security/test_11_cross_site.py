"""Another site's page, and a name of this machine that is not the studio's, get nothing: no page, no answer, no websocket, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.config import DataFolder
from core.workflows import projects
from studio import running
from tests.security.asking import as_owner, opened_app
from tests.security.inputs import FETCHED_FROM_ELSEWHERE, HOSTS, ORIGINS

STREAM = "ws://127.0.0.1:8501/_stcore/stream"
PLACES = (
    "/",
    "/review",
    "/api/projects",
    "/api/openapi.json",
    "/healthz",
    "/_stcore/host-config",
    "/v1/models",
    "/sign-in",
    "/account",
    "/join",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path_factory.mktemp("hosts") / "data")
    with opened_app(folder) as opened:
        yield as_owner(opened, folder)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_not_this_studio_is_answered_nothing(client: TestClient, host: str) -> None:
    """A name that is made to lead here by somebody else's name server is such a host."""
    for path in PLACES:
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code, "answers only" in answer.text) == (403, True), path
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM, headers={"Host": host}):
        pass


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_of_another_origin_is_answered_nothing_and_writes_nothing(client: TestClient, origin: str) -> None:
    for path in PLACES:
        assert client.get(path, headers={"Origin": origin}).status_code == 403, path
    body = {"name": "from elsewhere", "goal": "voice"}
    assert client.post("/api/projects", json=body, headers={"Origin": origin}).status_code == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"):
        sent = client.post("/api/projects", content=b'{"name": "from elsewhere", "goal": "voice"}', headers={"Origin": origin, "content-type": kind})  # fmt: skip
        assert sent.status_code == 403
    assert projects.list_projects(running.workspace()) == []
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM, headers={"Origin": origin}):
        pass


def fetched(site: str, mode: str, destination: str) -> dict[str, str]:
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination}


FOLLOWED = fetched("cross-site", "navigate", "document")


@pytest.mark.parametrize("told", FETCHED_FROM_ELSEWHERE, ids="/".join)
def test_what_another_origins_page_fetches_without_saying_its_origin_is_answered_nothing(
    client: TestClient, told: tuple[str, str, str]
) -> None:
    for path in (*PLACES, "/sign-on?code=a&state=b", "/metrics", "/nowhere"):
        answer = client.get(path, headers=fetched(*told))
        assert (answer.status_code, "answers only" in answer.text) == (403, True), path
    body = {"name": "from elsewhere", "goal": "voice"}
    assert client.post("/api/projects", json=body, headers=fetched(*told)).status_code == 403
    assert projects.list_projects(running.workspace()) == []


def test_a_form_of_another_page_is_no_link_that_is_followed(client: TestClient) -> None:
    for path in ("/sign-in", "/join", "/account", "/sign-out", "/sign-on", "/api/projects"):
        assert client.post(path, headers=FOLLOWED).status_code == 403, path


@pytest.mark.parametrize(
    "told",
    [
        FOLLOWED,
        fetched("same-site", "navigate", "document"),
        fetched("none", "navigate", "document"),
        fetched("same-origin", "cors", "empty"),
        {},
    ],
)
def test_links_own_pages_and_programs_are_answered(client: TestClient, told: dict[str, str]) -> None:
    for path in ("/", "/review", "/api/projects", "/healthz", "/_stcore/host-config"):
        assert client.get(path, headers=told).status_code == 200, path


def test_no_answer_lets_another_origin_read_it(client: TestClient) -> None:
    for path in PLACES:
        headers = client.get(path).headers
        assert "access-control-allow-origin" not in headers, path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
    asked = client.options("/api/projects", headers={"Access-Control-Request-Method": "POST"})
    assert "access-control-allow-origin" not in asked.headers

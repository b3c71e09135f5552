"""Routes: roles, token, host, errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from core.config import DataFolder
from core.nouns import Role
from studio.access import ensure_token
from studio.api.app import create_api
from tests.studio.opened_app import opened_app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = DataFolder(tmp_path_factory.mktemp("api") / "data")
    with opened_app(folder) as opened:
        opened.headers["Authorization"] = f"Bearer {ensure_token(folder.token_file)}"
        yield opened


def test_every_route_declares_a_role() -> None:
    routers = [getattr(included, "original_router", None) for included in create_api("token").routes]
    routes = [route for router in routers if router for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) > 30
    for route in routes:
        roles = [getattr(d.dependency, "role", None) for d in route.dependencies]
        assert any(role in list(Role) for role in roles), route.path


def test_the_token_file_is_for_its_owner_alone(folder: DataFolder) -> None:
    folder.create()
    token = ensure_token(folder.token_file)
    assert len(token) >= 32
    assert folder.token_file.stat().st_mode & 0o077 == 0
    assert ensure_token(folder.token_file) == token


def test_without_the_token_nothing_is_told(client: TestClient) -> None:
    answer = client.get("/api/projects", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
    assert "token" in answer.json()["message"]


def test_pages_and_api_carry_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/api/projects", "/healthz"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"


def test_health_says_ok(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


def test_the_openapi_document_names_every_noun(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert "/projects/{project}/runs" in paths


def test_a_missing_project_is_named_with_those_there_are(client: TestClient) -> None:
    answer = client.get("/api/projects/nope")
    assert answer.status_code == 404
    assert answer.json()["message"] == "There is no project called 'nope'."


def test_a_wrong_value_names_the_field(client: TestClient) -> None:
    answer = client.post("/api/projects", json={"name": "x"})
    assert answer.status_code == 422
    assert "goal" in answer.json()["message"]


def test_an_impossible_goal_lists_the_goals(client: TestClient) -> None:
    answer = client.post("/api/projects", json={"name": "x", "goal": "poetry"})
    assert answer.status_code == 422
    assert "voice, support, code" in answer.json()["remedy"]


def test_an_upload_comes_back_with_its_hash(client: TestClient) -> None:
    answer = client.put("/api/uploads", params={"path": "a.md"}, content=b"hello")
    assert answer.json()["sha256"] == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

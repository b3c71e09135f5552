"""File names and ids from outside never become paths: every place of the API where one stands, with names that would lead elsewhere."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.errors import ModelMissing
from core.jobs.executor import ChildProcessExecutor
from core.training.base_models import model_folder
from studio import running
from tests.security.asking import TERMS, as_owner, opened_app
from tests.security.inputs import NAMES
from tests.studio.role_table import RouteRole, routes

REPOSITORY = Path(__file__).resolve().parents[2]
SECRET = "the-words-of-a-file-beside-the-data-folder"
# Of Streamlit and its server: what a browser asks for beside the API.
FILES_OF_PAGES = (
    "/{name}", "/static/{name}", "/app/static/{name}", "/media/{name}", "/_stcore/{name}", "/_stcore/upload_file/a/{name}", "/_stcore/bidi-components/{name}",
    "/component/{name}", "/sign-in/{name}", "/v1/models/{name}", "/api/{name}",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    root = tmp_path_factory.mktemp("paths")
    folder = DataFolder(root / "data")
    for beside in (root / "data-sibling", root / "data.old"):
        beside.mkdir()
        (beside / "secret").write_text(SECRET, encoding="utf-8")
    (root / "token").write_text(SECRET, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        # What may be asked for is asked for, and would start workers.
        patch.setattr(ChildProcessExecutor, "start", lambda _, folder: None)
        with opened_app(folder, raise_server_exceptions=False) as opened:
            as_owner(opened, folder).post("/api/projects", json={"name": "p", "goal": "voice"})
            yield opened


def spelled(name: str) -> str:
    """The name as it stands in a path, percent-encoded where it is not yet; no client resolves it before it is sent."""
    written = quote(name.replace("{sibling}", "..%2fdata-sibling%2fsecret"), safe="%")
    return written.replace(".", "%2e") if set(written) == {"."} else written


def outside(root: Path) -> dict[str, str]:
    """What lies beside the data folder, by path, with its bytes' hash."""
    files = [path for path in root.rglob("*") if path.is_file() and root / "data" not in path.parents]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def of_a_name(route: RouteRole, name: str, *, place: int) -> str:
    """The path with the name in its nth place, and what there is in the others."""
    parts, seen = [], 0
    for part in route.path.split("/"):
        if not part.startswith("{"):
            parts.append(part)
            continue
        parts.append(name if seen == place else "p" if part == "{project}" else "nothing")
        seen += 1
    return "/api" + "/".join(parts)


@pytest.mark.parametrize("name", NAMES)
def test_no_route_takes_a_name_for_a_path(client: TestClient, name: str) -> None:
    root = running.workspace().folder.root.parent
    before, wrong = outside(root), []
    for route in routes():
        for place in range(route.path.count("{")):
            path = of_a_name(route, spelled(name), place=place)
            answer = client.request(route.method, path, json={} if route.method in ("POST", "PUT", "PATCH") else None)
            if answer.status_code >= 500 or SECRET in answer.text or "root:" in answer.text:
                wrong.append(f"{route.method} {path[:160]}: {answer.status_code} {answer.text[:160]}")
    assert wrong == []
    assert outside(root) == before


@pytest.mark.parametrize("name", NAMES)
def test_no_page_or_file_of_a_page_is_read_from_elsewhere(client: TestClient, name: str) -> None:
    for path in FILES_OF_PAGES:
        answer = client.get(path.replace("{name}", spelled(name)))
        assert answer.status_code < 500, (path, answer.text[:160])
        assert SECRET not in answer.text, path
        assert "root:" not in answer.text, path


def bodies(name: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Requests that name an upload or an object in their body."""
    file = {"sha256": name, "path": "a.md"}
    return [
        ("POST", "/api/projects/p/imports", TERMS | {"files": [file]}),
        ("POST", "/api/projects/p/imports", TERMS | {"files": [], "document": file}),
        ("POST", "/api/projects/p/imports", {"files": [file], "updates": name}),
        ("POST", "/api/projects/p/version-imports", {"files": [file], "confirm_terms": True}),
        ("POST", "/api/projects/p/versions/nothing/leaks", {"against": file}),
        ("POST", "/api/projects/p/fact-documents", {"files": [file], "owner": "Ann"}),
        ("POST", "/api/projects/p/bundles/runs", {"facts": {"version": name}, "base": name}),
        ("POST", "/api/projects/p/runs", {"version": name, "settings": {"base": name}}),
        ("POST", "/api/projects", {"name": name, "goal": "voice"}),
        ("POST", "/api/projects/p/versions", {"name": name}),
        ("PUT", "/api/projects/p/guide", {"content": name}),
    ]


@pytest.mark.parametrize(
    "name", ["../audit.key", "..", "/etc/passwd", "a/../../token", "\0", "a\0b", "x" * 300, "%2e%2e%2ftoken", "\ud800"]
)
def test_no_body_names_a_file_of_the_machine(client: TestClient, name: str) -> None:
    root = running.workspace().folder.root.parent
    before = outside(root)
    for method, path, body in bodies(name):
        text = json.dumps(body)
        answer = client.request(method, path, content=text, headers={"content-type": "application/json"})
        assert 400 <= answer.status_code < 500, (path, answer.status_code, answer.text[:200])
        assert SECRET not in answer.text
    assert outside(root) == before


@pytest.mark.parametrize(
    "name", ["../../out.md", "/etc/out.md", "a\0b.md", "x" * 3_000 + ".md", "..", "", "\u202egnp.md", "a\nb.md"]
)
def test_an_upload_is_kept_under_its_hash_whatever_it_is_called(client: TestClient, name: str) -> None:
    uploads = running.workspace().folder.uploads
    answer = client.put("/api/uploads", params={"path": name}, content=f"text of {name!a}".encode())
    assert answer.is_success, answer.text
    sha256 = hashlib.sha256(f"text of {name!a}".encode()).hexdigest()
    assert answer.json()["sha256"] == sha256
    assert (uploads / sha256).is_file()
    assert not list(running.workspace().folder.root.parent.rglob("out.md"))


@pytest.mark.parametrize(
    "name",
    [
        "x" * 300,
        "\0",
        "~nobody-of-that-name/x",
        "/etc",
        "..",
        "",
        "a" * 90_000,
        "../" * 2_000,
        "file:///etc/passwd",
        "\ud800",
    ],
)
def test_a_base_model_that_cannot_be_is_said_to_be_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelMissing):
        model_folder(name, tmp_path)


def test_no_code_compares_a_path_by_its_letters() -> None:
    """`/data-old` begins with `/data`: whether a path lies in a folder is asked of its parents."""
    found = []
    for file in (file for top in ("core", "studio", "pages") for file in (REPOSITORY / top).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "startswith":
                words = ast.unparse(node)
                if any(
                    word in words for word in ("str(path", ".resolve()", "str(folder", "str(root", ".root)", "realpath")
                ):
                    found.append((file.name, words))
    assert found == []

"""A studio that people sign in to: two projects, and somebody for every role in the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.testclient import TestClient
from streamlit.runtime import Runtime

from core.config import DataFolder
from core.nouns import Role
from core.workflows import access_tokens, projects
from studio import running
from studio.server import create_app
from tests.core.workflows.accounts_by_hand import first_owner, joined
from tests.studio.opened_app import ADDRESS

MACHINE, ELSEWHERE = ("127.0.0.1", 50_000), ("192.0.2.7", 50_000)


@contextmanager
def signed_in_app(
    folder: DataFolder, *, client: tuple[str, int] = ELSEWHERE, **options: object
) -> Iterator[TestClient]:
    """A client of a studio that asks for sign-in; options: of the application."""
    if running._current is None:
        running.start(folder, sign_in=True)
    Runtime._instance = None
    try:
        app = create_app(folder, **options)  # type: ignore[arg-type]
        with TestClient(app, base_url=ADDRESS, client=client, follow_redirects=False) as opened:
            yield opened
    finally:
        Runtime._instance = None
        running.stop()


def with_people(folder: DataFolder) -> dict[Role, str]:
    """Start it, and give a token for each role in the project `own`; the owner's is for everywhere."""
    folder.create()
    workspace = running.start(folder, sign_in=True)
    for name in ("own", "other"):
        projects.create_project(workspace, name=name, goal="voice", by="Olga")
    first_owner(workspace)
    tokens = {}
    for role in Role:
        name = "Olga" if role is Role.OWNER else f"the {role}"
        if role is not Role.OWNER:
            joined(workspace, name, role, "own")
        tokens[role] = access_tokens.make_token(
            workspace, f"{role} token", account=name, role=role, project=None, by="Olga"
        ).shown
    return tokens


def form_in(client: TestClient, path: str) -> dict[str, str]:
    """The hidden field that a page's form carries; its cookie stays with the client."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    return {"form": page.text.split('name="form" value="', 1)[1].split('"', 1)[0]}


def sign_in(client: TestClient, name: str, password: str) -> None:
    answer = client.post("/sign-in", data=form_in(client, "/sign-in") | {"name": name, "password": password})
    assert answer.status_code == 303, answer.text

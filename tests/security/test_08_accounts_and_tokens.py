"""There is no account and no key that everybody knows; a secret is shown once, kept as a hash, narrowed to a role, and ends when it is taken back.

Not covered here: how links, passwords and sessions begin and end (tests/core/workflows/test_people.py, tests/studio/test_sign_in.py), and what each
role may (test_09_roles.py).
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.config import DataFolder
from core.nouns import Role
from core.people.attempts import MOST_BY_ADDRESS
from core.workflows import access_tokens, api_keys, auditing, people, signing_in
from studio import running
from studio.access import ensure_token
from studio.gate import COOKIE
from tests.core.workflows.accounts_by_hand import PASSWORD
from tests.security.inputs import DEFAULTS, TOKENS
from tests.studio.opened_app import ADDRESS
from tests.studio.role_table import routes
from tests.studio.signed_in import form_in, sign_in, signed_in_app, with_people

REPOSITORY = Path(__file__).resolve().parents[2]
SECRET = re.compile(r"\b[a-z]+-[0-9a-f]{12}-[\w-]{43}")
Prepared = tuple[DataFolder, dict[Role, str]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A folder with people, and their tokens. It is closed again: a process has one open studio."""
    made = DataFolder(tmp_path_factory.mktemp("people") / "data")
    tokens = with_people(made)
    running.stop()
    return made, tokens


@pytest.fixture
def peopled(folder: DataFolder, prepared: Prepared) -> DataFolder:
    shutil.copytree(prepared[0].root, folder.root)
    return folder


@pytest.fixture
def client(peopled: DataFolder) -> Iterator[TestClient]:
    with signed_in_app(peopled) as opened:
        yield opened


@pytest.fixture
def headers(prepared: Prepared) -> dict[Role, dict[str, str]]:
    """By which each role asks the API."""
    return {role: {"Authorization": f"Bearer {token}"} for role, token in prepared[1].items()}


@pytest.mark.slow
def test_nobody_comes_in_under_a_name_and_password_that_tools_come_with(client: TestClient) -> None:
    assert len(DEFAULTS) > MOST_BY_ADDRESS
    for n, (name, password) in enumerate(DEFAULTS):
        # Each from an address of its own: what is looked at is the password, not how often one may try.
        other = TestClient(client.app, base_url=ADDRESS, client=(f"198.51.100.{n}", 50_000), follow_redirects=False)
        answer = other.post("/sign-in", data=form_in(other, "/sign-in") | {"name": name, "password": password})
        assert (answer.status_code, COOKIE in answer.cookies) == (401, False), (name, password)


def test_no_account_is_made_with_a_password_that_tools_come_with(client: TestClient) -> None:
    link = people.invite(running.workspace(), "Bo", role="reviewer", project="own", by="Olga")
    for password in {password for _, password in DEFAULTS}:
        sent = {"link": link.shown, "name": "Bo", "password": password, "again": password}
        assert client.post("/join", data=form_in(client, "/join") | sent).status_code == 422, password
    assert "Bo" not in {person.name for person in people.list_people(running.workspace())}


def test_a_new_folder_has_no_account_no_token_and_no_key(folder: DataFolder) -> None:
    folder.create()
    workspace = running.start(folder, sign_in=True)
    try:
        assert (people.list_people(workspace), access_tokens.list_tokens(workspace), api_keys.list_keys(workspace)) == (
            [],
            [],
            [],
        )
        link = people.set_up_link(workspace)
        assert link is not None
        assert link.shown not in json.dumps(people.list_invitations(workspace), default=str)
    finally:
        running.stop()


def test_no_text_of_the_studio_holds_a_secret_that_opens_anything() -> None:
    kinds = {".py", ".md", ".js", ".toml", ".json", ".html", ".sql"}
    texts = [
        file for top in ("core", "studio", "pages") for file in (REPOSITORY / top).rglob("*") if file.suffix in kinds
    ]
    texts += REPOSITORY.glob("*.md")
    assert len(texts) > 300
    assert [(file.name, found) for file in texts if (found := SECRET.findall(file.read_text(encoding="utf-8")))] == []


def test_what_is_no_token_opens_no_route(client: TestClient, prepared: Prepared) -> None:
    token = prepared[1][Role.OWNER]
    assert client.get("/api/accounts", headers={"Authorization": f"Bearer {token}"}).is_success
    asked = [(route.method, "/api" + re.sub(r"\{[^}]+\}", "own", route.path)) for route in routes()]
    # A route asks for its token as every other does: each token on some of them, and one that is nearly right on all.
    some = [("GET", "/v1/models"), ("GET", "/metrics"), *asked[::15]]
    for shown in TOKENS:
        header = shown.replace("{token}", token).replace("{half}", token[: len(token) // 2])
        for method, path in asked if shown == "Bearer {half}" else some:
            answer = client.request(method, path, headers={"Authorization": header} if header else {})
            assert answer.status_code == 401, (shown, path, answer.text[:120])


def test_no_secret_stands_in_any_file_of_the_data_folder(peopled: DataFolder, prepared: Prepared) -> None:
    with signed_in_app(peopled) as client:
        workspace = running.workspace()
        link = people.invite(workspace, "Bo", role="reviewer", project="own", by="Olga")
        other = people.new_password_link(workspace, "the lead", by="Olga")
        key = api_keys.create_key(workspace, "laptop", by="Olga")
        session = signing_in.sign_in(workspace, "the lead", PASSWORD)
        made = client.post(
            "/api/tokens",
            headers={"Authorization": f"Bearer {prepared[1][Role.OWNER]}"},
            json={"name": "ci", "account": "Olga", "role": "lead"},
        )
        assert made.is_success, made.text
        workspace.store.checkpoint()
    shown = [*prepared[1].values(), made.json()["token"], link.shown, other.shown, key.key, session.shown, PASSWORD]
    files = [file for file in peopled.root.rglob("*") if file.is_file()]
    assert {"proofroom.duckdb", "token", "audit.key", "audit.head"} <= {file.name for file in files}
    for file in files:
        content = file.read_bytes()
        assert [secret for secret in shown if secret.split("-", 2)[-1].encode() in content] == [], file
    for file in (peopled.token_file, peopled.audit_key):
        assert file.stat().st_mode & 0o077 == 0, file
    assert peopled.root.stat().st_mode & 0o077 == 0


def test_a_token_is_shown_once(client: TestClient, headers: dict[Role, dict[str, str]]) -> None:
    made = client.post(
        "/api/tokens", headers=headers[Role.OWNER], json={"name": "ci", "account": "Olga", "role": "lead"}
    ).json()
    listed = client.get("/api/tokens", headers=headers[Role.OWNER]).text
    assert '"ci"' in listed
    assert made["token"].split("-", 2)[2] not in listed
    assert "sha256" not in listed


def test_a_token_ends_at_once_when_it_is_taken_back_and_with_its_person(
    client: TestClient, headers: dict[Role, dict[str, str]]
) -> None:
    assert client.get("/api/projects/own/runs", headers=headers[Role.ENGINEER]).is_success
    assert client.post("/api/tokens/engineer%20token/revoke", headers=headers[Role.OWNER]).is_success
    assert client.get("/api/projects/own/runs", headers=headers[Role.ENGINEER]).status_code == 401
    assert client.get("/api/projects/own/records", headers=headers[Role.LEAD]).is_success
    assert client.post("/api/accounts/the%20lead/end", headers=headers[Role.OWNER]).is_success
    assert client.get("/api/projects/own/records", headers=headers[Role.LEAD]).status_code == 401


def test_a_token_does_no_more_than_its_person_may_by_now(
    client: TestClient, headers: dict[Role, dict[str, str]]
) -> None:
    assert client.get("/api/projects/own/records", headers=headers[Role.LEAD]).is_success
    people.set_role(running.workspace(), "the lead", role="reviewer", project="own", by="Olga")
    assert client.get("/api/projects/own/records", headers=headers[Role.LEAD]).status_code == 403


def test_the_trail_names_the_token_that_was_made_and_taken_back(
    client: TestClient, headers: dict[Role, dict[str, str]]
) -> None:
    client.post("/api/tokens", headers=headers[Role.OWNER], json={"name": "ci", "account": "Olga", "role": "lead"})
    (identity,) = [
        row["id"] for row in client.get("/api/tokens", headers=headers[Role.OWNER]).json() if row["name"] == "ci"
    ]
    client.post("/api/tokens/ci/revoke", headers=headers[Role.OWNER])
    where = auditing.audit_filter(running.workspace(), noun="access_token", object_id=identity)
    told = auditing.list_entries(running.workspace(), where)
    assert [(row["by"], row["action"]) for row in told] == [("Olga", "revoked"), ("Olga", "made")]


def test_the_token_of_the_folder_is_shown_by_no_page_and_no_answer(client: TestClient, peopled: DataFolder) -> None:
    token = ensure_token(peopled.token_file)
    sign_in(client, "Olga", PASSWORD)
    for path in ("/", "/people", "/account", "/healthz", "/api/openapi.json", "/sign-in"):
        answer = client.get(path)
        assert answer.status_code in (200, 303), path
        assert token not in answer.text + str(answer.headers), path

"""/metrics: counts for a monitor, for auditors and owners alone, without a name in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from core.config import DataFolder
from core.nouns import Role
from core.workflows import access_tokens, importing, projects
from core.workflows.workspace import Workspace
from studio import running
from studio.access import ensure_token
from tests.core.workflows.accounts_by_hand import joined
from tests.jobs_by_hand import finish
from tests.studio.opened_app import opened_app
from tests.studio.signed_in import form_in, signed_in_app, with_people

Sample = tuple[str, tuple[str, ...]]


@pytest.fixture
def client(folder: DataFolder) -> Iterator[TestClient]:
    folder.create()
    with opened_app(folder) as opened:
        opened.headers["Authorization"] = f"Bearer {ensure_token(folder.token_file)}"
        yield opened


def told(client: TestClient, **headers: str) -> dict[Sample, float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def with_records(workspace: Workspace) -> None:
    projects.create_project(workspace, name="Secret plan", goal="voice", by="Zebedee")
    lines = "".join(f'{{"text": "The post number {n} of a few words."}}\n' for n in range(5))
    upload = importing.keep_upload(workspace, "hidden.jsonl", lines.encode())
    terms = importing.Terms(owner="Zebedee", basis="consent", purpose="test", expires_on=None)
    job = importing.import_files(workspace, "Secret plan", [upload], terms, name="posts", by="Zebedee")["job"]
    assert finish(workspace, job)["state"] == "done"


def test_what_the_studio_holds_is_counted(client: TestClient) -> None:
    with_records(running.workspace())
    found = told(client)
    assert found["proofroom_projects", ()] == found["proofroom_sources", ()] == 1
    assert found["proofroom_records", ("undecided",)] == 5
    assert found["proofroom_jobs", ("done",)] >= 1
    assert found["proofroom_dataset_versions", ()] == found["proofroom_drafts", ()] == 0
    assert found["proofroom_uptime_seconds", ()] > 0
    (build,) = [labels for name, labels in found if name == "proofroom_build_info"]
    assert len(build) == 4


def test_no_name_of_a_project_a_person_or_a_file_is_in_it(client: TestClient) -> None:
    with_records(running.workspace())
    client.get("/api/projects/Secret%20plan/records")
    client.get("/no/such/page/of/Zebedee")
    text = client.get("/metrics").text
    assert not [word for word in ("Secret", "Zebedee", "hidden", "posts") if word in text]


def test_requests_are_counted_by_what_answered_and_how(client: TestClient) -> None:
    before = told(client)
    for path in ("/api/projects", "/api/projects/none", "/v1/models", "/healthz", "/"):
        client.get(path)
    client.get("/api/projects", headers={"Host": "evil.example"})
    after = told(client)
    rise = {
        labels: n - before.get((name, labels), 0) for (name, labels), n in after.items() if "requests_total" in name
    }
    assert rise == {
        ("api", "200"): 1, ("api", "404"): 1, ("api", "403"): 1, ("v1", "401"): 1, ("healthz", "200"): 1, ("page", "200"): 1, ("metrics", "200"): 1,
    }  # fmt: skip


def test_without_a_token_nothing_is_told(client: TestClient) -> None:
    for path in ("/metrics", "/api/metrics"):
        assert client.get(path, headers={"Authorization": ""}).status_code == 401
        assert client.get(path).status_code == 200
    assert client.get("/metrics/more").status_code != 401, "a page of Streamlit's, as any address that nobody knows"
    assert "proofroom_" not in client.get("/metrics/more").text


def test_where_people_sign_in_it_is_for_an_owner_and_an_auditor_of_the_whole_studio(folder: DataFolder) -> None:
    tokens = with_people(folder)
    joined(running.workspace(), "Aude", Role.AUDITOR)
    tokens_of_all = access_tokens.make_token(
        running.workspace(), "monitor", account="Aude", role=Role.AUDITOR, project=None, by="Olga"
    )
    with signed_in_app(folder) as client:
        client.post("/sign-in", data=form_in(client, "/sign-in") | {"name": "Aude", "password": "not that one"})

        def status(token: str) -> int:
            return client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code

        assert client.get("/metrics").status_code == 401
        assert {role: status(token) for role, token in tokens.items()} == dict.fromkeys(Role, 403) | {Role.OWNER: 200}
        found = told(client, Authorization=f"Bearer {tokens_of_all.shown}")
        assert found["proofroom_refused_sign_ins_total", ()] == 1
        assert found["proofroom_http_requests_total", ("sign_in", "401")] == 1

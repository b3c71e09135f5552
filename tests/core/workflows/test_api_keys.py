"""Keys of /v1 and the models that they can ask for."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from core.errors import Conflict, Invalid, NotFound, Refused, Unauthenticated
from core.store.connection import utc_now
from core.workflows import api_keys, freezing, importing, projects, serving
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e.made_up import MadeUpWorkers, trained
from tests.jobs_by_hand import finish


def made(workspace: Workspace, name: str = "app", **settings: object) -> api_keys.NewKey:
    return api_keys.create_key(workspace, name, by="Ann", **settings)  # type: ignore[arg-type]


def test_a_key_opens_until_it_is_revoked_and_its_use_is_noted(workspace: Workspace) -> None:
    key = made(workspace)
    row = api_keys.key_of(workspace, key.key)
    assert (row["id"], row["name"], row["models"]) == (key.id, "app", [])
    (listed,) = api_keys.list_keys(workspace)
    assert listed["last_used_at"] is not None
    assert utc_now() - listed["last_used_at"] < timedelta(seconds=30)
    api_keys.revoke_key(workspace, "app", by="Bob")
    with pytest.raises(Unauthenticated):
        api_keys.key_of(workspace, key.key)
    (listed,) = api_keys.list_keys(workspace)
    assert listed["revoked_by"] == "Bob"


def test_only_the_hash_is_kept_and_events_name_ids_alone(workspace: Workspace) -> None:
    key = made(workspace, "secret name")
    secret = key.key.rpartition("-")[2]
    for table in ("api_keys", "events"):
        rows = workspace.store.read(f"SELECT * FROM {table}")
        assert secret not in json.dumps(rows, default=str)
    events = workspace.store.read("SELECT action, object_id, facts FROM events WHERE noun = 'api_key'")
    assert events == [{"action": "created", "object_id": key.id, "facts": {}}]


def test_what_is_no_key_opens_nothing(workspace: Workspace) -> None:
    key = made(workspace)
    other = made(workspace, "other")
    half = key.key.rpartition("-")
    wrong = [
        "",
        "x",
        key.key[:-1],
        key.key + "x",
        f"{half[0]}-{other.key.rpartition('-')[2]}",
        key.key.upper(),
        "\ud800",
        key.id,
    ]
    for shown in wrong:
        with pytest.raises(Unauthenticated, match="shows no key that is in use"):
            api_keys.key_of(workspace, shown)


def test_a_use_is_noted_once_a_minute_at_most(workspace: Workspace) -> None:
    key = made(workspace)
    api_keys.key_of(workspace, key.key)
    first = api_keys.list_keys(workspace)[0]["last_used_at"]
    api_keys.key_of(workspace, key.key)
    assert api_keys.list_keys(workspace)[0]["last_used_at"] == first


def test_a_name_is_free_again_once_its_key_is_revoked(workspace: Workspace) -> None:
    old = made(workspace)
    with pytest.raises(Conflict, match="'app' is in use already"):
        made(workspace)
    api_keys.revoke_key(workspace, "app", by="Ann")
    with pytest.raises(Conflict, match="was revoked already"):
        api_keys.revoke_key(workspace, "app", by="Ann")
    new = made(workspace)
    api_keys.revoke_key(workspace, "app", by="Ann")
    assert {row["id"] for row in api_keys.list_keys(workspace) if row["revoked_at"]} == {old.id, new.id}
    with pytest.raises(NotFound, match="no key 'nope'"):
        api_keys.revoke_key(workspace, "nope", by="Ann")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"models": ["base", "nope/v1"]}, "no model 'nope/v1'"),
        ({"requests_per_minute": 0}, "0 requests a minute"),
        ({"requests_at_once": 257}, "257 requests at once"),
        ({"name": "a/b"}, "cannot name a key"),
    ],
)
def test_a_key_that_cannot_be_is_refused_with_what_can(
    workspace: Workspace, settings: dict[str, object], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        made(workspace, **settings)
    assert api_keys.list_keys(workspace) == []


@pytest.fixture
def run_name(folder, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A workspace with one finished run, and its model's name."""
    opened = open_workspace(folder, executor=MadeUpWorkers())
    projects.create_project(opened, name="voice", goal="voice", by="Ann")
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=date(2099, 1, 1))
    lines = "".join(
        json.dumps({"id": str(i), "text": f"Text {i} is about boat {i * 7}, which we mended in week {i}."}) + "\n"
        for i in range(12)
    )
    upload = importing.keep_upload(opened, "posts.jsonl", lines.encode())
    assert (
        finish(opened, importing.import_files(opened, "voice", [upload], terms, name="posts", by="Ann")["job"])["state"]
        == "done"
    )
    job = freezing.freeze_version(opened, "voice", name="v1", recipe="everything", by="Ann")["job"]
    assert finish(opened, job)["state"] == "done"
    trained(opened, "voice", "v1")
    yield opened, "voice/v1-1"
    opened.close()


def test_each_run_with_an_adapter_is_a_model_and_so_is_the_base(run_name: tuple[Workspace, str]) -> None:
    workspace, name = run_name
    assert serving.model_names(workspace) == ["base", name]
    model = serving.model_called(workspace, name)
    assert model.adapter is not None
    assert model.adapter.name == "adapter"
    assert (model.base, serving.model_called(workspace, "base").adapter) == ("embedded", None)


def test_of_runs_with_one_name_the_newest_has_it(run_name: tuple[Workspace, str]) -> None:
    workspace, name = run_name
    first = serving.model_called(workspace, name).run
    with workspace.store.transaction() as tx:
        tx.execute(
            "INSERT INTO runs BY NAME SELECT * REPLACE ('run_newer' AS id, created_at + INTERVAL 1 MINUTE AS created_at) FROM runs"
        )
    assert serving.model_called(workspace, name).run == "run_newer"
    assert serving.model_names(workspace) == ["base", name, f"voice/{first}"]


def test_a_run_whose_source_has_expired_is_listed_and_not_served(run_name: tuple[Workspace, str]) -> None:
    workspace, name = run_name
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = DATE '2020-01-01'")
    with pytest.raises(Refused, match="The source posts expired on 2020-01-01"):
        serving.model_called(workspace, name)
    listed = {row["name"]: row for row in serving.list_models(workspace)}
    assert not listed[name]["is_servable"]
    assert "expired" in listed[name]["reason"]
    assert listed["base"]["is_servable"]


def test_a_model_that_is_not_there_is_named(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no model 'voice/v1-1'"):
        serving.model_called(workspace, "voice/v1-1")

"""Keys of /v1 and the models that they can ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid, NotFound, Refused, Unauthenticated
from core.store.connection import utc_now
from core.workflows import api_keys, models, serving
from core.workflows.workspace import Workspace
from tests.studio.serving_studio import MODEL, with_run


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
    secret = key.key.split("-", 2)[2]
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


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """With one finished run."""
    opened = with_run(DataFolder(tmp_path_factory.mktemp("keys") / "data"))
    yield opened
    opened.close()


def test_each_run_with_an_adapter_is_a_model_and_so_is_the_base(studio: Workspace) -> None:
    assert serving.model_names(studio) == ["base", MODEL]
    model = serving.model_called(studio, MODEL)
    assert model.adapter is not None
    assert model.adapter.name == "adapter"
    assert (model.base, serving.model_called(studio, "base").adapter) == ("embedded", None)


def test_a_retired_model_is_listed_and_not_served_until_that_is_taken_back(studio: Workspace) -> None:
    run = serving.model_called(studio, MODEL).run
    models.retire(studio, run, reason="It repeats itself.", by="Ann")
    with pytest.raises(Refused, match="The model of v1-1 was retired"):
        serving.model_called(studio, MODEL)
    models.take_back(studio, run, by="Ann")
    assert serving.model_called(studio, MODEL).is_servable


def test_of_runs_with_one_name_the_newest_has_it(studio: Workspace) -> None:
    first = serving.model_called(studio, MODEL).run
    with studio.store.transaction() as tx:
        tx.execute(
            "INSERT INTO runs BY NAME SELECT * REPLACE ('run_newer' AS id, created_at + INTERVAL 1 MINUTE AS created_at) FROM runs"
        )
    assert serving.model_called(studio, MODEL).run == "run_newer"
    assert serving.model_names(studio) == ["base", MODEL, f"voice/{first}"]


def test_a_run_whose_source_has_expired_is_listed_and_not_served(studio: Workspace) -> None:
    with studio.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = DATE '2020-01-01'")
    with pytest.raises(Refused, match="The source posts expired on 2020-01-01"):
        serving.model_called(studio, MODEL)
    listed = {row["name"]: row for row in serving.list_models(studio)}
    assert not listed[MODEL]["is_servable"]
    assert "expired" in listed[MODEL]["reason"]
    assert listed["base"]["is_servable"]


def test_a_model_that_is_not_there_is_named(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no model 'voice/v1-1'"):
        serving.model_called(workspace, "voice/v1-1")

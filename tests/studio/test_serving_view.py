"""Serving on a page: names, keys that are made, shown once and revoked, and examples that hold for any name."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.config import DataFolder
from core.errors import Unauthenticated
from core.workflows import api_keys
from core.workflows.workspace import Workspace
from studio import running
from studio.parts.serving_view import curl_example, python_example
from tests.studio.serving_studio import MODEL, with_run


def page() -> None:
    from core.workflows.workspace import project_named
    from studio.parts.frame import show_notice
    from studio.parts.serving_view import show_serving
    from studio.running import workspace

    show_notice()
    show_serving(project_named(workspace(), "voice"), by="Ann")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = DataFolder(tmp_path_factory.mktemp("view") / "data")
    with_run(folder).close()
    yield running.start(folder)
    running.stop()


@pytest.fixture
def app(workspace: Workspace) -> AppTest:
    for key in api_keys.list_keys(workspace):
        if key["revoked_at"] is None:
            api_keys.revoke_key(workspace, key["id"], by="Ann")
    opened = AppTest.from_function(page, default_timeout=60).run()
    assert not opened.exception
    return opened


def codes(app: AppTest) -> list[str]:
    return [code.value for code in app.code]


def make(app: AppTest, name: str, *models: str) -> str:
    """Fill the form in, and return the key that is shown."""
    app.text_input(key="api_key_name").set_value(name)
    app.multiselect(key="api_key_models").set_value(list(models))
    app.button(key="api_key_create").click().run()
    assert not app.exception
    (shown,) = [code for code in codes(app) if code.startswith("proofroom-")]
    return shown


def test_it_shows_the_address_the_models_and_how_to_ask(app: AppTest) -> None:
    assert codes(app)[0].endswith("/v1")
    assert app.dataframe[0].value["model"].tolist() == ["base", MODEL]
    assert any(f'"model": "{MODEL}"' in code for code in codes(app))
    assert any("from openai import OpenAI" in code for code in codes(app))


def test_a_key_is_shown_once_and_opens_until_it_is_revoked(app: AppTest, workspace: Workspace) -> None:
    shown = make(app, "our app", MODEL)
    key = api_keys.key_of(workspace, shown)
    assert (key["name"], key["models"], key["created_by"]) == ("our app", [MODEL], "Ann")
    app.button(key="new_api_key_copied").click().run()
    assert not any(code.startswith("proofroom-") for code in codes(app))
    again = AppTest.from_function(page, default_timeout=60).run()
    assert not any(code.startswith("proofroom-") for code in codes(again))
    again.button(key=f"revoke_{key['id']}").click().run()
    with pytest.raises(Unauthenticated):
        api_keys.key_of(workspace, shown)


def test_a_name_that_is_taken_is_said_and_makes_no_key(app: AppTest, workspace: Workspace) -> None:
    make(app, "twice")
    app.button(key="new_api_key_copied").click().run()
    n_before = len(api_keys.list_keys(workspace))
    app.text_input(key="api_key_name").set_value("twice")
    app.button(key="api_key_create").click().run()
    assert "in use already" in app.error[0].value
    assert len(api_keys.list_keys(workspace)) == n_before


def test_examples_hold_for_any_name() -> None:
    name = 'it\'s $HOME "x"/v1'
    command = shlex.split(curl_example("http://127.0.0.1:1/v1", name).replace("\\\n", " "))
    assert json.loads(command[-1])["model"] == name
    compile(python_example("http://127.0.0.1:1/v1", name), "example", "exec")


def test_without_a_run_it_says_so(tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.workflows import projects
    from core.workflows.workspace import open_workspace

    empty = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(empty, name="voice", goal="voice", by="Ann")
    monkeypatch.setattr(running, "_current", empty)
    app = AppTest.from_function(page, default_timeout=60).run()
    assert any("No run of this project has an adapter yet" in caption.value for caption in app.caption)
    assert any('"model": "base"' in code for code in codes(app))
    empty.close()

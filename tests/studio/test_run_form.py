"""The settings of a run in their two views: the same configuration in both, named, kept in the address, and one button from the preset."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.config import DataFolder
from core.workflows import training
from core.workflows.workspace import Workspace
from studio import running
from tests.studio.serving_studio import with_run


def form() -> None:
    import streamlit as st

    from studio.parts.run_form import show_form

    st.session_state["chosen"] = show_form("voice", "v1").settings


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = DataFolder(tmp_path_factory.mktemp("form") / "data")
    with_run(folder).close()
    yield running.start(folder)
    running.stop()


@pytest.fixture
def preset(workspace: Workspace) -> dict[str, object]:
    config: dict[str, object] = training.plan_run(workspace, "voice", "v1")["config"]
    return config


def opened(settings: str = "") -> AppTest:
    app = AppTest.from_function(form, default_timeout=60)
    if settings:
        app.query_params["settings"] = settings
    return shown(app.run())


def shown(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.warning
    return app


def switched(app: AppTest) -> AppTest:
    """To the other view."""
    toggle = app.toggle(key="train_expert")
    return shown(toggle.set_value(not toggle.value).run())


def field(app: AppTest, label: str) -> float | int:
    (found,) = [one for one in app.number_input if one.label == label]
    return found.value


def address(app: AppTest) -> str:
    found = app.query_params.get("settings", "")
    return found if isinstance(found, str) else ",".join(found)


def told(app: AppTest) -> list[str]:
    return [one.value.replace("\\", "") for one in app.caption if "the preset" in one.value]


def test_what_an_expert_set_counts_in_the_simple_view_too(workspace: Workspace) -> None:
    app = switched(opened("rank=8,dropout=0.25"))
    assert "Rank" not in [one.label for one in app.number_input]
    assert app.session_state["chosen"] == {"rank": 8, "dropout": 0.25}
    assert address(app) == "rank=8,dropout=0.25"
    assert told(app) == ["2 settings differ from the preset: rank 8 instead of 16, dropout 0.25 instead of 0."]


def test_settings_of_both_views_are_named_together_and_come_back_to_the_expert(workspace: Workspace) -> None:
    app = switched(opened("rank=8"))
    (steps,) = [one for one in app.number_input if one.label == "Stop after so many steps"]
    shown(steps.set_value(3).run())
    assert app.session_state["chosen"] == {"rank": 8, "max_steps": 3}
    app = switched(app)
    assert (field(app, "Rank"), field(app, "Stop after so many steps")) == (8, 3)
    assert app.session_state["chosen"] == {"rank": 8, "max_steps": 3}


@pytest.mark.parametrize("is_expert", [True, False])
def test_one_button_goes_back_to_the_preset(workspace: Workspace, preset: dict[str, object], is_expert: bool) -> None:
    app = opened("rank=8,schedule=linear,epochs=7.0")
    if not is_expert:
        app = switched(app)
    shown(app.button(key="train_back").click().run())
    assert app.session_state["chosen"] == {}
    assert (address(app), told(app)) == ("", [])
    assert field(app, "Passes over the examples") == preset["epochs"]
    if not is_expert:
        app = switched(app)
    assert field(app, "Rank") == preset["rank"]
    # Fields that were gone back in can be set again.
    (rank,) = [one for one in app.number_input if one.label == "Rank"]
    shown(rank.set_value(4).run())
    assert app.session_state["chosen"] == {"rank": 4}


def test_a_setting_that_is_the_presets_does_not_differ(workspace: Workspace, preset: dict[str, object]) -> None:
    app = switched(opened(f"rank={preset['rank']},dropout=0.25"))
    assert app.session_state["chosen"] == {"dropout": 0.25}


def test_nothing_is_said_of_a_preset_that_nothing_differs_from(workspace: Workspace) -> None:
    app = opened()
    assert told(app) == []
    assert "train_back" not in [one.key for one in app.button]

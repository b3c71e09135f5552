"""The page of the queue, with a browser that sends another item than the one it was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.config import DataFolder
from core.nouns import System
from core.workflows import projects, review_choices, reviewing
from core.workflows.workspace import Workspace
from studio import running
from studio.parts import editor
from tests.core.workflows.queue_by_hand import judge_next, put_drafts
from tests.studio.opened_page import opened_page


@pytest.fixture
def workspace(folder: DataFolder) -> Iterator[Workspace]:
    """Two projects, each with drafts of its own."""
    folder.create()
    opened = running.start(folder)
    for name in ("mine", "theirs"):
        projects.create_project(opened, name=name, goal="voice", by="Ann")
        put_drafts(opened, name, 2, prefix=name, job=f"job_{name}")
    yield opened
    running.stop()


def sends(saved: dict[str, Any] | None, decided: dict[str, Any] | None) -> Callable[..., None]:
    """In the place of the browser: it sends this as soon as it was given a draft."""

    def component(*, key: str, **given: Any) -> None:
        st.session_state[key] = SimpleNamespace(saved=saved, decided=decided)
        given["on_saved_change" if saved else "on_decided_change"]()

    return component


def on_the_page() -> AppTest:
    return opened_page("review", project="mine")


def test_where_more_drafts_wait_but_none_may_come_it_says_that_this_is_all_for_now(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor, "_component", lambda **given: None)
    for _ in range(2):
        judge_next(workspace, "mine", by="Ann")
    (said,) = (one.value for one in on_the_page().info)
    assert said.startswith("**That is all for you now.** Look in again later")
    assert "You judged 2 so far. 2 more drafts wait" in said


@pytest.mark.parametrize("reasons", [["too long"], []])
def test_the_editor_is_told_whether_the_last_verdict_lacked_a_reason(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, reasons: list[str]
) -> None:
    current = reviewing.next_draft(workspace, "mine", by="Ann").current
    assert current is not None
    review_choices.save_choices(workspace, current.item, by="Ann", reasons=reasons, scores={})
    given: dict[str, Any] = {}
    monkeypatch.setattr(editor, "_component", lambda **told: given.update(told))
    app = on_the_page()
    assert given["data"]["lacked_reason"] is False
    sent = {"item": current.item, "text": current.text, "seconds": 9, "decision": "reject", "known": [current.text]}

    def component(**told: Any) -> None:
        if told["data"]["item"] == current.item:
            st.session_state["review_editor"] = SimpleNamespace(saved=None, decided=sent)
            told["on_decided_change"]()
        given.update(told)

    monkeypatch.setattr(editor, "_component", component)
    app.run()
    app.run()
    assert given["data"]["item"] != current.item
    assert given["data"]["lacked_reason"] is not bool(reasons)


@pytest.mark.parametrize("what", ["save", "hold", "reject", "later"])
def test_an_item_of_another_project_is_not_written_to(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    remembered = reviewing.next_draft(workspace, "theirs", by="Ann").current
    assert remembered is not None
    sent = {"item": remembered.item, "text": None if what == "hold" else "Mine.", "seconds": 900}
    is_saved = what in ("save", "hold")
    decided = sent | {"decision": what, "known": [remembered.text]}
    monkeypatch.setattr(editor, "_component", sends(sent, None) if is_saved else sends(None, decided))
    app = on_the_page()
    assert "There is no review item" in app.session_state["notice"][0]
    state = reviewing.next_draft(workspace, "theirs", by="Ann")
    assert state.current == remembered
    assert state.n_done == 0


def test_of_a_draft_that_may_be_known_it_is_said_that_the_verdict_counts_in_no_rate(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor, "_component", lambda **given: None)
    said = "Your verdict is kept, and counts in no rate."
    assert said not in " ".join(one.value for one in on_the_page().info)
    for system in (System.TUNED, System.BASE):
        reviewing.submit(workspace, f"i_mine0_{system}".ljust(26, "0"), "sign_off", by="Ann")
    reviewing.undo_last_review(workspace, "mine", by="Ann")
    assert said in " ".join(one.value for one in on_the_page().info)


def test_looking_back_is_offered_once_there_is_something_to_look_back_at(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor, "_component", lambda **given: None)

    def offered() -> list[str]:
        return [one.label for one in on_the_page().button if one.label in ("Look back", "Undo my last verdict")]

    for _ in range(2):
        judge_next(workspace, "mine", by="Ann")
    assert offered() == ["Undo my last verdict"]
    for _ in range(2):
        judge_next(workspace, "mine", by="Otto")
    assert offered() == ["Undo my last verdict", "Look back"]

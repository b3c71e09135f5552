"""One reviewer at two devices: what is only held overwrites nothing, and no verdict is given on a text that was changed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict
from core.nouns import System
from core.workflows import projects, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.queue_by_hand import put_drafts


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """One brief with two drafts."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    put_drafts(opened, "p", 1, systems=(System.TUNED, System.BASE))
    yield opened
    opened.close()


def shown(workspace: Workspace, by: str = "Ann") -> reviewing.ItemToReview:
    current = reviewing.next_draft(workspace, "p", by=by).current
    assert current is not None
    return current


def test_a_device_that_only_holds_a_draft_leaves_what_another_one_stored(workspace: Workspace) -> None:
    item = shown(workspace).item
    reviewing.save_text(workspace, item, by="Ann", text="From the phone.", seconds=40.0)
    reviewing.hold(workspace, item, by="Ann", seconds=12.0)
    assert (shown(workspace).text, shown(workspace).seconds) == ("From the phone.", 40.0)


def test_holding_keeps_a_draft_from_colleagues_and_changes_no_word(workspace: Workspace) -> None:
    first = shown(workspace)
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE shown_items SET shown_at = shown_at - INTERVAL 1 HOUR")
    reviewing.hold(workspace, first.item, by="Ann", seconds=12.0)
    assert shown(workspace, by="Bo").item != first.item
    assert shown(workspace).text == first.draft


def test_a_draft_that_was_judged_is_not_held_any_more(workspace: Workspace) -> None:
    item = shown(workspace).item
    reviewing.submit(workspace, item, "reject", by="Ann")
    reviewing.hold(workspace, item, by="Ann", seconds=12.0)
    assert workspace.store.read("SELECT 1 AS one FROM saved_texts") == []


@pytest.mark.parametrize("decision", ["sign_off", "reject"])
def test_a_verdict_on_a_text_that_was_changed_elsewhere_is_not_stored(workspace: Workspace, decision: str) -> None:
    item = shown(workspace)
    reviewing.save_text(workspace, item.item, by="Ann", text="From the phone.", seconds=40.0)
    with pytest.raises(Conflict, match="You changed this draft on another device meanwhile"):
        reviewing.submit(workspace, item.item, decision, by="Ann", text=item.text, known=[item.text])
    known = [item.text, "From the\r\nphone.", "From the phone."]
    reviewing.submit(workspace, item.item, decision, by="Ann", text="From the phone. And more.", known=known)
    assert workspace.store.read("SELECT final_text FROM reviews") == [{"final_text": "From the phone. And more."}]


def test_one_that_does_not_say_what_it_knows_is_believed(workspace: Workspace) -> None:
    item = shown(workspace)
    reviewing.save_text(workspace, item.item, by="Ann", text="From the phone.", seconds=40.0)
    reviewing.submit(workspace, item.item, "sign_off", by="Ann", text="By a script.")
    assert workspace.store.read("SELECT final_text FROM reviews") == [{"final_text": "By a script."}]


def test_a_draft_is_judged_at_one_device_alone(workspace: Workspace) -> None:
    item = shown(workspace)
    reviewing.submit(workspace, item.item, "sign_off", by="Ann", text="From the desk.", known=[item.text])
    with pytest.raises(Conflict, match="You have judged this draft already"):
        reviewing.submit(workspace, item.item, "reject", by="Ann", text=item.text, known=[item.text])

"""Later: a draft that is put off keeps what was typed, is free for colleagues, and comes again when nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict
from core.nouns import System
from core.workflows import projects, putting_off, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.queue_by_hand import a_day_passes, judge_next, put_drafts


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Three briefs with one draft each."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    projects.set_repeat_every(opened, "p", every=0, by="Ann")
    put_drafts(opened, "p", 3, systems=(System.TUNED,))
    yield opened
    opened.close()


def shown(workspace: Workspace, by: str = "Ann") -> reviewing.ItemToReview:
    current = reviewing.next_draft(workspace, "p", by=by).current
    assert current is not None, "the queue gives nothing"
    return current


def put_off(workspace: Workspace, by: str = "Ann", text: str | None = None) -> str:
    item = shown(workspace, by).item
    putting_off.put_off(workspace, item, by=by, text=text, seconds=7.0)
    return item


def test_the_others_come_first_and_then_it_comes_again_as_it_was_left(workspace: Workspace) -> None:
    first = put_off(workspace, text="Half a sentence")
    assert (shown(workspace).n_left, shown(workspace).n_later) == (2, 1)
    others = [judge_next(workspace, "p", by="Ann") for _ in range(2)]
    assert first not in others
    again = shown(workspace)
    assert (again.item, again.text, again.seconds, again.n_left) == (first, "Half a sentence", 7.0, 1)


def test_those_put_off_come_in_the_order_in_which_they_were(workspace: Workspace) -> None:
    order = [put_off(workspace) for _ in range(3)]
    assert len(set(order)) == 3
    assert [judge_next(workspace, "p", by="Ann") for _ in range(3)] == order


def test_once_it_came_again_it_stays_until_it_is_judged_or_put_off_again(workspace: Workspace) -> None:
    first = put_off(workspace)
    for _ in range(2):
        judge_next(workspace, "p", by="Ann")
    assert shown(workspace).item == first
    put_drafts(workspace, "p", 1, systems=(System.TUNED,), prefix="c")
    assert shown(workspace).item == first
    put_off(workspace)
    assert shown(workspace).item != first


def test_a_colleague_may_have_it_at_once_and_then_it_does_not_come_again(workspace: Workspace) -> None:
    mine = put_off(workspace)
    assert mine in {judge_next(workspace, "p", by="Bo") for _ in range(3)}
    assert reviewing.next_draft(workspace, "p", by="Ann").current is None


def test_of_its_brief_nothing_else_comes_until_it_is_judged(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 1, systems=(System.TUNED, System.BASE, System.HUMAN), prefix="d")
    put_drafts(workspace, "p", 30, systems=(System.TUNED,), prefix="e")
    came: list[str] = []
    while not came or not came[-1].startswith("i_d0"):
        came.append(shown(workspace).item)
        if came[-1].startswith("i_d0"):
            putting_off.put_off(workspace, came[-1], by="Ann")
        else:
            judge_next(workspace, "p", by="Ann")
    left = 33 - (len(came) - 1)
    rest = [judge_next(workspace, "p", by="Ann") for _ in range(left)]
    assert not [item for item in rest if item.startswith("i_d0")]
    assert shown(workspace).item == came[-1]


def test_what_comes_back_to_its_reviewer_can_be_put_off_too(workspace: Workspace) -> None:
    projects.set_repeat_every(workspace, "p", every=4, by="Ann")
    put_drafts(workspace, "p", 80, systems=(System.TUNED, System.BASE), prefix="f")
    known: set[str] = set()
    for _ in range(100):
        item = shown(workspace).item
        if not workspace.store.read("SELECT 1 AS one FROM review_items WHERE id = ?", [item]):
            break
        known.add(item)
        judge_next(workspace, "p", by="Ann")
        if len(known) == 30:
            a_day_passes(workspace)
    else:
        pytest.fail("nothing came back")
    putting_off.put_off(workspace, item, by="Ann")
    assert shown(workspace).item != item


def test_what_is_judged_cannot_be_put_off(workspace: Workspace) -> None:
    item = judge_next(workspace, "p", by="Ann")
    with pytest.raises(Conflict, match="You have judged this draft already"):
        putting_off.put_off(workspace, item, by="Ann")


def test_a_verdict_that_is_taken_back_after_a_draft_was_put_off_shows_its_own_item(workspace: Workspace) -> None:
    judged = judge_next(workspace, "p", by="Ann")
    later = put_off(workspace)
    assert reviewing.undo_last_review(workspace, "p", by="Ann") == judged
    assert shown(workspace).item == judged
    assert later != judged


def test_what_was_never_shown_cannot_be_put_off(workspace: Workspace) -> None:
    with pytest.raises(Conflict, match="You were not shown this draft"):
        putting_off.put_off(workspace, shown(workspace, "Bo").item, by="Ann")

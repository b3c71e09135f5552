"""How many drafts are left for a reviewer: those that come now, and those that wait; without a sign of who wrote the one on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.nouns import System
from core.workflows import projects, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.queue_by_hand import judge_next, put_drafts

ALL = (System.TUNED, System.BASE, System.HUMAN)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    projects.set_repeat_every(opened, "p", every=0, by="Ann")
    yield opened
    opened.close()


def left(workspace: Workspace, by: str) -> tuple[int, int]:
    current = reviewing.next_draft(workspace, "p", by=by).current
    return (current.n_left, current.n_later) if current else (0, 0)


def test_as_many_are_said_to_be_left_as_come_before_a_wait(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 5, systems=ALL)
    said = []
    while (now := left(workspace, "Rita"))[0]:
        said.append(now)
        judge_next(workspace, "p", by="Rita")
    assert said == [(5, 10), (4, 10), (3, 10), (2, 10), (1, 10)]


def test_why_the_others_come_later_is_said_with_their_number(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 2, systems=ALL)
    current = reviewing.next_draft(workspace, "p", by="Rita").current
    assert current is not None
    assert current.why_later == "4 more later: texts on one brief come far apart."


def test_what_a_colleague_holds_is_not_said_to_be_left(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 3, systems=(System.TUNED,))
    assert left(workspace, "Rita") == (3, 0)
    assert left(workspace, "Otto") == (2, 0)
    assert left(workspace, "Rita") == (2, 0)


def test_a_last_free_text_of_a_brief_whose_other_one_is_held_comes_later(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 1, systems=(System.TUNED, System.HUMAN))
    assert left(workspace, "Rita") == (1, 1)
    found = reviewing.waiting_for(workspace, "p", by="Otto")
    assert (found.n_now, found.n_later) == (0, 1)
    assert left(workspace, "Otto") == (0, 0)


def test_the_number_falls_by_one_with_a_draft_whoever_wrote_it_and_however_many_its_brief_has_left(
    workspace: Workspace,
) -> None:
    put_drafts(workspace, "p", 8, systems=(System.TUNED,), prefix="one")
    put_drafts(workspace, "p", 8, systems=ALL, prefix="three")
    said = []
    while (now := left(workspace, "Rita"))[0]:
        said.append(now[0])
        judge_next(workspace, "p", by="Rita")
    assert said == list(range(16, 0, -1))


def test_asking_how_many_wait_shows_and_holds_nothing(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 3, systems=(System.TUNED, System.BASE))
    found = reviewing.waiting_for(workspace, "p", by="Rita")
    assert (found.n_now, found.n_later, found.why_later) == (3, 3, "3 more later: texts on one brief come far apart.")
    assert reviewing.waiting_for(workspace, "p", by="Otto") == found
    assert left(workspace, "Rita") == (3, 3)
    assert reviewing.waiting_for(workspace, "p", by="Rita") == found, "one that was begun is one of them"
    judge_next(workspace, "p", by="Rita")
    assert reviewing.waiting_for(workspace, "p", by="Rita").n_now == 2


def test_one_that_was_shown_and_left_for_a_verdict_taken_back_is_among_those_left_now(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 4, systems=(System.TUNED, System.BASE))
    judge_next(workspace, "p", by="Rita")
    assert left(workspace, "Rita") == (3, 4)
    reviewing.undo_last_review(workspace, "p", by="Rita")
    assert left(workspace, "Rita") == (4, 4)
    judge_next(workspace, "p", by="Rita")
    assert left(workspace, "Rita") == (3, 4)

"""Who was told to wait is not given, as the next draft, what a colleague's verdict set free: it would be the human text for sure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.nouns import System
from core.workflows import projects, putting_off, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.core.workflows.queue_by_hand import judge_next, put_drafts

HUMAN = "i_b0_human".ljust(26, "0")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """One brief with a machine's draft, which Ann is reading, and the human text; Bo was told to wait."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    projects.set_repeat_every(opened, "p", every=0, by="Ann")
    put_drafts(opened, "p", 1, systems=(System.TUNED, System.HUMAN))
    assert shown(opened, "Ann") not in (None, HUMAN)
    assert shown(opened, "Bo") is None
    yield opened
    opened.close()


def shown(workspace: Workspace, by: str) -> str | None:
    current = reviewing.next_draft(workspace, "p", by=by).current
    return current.item if current else None


def test_it_stays_withheld_however_often_they_ask(workspace: Workspace) -> None:
    judge_next(workspace, "p", by="Ann")
    for _ in range(3):
        state = reviewing.next_draft(workspace, "p", by="Bo")
        assert (state.current, state.n_waiting) == (None, 1)
    assert workspace.store.read("SELECT count(*) AS n FROM review_waits WHERE reviewer = 'Bo'") == [{"n": 1}]


def test_a_colleague_who_was_never_told_to_wait_gets_it(workspace: Workspace) -> None:
    judge_next(workspace, "p", by="Ann")
    assert shown(workspace, "Cy") == HUMAN


def test_after_another_draft_it_is_one_of_those_that_may_come(workspace: Workspace) -> None:
    judge_next(workspace, "p", by="Ann")
    put_drafts(workspace, "p", 3, systems=(System.TUNED,), prefix="c")
    came = [judge_next(workspace, "p", by="Bo") for _ in range(4)]
    assert came[0] != HUMAN
    assert HUMAN in came[1:]


def test_what_a_colleague_lets_go_unjudged_comes(workspace: Workspace) -> None:
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE shown_items SET shown_at = shown_at - INTERVAL 1 DAY")
    found = shown(workspace, "Bo")
    assert found not in (None, HUMAN)


def test_a_draft_that_was_put_off_does_not_lift_it(workspace: Workspace) -> None:
    put_drafts(workspace, "p", 1, systems=(System.TUNED,), prefix="c")
    theirs = shown(workspace, "Cy")
    assert theirs is not None
    putting_off.put_off(workspace, theirs, by="Cy")
    # Nothing else can come, so it is here again: from now on Cy knows what a verdict of Ann's would set free.
    assert shown(workspace, "Cy") == theirs
    judge_next(workspace, "p", by="Ann")
    judge_next(workspace, "p", by="Cy")
    assert shown(workspace, "Cy") is None

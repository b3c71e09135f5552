"""What a page of the queue is sent: an item of its own project that was shown to this reviewer, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.errors import Conflict, NotFound
from core.workflows import projects, putting_off, review_choices, reviewing
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.core.workflows.queue_by_hand import put_drafts

ACTS: dict[str, Callable[..., Any]] = {
    "save": lambda w, item, **asked: reviewing.save_text(w, item, by="Ann", text="Mine.", seconds=3.0, **asked),
    "hold": lambda w, item, **asked: reviewing.hold(w, item, by="Ann", seconds=3.0, **asked),
    "choose": lambda w, item, **asked: review_choices.save_choices(
        w, item, by="Ann", reasons=["too long"], scores={}, **asked
    ),
    "put off": lambda w, item, **asked: putting_off.put_off(w, item, by="Ann", text="Mine.", **asked),
    "judge": lambda w, item, **asked: reviewing.submit(w, item, "reject", by="Ann", text="Mine.", **asked),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Two projects, each with drafts of its own."""
    opened = open_workspace(DataFolder(tmp_path / "data"))
    for name, prefix in (("mine", "m"), ("theirs", "t")):
        projects.create_project(opened, name=name, goal="voice", by="Ann")
        put_drafts(opened, name, 2, prefix=prefix, job=f"job_{prefix}")
    yield opened
    opened.close()


def shown(workspace: Workspace, project: str, by: str = "Ann") -> str:
    current = reviewing.next_draft(workspace, project, by=by).current
    assert current is not None
    return current.item


def id_of(workspace: Workspace, project: str) -> str:
    return str(project_named(workspace, project)["id"])


@pytest.mark.parametrize("act", ACTS)
def test_an_item_of_another_project_is_none_on_this_page_though_it_was_shown_there(
    workspace: Workspace, act: str
) -> None:
    remembered = shown(workspace, "theirs")
    with pytest.raises(NotFound):
        ACTS[act](workspace, remembered, asked_in=id_of(workspace, "mine"))
    assert reviewing.next_draft(workspace, "theirs", by="Ann").n_done == 0
    ACTS[act](workspace, remembered, asked_in=id_of(workspace, "theirs"))


@pytest.mark.parametrize("act", ACTS)
def test_an_item_that_was_shown_to_a_colleague_alone_is_not_theirs(workspace: Workspace, act: str) -> None:
    of_bo = shown(workspace, "mine", by="Bo")
    with pytest.raises(Conflict, match="not shown"):
        ACTS[act](workspace, of_bo, asked_in=id_of(workspace, "mine"))

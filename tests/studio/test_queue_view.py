"""Which records Curate's queue holds in hand, and which one stands beside another."""

from __future__ import annotations

import json

import pytest

from core.workflows import deciding, importing, projects
from core.workflows.workspace import Workspace
from studio.parts import queue_view
from studio.parts.queue_view import Queue, queue_of
from tests.jobs_by_hand import finish

N = 6


@pytest.fixture
def ids(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Six records in the queue's order, of which the page asks for three at first."""
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    lines = "".join(json.dumps({"id": str(i), "text": f"Text number {i} is about boats."}) + "\n" for i in range(N))
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    upload = importing.keep_upload(workspace, "posts.jsonl", lines.encode())
    job = importing.import_files(workspace, "p", [upload], terms, name="posts", by="Ann")["job"]
    assert finish(workspace, job)["state"] == "done"
    monkeypatch.setattr(queue_view, "workspace", lambda: workspace)
    monkeypatch.setattr(queue_view, "BEGINNING", 3)
    return deciding.queue(workspace, "p", deciding.RecordFilter())


@pytest.mark.parametrize("status", ["open", ""])
def test_of_a_long_queue_the_beginning_is_in_hand_and_all_are_counted(ids: list[str], status: str) -> None:
    queue = queue_of("p", status, "", "", by="Ann", record=ids[1], n_open=N)
    assert queue == Queue(ids[:3], N)


@pytest.mark.parametrize("place", [2, 4])
def test_a_record_at_the_end_of_the_beginning_or_deeper_brings_the_whole_queue(ids: list[str], place: int) -> None:
    queue = queue_of("p", "open", "", "", by="Ann", record=ids[place], n_open=N)
    assert queue == Queue(ids, N)
    assert queue.beside(ids[place], 1) == ids[place + 1]


def test_a_whole_queue_goes_round_and_a_beginning_does_not() -> None:
    whole, beginning = Queue(["a", "b", "c"], 3), Queue(["a", "b", "c"], 9)
    assert (whole.beside("c", 1), whole.beside("a", -1)) == ("a", "c")
    assert (beginning.beside("b", 1), beginning.beside("a", -1)) == ("c", "a")


def test_beside_a_record_that_is_not_in_the_queue_stands_its_first() -> None:
    assert (Queue(["a", "b"], 2).beside("x", 1), Queue([], 0).beside("x", 1)) == ("a", "")

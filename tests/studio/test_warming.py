"""What is made ready as the server starts."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Iterator

import pytest

from core.workflows import projects
from core.workflows.workspace import Workspace
from studio import warming


@pytest.fixture(autouse=True)
def collected_again() -> Iterator[None]:
    yield
    gc.unfreeze()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What warming up had to say; Streamlit says something too, where no server runs."""
    return [record.message for record in caplog.records if record.name == warming.__name__]


def test_every_part_of_the_pages_is_imported_and_every_question_has_an_answer(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    for goal in ("voice", "support", "code"):
        projects.create_project(workspace, name=goal, goal=goal, by="Ann")
    with caplog.at_level(logging.INFO, logger="studio.warming"):
        warming.warm_up(workspace)
    assert said(caplog) == []
    assert {"studio.parts.charts", "studio.parts.queue_view", *warming.LATE_MODULES} <= set(sys.modules)


def test_a_project_that_goes_away_meanwhile_does_not_end_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(projects, "list_projects", lambda w: [{"id": "p_gone", "name": "gone"}])
    with caplog.at_level(logging.INFO, logger="studio.warming"):
        warming.warm_up(workspace)
    assert len(said(caplog)) == len(warming.questions())

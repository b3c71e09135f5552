"""What a page shows of a file before it is imported."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from core.config import DataFolder
from core.workflows import importing, previewing, projects
from core.workflows.workspace import Workspace, open_workspace
from tests.core.records.dialects.test_github import REMARKS, issue
from tests.core.records.dialects.test_zendesk import PAGE, ticket


@pytest.fixture
def workspace(folder: DataFolder) -> Iterator[Workspace]:
    opened = open_workspace(folder)
    projects.create_project(opened, name="desk", goal="support", by="Ann")
    yield opened
    opened.close()


def test_an_export_says_what_is_in_it_and_asks_for_no_columns(workspace: Workspace) -> None:
    content = json.dumps(PAGE | {"tickets": [ticket(id=i) for i in range(9)]}).encode()
    shown = previewing.preview_upload(workspace, "desk", importing.keep_upload(workspace, "tickets.json", content))
    assert shown.notes[0] == "Zendesk export: 9 tickets, 9 internal notes left out."
    assert (shown.columns, shown.problem, len(shown.examples)) == ((), "", 3)
    assert shown.examples[0].messages[-1]["content"].startswith("Change it under Settings")


def test_a_file_is_looked_at_together_with_those_beside_it(workspace: Workspace) -> None:
    issues = importing.keep_upload(workspace, "issues.json", json.dumps([issue()]).encode())
    comments = importing.keep_upload(workspace, "comments.json", json.dumps(REMARKS).encode())
    alone = previewing.preview_upload(workspace, "desk", issues)
    both = previewing.preview_upload(workspace, "desk", issues, others=[issues, comments])
    assert alone.examples[0].messages == ()
    assert both.examples[0].messages[-1]["content"].startswith("Lower the limit")

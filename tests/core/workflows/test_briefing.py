"""Briefs of a project: imported, typed, taken back to by templates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Invalid
from core.workflows import briefing, projects
from core.workflows.workspace import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "data"))
    projects.create_project(opened, name="p", goal="support", by="Ann")
    yield opened
    opened.close()


def test_a_row_whose_id_stands_for_another_text_is_listed_and_the_rest_get_in(workspace: Workspace) -> None:
    briefing.import_briefs(workspace, "p", '{"id": "b1", "prompt": "Write of the van."}', by="Ann")
    added = briefing.import_briefs(
        workspace,
        "p",
        b'id,prompt\nb0,Write of the shed.\nb1,Write of the bench.\n,\nb2,"Write of the door."\n',
        by="Ann",
    )
    assert len(added.ids) == 2
    assert [(one.row, one.reason[:30]) for one in added.refused] == [
        (2, "There is another brief called "), (3, "Every cell of the row is empty"),
    ]  # fmt: skip
    assert [brief["external_id"] for brief in briefing.list_briefs(workspace, "p")] == ["b1", "b0", "b2"]


def test_the_very_same_file_twice_adds_nothing(workspace: Workspace) -> None:
    text = '{"id": "b1", "prompt": "Write.", "length": "60-90", "must_not_say": ["cheap"], "format": "a letter"}'
    first = briefing.import_briefs(workspace, "p", text, by="Ann")
    assert briefing.import_briefs(workspace, "p", text, by="Bo").ids == first.ids
    assert len(briefing.list_briefs(workspace, "p")) == 1


def test_a_file_in_another_encoding_is_read(workspace: Workspace) -> None:
    prompt = "Schreibe über die Tür und das Gerät für Müller; erkläre, warum große Räume schön kühl bleiben und die Wände nicht naß werden."
    content = f'id;prompt\nb1;"{prompt}"\n'.encode("cp1252")
    briefing.import_briefs(workspace, "p", content, by="Ann")
    assert briefing.list_briefs(workspace, "p")[0]["prompt"] == prompt


def test_a_typed_brief_has_the_next_free_name(workspace: Workspace) -> None:
    briefing.import_briefs(workspace, "p", '{"id": "brief-2", "prompt": "Write."}', by="Ann")
    briefing.add_typed(
        workspace, "p", by="Ann", prompt="Write of the van.", facts="It is red.\nIt costs $9.", length="40-80"
    )
    brief = briefing.list_briefs(workspace, "p")[1]
    assert (brief["external_id"], brief["facts"]) == ("brief-3", ["It is red.", "It costs $9."])
    assert (brief["min_words"], brief["max_words"]) == (40, 80)


def test_a_template_that_was_not_filled_in_is_no_brief(workspace: Workspace) -> None:
    template = briefing.templates_of(workspace, "p")[0]
    with pytest.raises(Invalid, match=r"still something to fill in: \{The question"):
        briefing.add_typed(workspace, "p", by="Ann", prompt=template.prompt)
    assert briefing.list_briefs(workspace, "p") == []


def test_a_file_that_is_far_too_large_is_refused(workspace: Workspace) -> None:
    with pytest.raises(Invalid, match="larger than 16 MB"):
        briefing.read_briefs(b"x" * (16 * 1024 * 1024 + 1))

"""A look at a file of several parts says which part it shows."""

from __future__ import annotations

import io

import openpyxl

from core.workflows import importing, previewing, projects
from core.workflows.workspace import Workspace


def test_a_look_at_a_workbook_names_the_sheet_that_it_shows(workspace: Workspace) -> None:
    projects.create_project(workspace, name="voice", goal="voice", by="Ann")
    book = openpyxl.Workbook()
    book.create_sheet("Posts").append(["text"])
    book["Posts"].append(["A post of one line."])
    content = io.BytesIO()
    book.save(content)
    upload = importing.keep_upload(workspace, "book.xlsx", content.getvalue())
    seen = previewing.preview_upload(workspace, "voice", upload)
    assert (seen.part, seen.format, seen.columns) == ("book.xlsx/Posts", "xlsx", ("text",))


def test_a_look_at_a_file_of_one_part_names_none(workspace: Workspace) -> None:
    projects.create_project(workspace, name="voice", goal="voice", by="Ann")
    upload = importing.keep_upload(workspace, "post.md", b"A post of one line.")
    assert previewing.preview_upload(workspace, "voice", upload).part == ""

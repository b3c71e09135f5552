"""The page of personal data: who has it before them is in the trail once, however often it is drawn; a page without any is no entry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.config import DataFolder
from core.workflows import auditing, importing, personal_search, projects
from core.workflows.workspace import Workspace
from studio import running
from tests.jobs_by_hand import finish
from tests.studio.opened_page import opened_page

LETTER = b'{"question": "Who is it?", "answer": "Hi Saoirse, your order number is A-20481-7."}\n'


@pytest.fixture
def workspace(folder: DataFolder) -> Iterator[Workspace]:
    folder.create()
    opened = running.start(folder)
    projects.create_project(opened, name="p", goal="support", by="Ann")
    terms = importing.Terms(owner="Ann", basis="contract", purpose="answers", expires_on=None)
    upload = importing.keep_upload(opened, "letters.jsonl", LETTER)
    finish(opened, importing.import_files(opened, "p", [upload], terms, name="letters", by="Ann")["job"])
    yield opened
    running.stop()


def on_the_page(person: str = "Ida") -> AppTest:
    return opened_page("personal_data", person=person, project="p")


def test_who_opens_it_is_in_the_trail_once_it_shows_something(workspace: Workspace) -> None:
    where = auditing.audit_filter(workspace, noun="personal_data", action="viewed")
    on_the_page()
    assert auditing.count_entries(workspace, where) == 0
    ended = finish(workspace, personal_search.find_in_project(workspace, "p", by="Ann"))
    assert ended["state"] == "done", ended["reason"]
    app = on_the_page()
    assert app.subheader[0].value == "What was found"
    app.run()
    told = [(row["by"], row["project"]) for row in auditing.list_entries(workspace, where)]
    assert told == [("Ida", "p")]
    nobody = on_the_page("a" * 81)
    assert ["cannot stand for a person" in one.value for one in nobody.error] == [True]
    assert not nobody.subheader

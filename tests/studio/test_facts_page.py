"""The page of facts: a field for addresses where an owner allowed a host, and what is said of a page that may not be fetched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.config import DataFolder
from core.workflows import fact_pages, projects
from core.workflows.workspace import Workspace
from studio import running
from tests.studio.opened_page import opened_page

FIELD = "Or pages by their address, one in a line"


@pytest.fixture
def workspace(folder: DataFolder) -> Iterator[Workspace]:
    folder.create()
    opened = running.start(folder)
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    yield opened
    running.stop()


def on_the_page() -> AppTest:
    return opened_page("facts", project="p")


def test_addresses_are_asked_for_where_a_host_is_allowed_and_another_host_is_refused(workspace: Workspace) -> None:
    assert FIELD not in {one.label for one in on_the_page().text_area}
    fact_pages.allow_host(workspace, "docs.example", by="Olga")
    app = on_the_page()
    assert FIELD in {one.label for one in app.text_area}
    app.text_area(key="fact_addresses").input("https://other.example/prices").run()
    (add,) = [one for one in app.button if one.label == "Add them"]
    add.click().run()
    assert not app.exception
    assert "are not fetched" in " ".join(one.value for one in app.error)
    assert app.text_area(key="fact_addresses").value == "https://other.example/prices"

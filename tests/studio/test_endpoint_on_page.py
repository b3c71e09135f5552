"""The page of briefs and drafts, where a model elsewhere may write: that the key is kept back is said before anything is sent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.workflows import endpoint
from core.workflows.workspace import Workspace
from studio import running
from tests.core.workflows.test_single_drafts import template
from tests.studio.opened_page import opened_page

__all__ = ["template"]

URL = "https://models.example/v1"


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = running.start(DataFolder(tmp_path / "data"))
    endpoint.set_endpoint(opened, URL, "m", by="Olga")
    yield opened
    running.stop()


def warnings_of_the_page() -> str:
    app = opened_page("drafts", project="p")
    (written_by,) = [one for one in app.button_group if one.label == "Written by"]
    written_by.set_value(["external"]).run()
    assert not app.exception
    return " ".join(str(one.value) for one in app.warning).replace("\\", "")


def test_a_key_for_another_address_is_said_to_be_kept_back(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFROOM_ENDPOINT_KEY", "hidden")
    monkeypatch.setenv("PROOFROOM_ENDPOINT_KEY_FOR", "https://other.example/v1")
    said = warnings_of_the_page()
    assert "The key is not sent, since it was given for another address" in said
    assert "hidden" not in said


def test_of_the_key_of_this_address_nothing_is_said(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROOFROOM_ENDPOINT_KEY", "hidden")
    monkeypatch.setenv("PROOFROOM_ENDPOINT_KEY_FOR", URL)
    said = warnings_of_the_page()
    assert "where m writes" in said
    assert "key" not in said

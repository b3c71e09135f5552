"""A leak check that has ended: what the store knows of it, and what the desk tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.workflows import freezing, importing, leaking, projects
from core.workflows.workspace import Workspace, open_workspace
from studio.parts import happenings
from tests.e2e import made_up
from tests.e2e.test_pages import body
from tests.jobs_by_hand import finish


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    uploads = [importing.keep_upload(opened, f"{n}.md", f"# {n}\n\n{body(n, 'van')}".encode()) for n in range(4)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", uploads, terms, name="posts", by="Ann")["job"])
    job = freezing.freeze_version(opened, "p", name="v1", by="Ann", recipe="everything")["job"]
    ended = finish(opened, job)
    assert ended["state"] == "done", ended["reason"]
    yield opened
    opened.close()


def test_the_desk_tells_of_a_leak_check_against_a_file(workspace: Workspace) -> None:
    held = importing.keep_upload(workspace, "held.md", f"# 1\n\n{body(1, 'van')}".encode())
    for told in ("looked for leaks in a version: {n_leaks} found", "looked for leaks 2 times"):
        ended = finish(workspace, leaking.check_leaks(workspace, "p", "v1", by="Bo", against=held))
        assert ended["state"] == "done", ended["reason"]
        (check, *_) = leaking.leak_checks(workspace, "p", "v1")
        assert (check["against"], check["n_leaks"] > 0) == ("held.md", True)
        (newest, *_) = happenings.lines(projects.standing(workspace, "p").recent)
        assert newest[1:] == ("Bo", told.format(n_leaks=check["n_leaks"]))

"""Drafts checked against the guide by the real worker: after new drafts and after each change; told by system once they were reviewed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.workflows import guiding, importing, jobs, projects, results, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

# Every invented draft speaks of phone calls; the ones of the tuned model do not stand out by it.
GUIDE = {
    "presets": ["no-exclamation-marks"],
    "rules": [{"name": "calls", "kind": "existence", "tokens": ["phone calls"]}],
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("guide") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    words = " ".join(f"word{n}" for n in range(90))
    uploads = [importing.keep_upload(opened, f"{n}.md", f"# About {n}\n\n{words} {n}.".encode()) for n in range(8)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", uploads, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def checked(workspace: Workspace) -> None:
    """Every check that waits has ended."""
    for job in jobs.list_jobs(workspace, "p"):
        if job["kind"] == "guide":
            assert finish(workspace, job["id"])["state"] == "done"


def drafted(workspace: Workspace) -> None:
    made_up.drafted(workspace, "p", made_up.trained(workspace, "p", "v1"), [BriefIn("b1", "Write of the van.")])


def review_all(workspace: Workspace) -> None:
    for reviewer in ("Ann", "Bo", "Cy"):
        item = reviewing.next_draft(workspace, "p", by=reviewer).current
        assert item is not None
        reviewing.submit(workspace, item.item, "reject", by=reviewer)


def kept(workspace: Workspace) -> dict[str, dict[str, tuple[int, int]]]:
    rules = results.results_json(workspace, "p")["rules"]
    return {one["rule"]: {name: (rate["passed"], rate["n"]) for name, rate in one["systems"].items()} for one in rules}


def test_new_drafts_are_checked_and_told_of_once_they_were_reviewed(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", GUIDE, by="Ann")
    drafted(workspace)
    checked(workspace)
    assert kept(workspace) == {"no-exclamation-marks": {}, "calls": {}}
    review_all(workspace)
    systems = ("tuned", "base", "base_fewshot")
    assert kept(workspace) == {
        "no-exclamation-marks": dict.fromkeys(systems, (1, 1)), "calls": dict.fromkeys(systems, (0, 1)),
    }  # fmt: skip
    assert "## The brand guide" in results.report(workspace, "p", "md")


def test_a_changed_guide_is_checked_against_anew(workspace: Workspace) -> None:
    drafted(workspace)
    review_all(workspace)
    assert kept(workspace) == {}
    guiding.set_guide(workspace, "p", GUIDE, by="Ann")
    assert kept(workspace)["calls"] == {}, "until the check has ended nothing is told"
    checked(workspace)
    assert kept(workspace)["calls"]["tuned"] == (0, 1)
    guiding.set_guide(workspace, "p", {"presets": ["no-emoji"]}, by="Ann")
    checked(workspace)
    assert list(kept(workspace)) == ["no-emoji"]
    assert len(workspace.store.read("SELECT DISTINCT guide_sha256 FROM guide_checks")) == 1


def test_without_a_guide_or_a_draft_nothing_is_queued(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", GUIDE, by="Ann")
    assert not [job for job in jobs.list_jobs(workspace, "p") if job["kind"] == "guide"]


def test_notes_in_words_need_no_check(workspace: Workspace) -> None:
    guiding.set_guide(workspace, "p", GUIDE, by="Ann")
    drafted(workspace)
    checked(workspace)
    before = [job["id"] for job in jobs.list_jobs(workspace, "p")]
    guiding.set_guide(workspace, "p", GUIDE | {"notes": "Plain words."}, by="Ann")
    assert [job["id"] for job in jobs.list_jobs(workspace, "p")] == before
    review_all(workspace)
    assert kept(workspace)["calls"]["tuned"] == (0, 1), "what was checked still holds"

"""Several people for each draft: each of them once, nobody over the number, and how far they agree."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.errors import Conflict, Invalid
from core.review.briefs import BriefIn
from core.store import open_items as open_item_rows
from core.workflows import importing, projects, results, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One brief with three drafts."""
    root = tmp_path_factory.mktemp("several") / "data"
    opened = open_workspace(DataFolder(root), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    words = " ".join(f"word{n}" for n in range(90))
    uploads = [importing.keep_upload(opened, f"{n}.md", f"# About {n}\n\n{words} {n}.".encode()) for n in range(8)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", uploads, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    run = made_up.trained(opened, "p", "v1")
    made_up.drafted(opened, "p", run, [BriefIn("b1", "Write of the van.")])
    opened.close()
    return root


@pytest.fixture
def workspace(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "data")
    opened = open_workspace(DataFolder(tmp_path / "data"), executor=made_up.MadeUpWorkers())
    yield opened
    opened.close()


def shown(workspace: Workspace, reviewer: str) -> str | None:
    current = reviewing.next_draft(workspace, "p", by=reviewer).current
    return current.item if current else None


def test_with_two_for_each_draft_two_get_it_and_a_third_does_not(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    given = [shown(workspace, reviewer) for reviewer in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus")]
    assert given[-1] is None
    assert sorted(given.count(item) for item in set(given[:-1])) == [2, 2, 2]


def test_a_draft_is_open_until_it_has_all_its_verdicts_each_of_another_person(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    item = shown(workspace, "Ann")
    assert item is not None
    reviewing.submit(workspace, item, "sign_off", by="Ann")
    assert results.results(workspace, "p").n_open == 3
    with pytest.raises(Conflict, match="You have judged this draft already"):
        reviewing.submit(workspace, item, "reject", by="Ann")
    reviewing.submit(workspace, item, "reject", by="Bo")
    assert results.results(workspace, "p").n_open == 2
    with pytest.raises(Conflict, match="has a verdict already"):
        reviewing.submit(workspace, item, "reject", by="Cy")
    agreement = results.results_json(workspace, "p")["agreement"]
    assert (agreement["n_drafts"], agreement["n_split"]) == (1, 1)
    told = results.results_json(workspace, "p")["agreement_in_words"]
    assert told == "1 draft had two or more reviewers; on 1 they differ over whether it passes."


def test_a_verdict_that_is_taken_back_makes_room_again(workspace: Workspace) -> None:
    item = shown(workspace, "Ann")
    assert item is not None
    reviewing.submit(workspace, item, "reject", by="Ann")
    reviewing.undo_last_review(workspace, "p", by="Ann")
    reviewing.submit(workspace, item, "sign_off", by="Ann")
    assert results.results(workspace, "p").n_open == 2


def test_a_raised_number_brings_judged_drafts_back_for_others(workspace: Workspace) -> None:
    item = shown(workspace, "Ann")
    assert item is not None
    reviewing.submit(workspace, item, "reject", by="Ann")
    projects.set_reviewers_per_draft(workspace, "p", n=3, by="Ann")
    assert results.results(workspace, "p").n_open == 3
    for _ in range(2):
        assert shown(workspace, "Ann") != item
    with pytest.raises(Invalid, match="10 people for each draft is not possible"):
        projects.set_reviewers_per_draft(workspace, "p", n=10, by="Ann")


def test_nobody_reads_a_verdict_on_a_draft_that_they_may_still_judge(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    item = shown(workspace, "Ann")
    assert item is not None
    reviewing.submit(workspace, item, "reject", by="Ann")
    assert results.newest_verdicts(workspace, "p", limit=5) == ([], 0)
    reviewing.submit(workspace, item, "reject", by="Bo")
    assert results.newest_verdicts(workspace, "p", limit=5) == ([], 0), "two drafts of its brief still wait"
    project = projects.list_projects(workspace)[0]["id"]
    for reviewer in ("Ann", "Bo"):
        for other in open_item_rows.open_items(workspace.store, project):
            reviewing.submit(workspace, other["id"], "reject", by=reviewer)
    assert results.newest_verdicts(workspace, "p", limit=5)[1] == 6


def test_a_verdict_whose_draft_would_not_come_back_is_not_taken_back(workspace: Workspace) -> None:
    projects.set_reviewers_per_draft(workspace, "p", n=2, by="Ann")
    item = shown(workspace, "Ann")
    assert item is not None
    for reviewer in ("Ann", "Bo"):
        reviewing.submit(workspace, item, "reject", by=reviewer)
    projects.set_reviewers_per_draft(workspace, "p", n=1, by="Ann")
    with pytest.raises(Conflict, match="would not come back to you"):
        reviewing.undo_last_review(workspace, "p", by="Ann")

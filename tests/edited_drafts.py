"""A project of made-up drafts, signed off with as many new words as a test wants."""

from __future__ import annotations

from pathlib import Path

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.store import open_items as open_item_rows
from core.workflows import importing, projects, reviewing
from core.workflows.workspace import Workspace, open_workspace
from tests.e2e import made_up
from tests.jobs_by_hand import finish

WORDS = " ".join(f"word{n}" for n in range(90))


def workspace_with_drafts(data: Path, *, n_briefs: int) -> Workspace:
    """The project p with three drafts for each brief, none of them judged."""
    opened = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    projects.create_project(opened, name="p", goal="voice", by="Ann")
    uploads = [importing.keep_upload(opened, f"{n}.md", f"# About {n}\n\n{WORDS} {n}.".encode()) for n in range(8)]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(opened, importing.import_files(opened, "p", uploads, terms, name="s", by="Ann")["job"])
    made_up.frozen(opened, "p", "v1")
    run = made_up.trained(opened, "p", "v1")
    briefs = [BriefIn(f"b{n}", f"Write of van {n}.") for n in range(n_briefs)]
    made_up.drafted(opened, "p", run, briefs)
    return opened


def sign_off(workspace: Workspace, by: str, n_new_words: int) -> bool:
    """Sign the next draft off with so many of its words taken for others. False where this reviewer is shown none now."""
    item = reviewing.next_draft(workspace, "p", by=by).current
    if item is None:
        return False
    words = item.draft.split()
    words[1 : 1 + n_new_words] = [f"other{n}" for n in range(n_new_words)]
    reviewing.submit(workspace, item.item, "sign_off", by=by, text=" ".join(words))
    return True


def settle(workspace: Workspace) -> None:
    """Reject whatever still wants a verdict, so that every brief is told."""
    row = projects.list_projects(workspace)[0]
    for n in range(projects.MOST_REVIEWERS):
        for item in open_item_rows.open_items(workspace.store, row["id"]):
            reviewing.submit(workspace, item["id"], "reject", by=f"Settler {n}")


def sign_off_all(workspace: Workspace, n: int) -> None:
    """The first of n drafts with one new word, the next with two, and so on; by as many reviewers as it takes."""
    for n_new_words in range(1, n + 1):
        assert any(sign_off(workspace, f"Reviewer {k}", n_new_words) for k in range(9))

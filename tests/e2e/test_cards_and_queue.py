"""In the browser: a model's card is read and downloaded, drafts of two runs stand side by side, a waiting job is moved by keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.workflows import briefing, drafting, reviewing, training
from core.workflows.workspace import Workspace, open_workspace
from tests.core.jobs.test_supervisor import HeldExecutor
from tests.e2e import made_up
from tests.e2e.test_pages import PAYLOAD, THINGS, Studio, body, context, imported, served
from tests.e2e.visiting import opened
from tests.jobs_by_hand import finish

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Two runs with drafts of two briefs, of which one is judged; a run that is under way, and three that wait."""
    data = tmp_path_factory.mktemp("queue") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(THINGS)})
    made_up.frozen(workspace, "voice", "v1")
    for name in ("first", "second"):
        finish(workspace, training.start_run(workspace, "voice", "v1", by="Ann", name=name)["job"])
    written(workspace, "van", "first", "second")
    judged(workspace, "Bo", "Cy")
    written(workspace, "bench", "first", "second")
    workspace.close()
    executor = HeldExecutor()
    workspace = open_workspace(DataFolder(data), executor=executor)
    for n in range(4):
        training.start_run(workspace, "voice", "v1", by="Ann", name=f"run {n}")
    workspace.supervisor.poll()
    workspace.close()
    yield from served(data)
    for job in list(executor.locks):
        executor.die(job)


def written(workspace: Workspace, brief: str, *runs: str) -> None:
    ids = briefing.add_briefs(workspace, "voice", [BriefIn(brief, f"Write about the {brief}.")], by="Ann")
    for run in runs:
        job = drafting.write_drafts(workspace, "voice", run=run, brief_ids=ids, systems=["tuned"], by="Ann")["job"]
        assert finish(workspace, job)["state"] == "done"


def judged(workspace: Workspace, *people: str) -> None:
    for by in people:
        item = reviewing.next_draft(workspace, "voice", by=by).current
        assert item is not None
        reviewing.submit(workspace, item.item, "sign_off", by=by)


def test_a_card_is_read_on_the_page_and_taken_along(context: BrowserContext, studio: Studio, tmp_path: Path) -> None:
    page = opened(context, studio, "models", name="Bo")
    page.get_by_text("Model card", exact=True).first.click()
    expect(page.get_by_role("heading", name="What is not known")).to_be_visible()
    # Behind the bracket an invisible joiner keeps the address from becoming a link.
    expect(page.get_by_text(PAYLOAD.partition("[")[0]).first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("a[href^='javascript']").count() == 0
    with page.expect_download() as started:
        page.get_by_role("button", name="Markdown").click()
    assert started.value.suggested_filename == "model-card-second.md"
    started.value.save_as(tmp_path / "card.md")
    assert (tmp_path / "card.md").read_text(encoding="utf-8").startswith("# second\n\nModel card, written on ")
    with page.expect_download() as started:
        page.get_by_role("button", name="JSON").click()
    started.value.save_as(tmp_path / "card.json")
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["run"]["name"] == "second"


def test_drafts_stand_side_by_side_but_those_under_review(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs", name="Bo")
    page.get_by_role("tab", name="Side by side").click()
    # The two that ended are chosen already.
    expect(page.get_by_text("1 brief is held back: 2 drafts of it wait for a verdict")).to_be_visible()
    expect(page.get_by_text("You asked about this: Write about the van.")).to_have_count(2)
    expect(page.get_by_text("Write about the bench.")).to_have_count(0)
    assert "Write about the bench" not in page.content()


def test_a_waiting_job_is_moved_up_by_keyboard_and_stays_there(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "", name="Bo")
    places = page.locator("[class*='st-key-waiting_'] strong")
    expect(places).to_have_text(["Training run 1", "Training run 2", "Training run 3"])
    third = page.locator("[class*='st-key-waiting_']").filter(has_text="Training run 3")
    move = third.get_by_role("button", name="Start it next")
    move.focus()
    page.keyboard.press("Enter")
    expect(places).to_have_text(["Training run 3", "Training run 1", "Training run 2"])
    page.reload()
    expect(places).to_have_text(["Training run 3", "Training run 1", "Training run 2"])
    expect(page.get_by_text("moved by hand")).to_be_visible()
    page.get_by_role("button", name="Back to its place").click()
    expect(places).to_have_text(["Training run 1", "Training run 2", "Training run 3"])


def test_a_run_that_waits_says_its_number_on_its_own_page(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs", name="Bo")
    expect(page.get_by_role("heading", name="run 3 · under way")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_text("number 3 of 3")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Start it next")).to_be_visible()

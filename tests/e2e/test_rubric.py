"""The rubric in the browser: written on the brand guide's page, scored beside a draft, told on Results."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from core.config import DataFolder
from core.nouns import System
from core.workflows import projects
from core.workflows.workspace import open_workspace
from tests.drafts_by_hand import put_drafts
from tests.e2e.accessible import severe
from tests.e2e.test_pages import Studio, assert_is_well, context, served, settled
from tests.e2e.visiting import opened

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Two briefs with a draft each."""
    data = tmp_path_factory.mktemp("rubric") / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    put_drafts(workspace, "p", n_briefs=2, seed=5, systems=[System.TUNED], with_human=False)
    workspace.close()
    yield from served(data)


def chosen(page: Page, criterion: str, name: str) -> Locator:
    return page.get_by_test_id("stButtonGroup").filter(has_text=criterion).get_by_role("radio", name=name)


def score(page: Page, criterion: str, name: str) -> None:
    chosen(page, criterion, name).click()
    settled(page)


def test_a_critical_criterion_is_written_scored_and_told(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "guide", project="p")
    page.get_by_text("What reviewers say of a draft").click()
    page.get_by_label("Reasons to choose from").fill("too long\nnot us")
    page.get_by_role("textbox", name="Criterion 1").fill("Facts are right")
    page.get_by_text("1 is critical").click()
    page.get_by_role("textbox", name="Criterion 2").fill("Facts are right")
    assert severe(page) == []
    page.get_by_role("button", name="Save reasons and criteria").click()
    expect(page.get_by_text("Two criteria are called 'Facts are right'.").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Criterion 1")).to_have_value("Facts are right")
    page.get_by_role("textbox", name="Criterion 2").fill("Sounds like us")
    page.get_by_role("button", name="Save reasons and criteria").click()
    expect(page.get_by_text("Reasons and criteria are in force.")).to_be_visible()

    page.goto(f"{studio.address}/review?project=p")
    settled(page)
    editor = page.get_by_label("The draft, as it would be published")
    expect(page.get_by_role("button", name="2 not us")).to_be_visible()
    score(page, "Facts are right (critical)", "Fails")
    assert severe(page) == []
    page.reload()
    settled(page)
    expect(chosen(page, "Facts are right (critical)", "Fails")).to_be_checked()
    came = editor.input_value()
    page.keyboard.press("Control+Enter")
    expect(
        page.get_by_text("“Facts are right” is critical and fails, and no word of the draft is changed.").first
    ).to_be_visible()
    assert editor.input_value() == came
    editor.press("Control+End")
    editor.type(" Mended now.")
    expect(page.get_by_role("region", name="What you changed").locator("ins")).to_have_text(" Mended now.")
    editor.press("Control+Enter")
    expect(page.get_by_text("1 done, 1 left")).to_be_visible()
    assert_is_well(page, "review")

    page.goto(f"{studio.address}/results?project=p")
    expect(page.get_by_text("critical fail · Tuned model")).to_be_visible()
    expect(page.get_by_role("heading", name="Criteria")).to_be_visible()
    settled(page)
    assert_is_well(page, "results")


def test_what_finds_the_like_of_a_reason_is_written_and_there_again(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "guide", project="p")
    page.get_by_text("What reviewers say of a draft").click()
    page.get_by_role("textbox", name="Words of reason 1").fill("phone calls")
    assert severe(page) == []
    page.get_by_role("button", name="Save reasons and criteria").click()
    expect(page.get_by_text("Reasons and criteria are in force.")).to_be_visible()
    page.reload()
    settled(page)
    page.get_by_text("What reviewers say of a draft").click()
    expect(page.get_by_role("textbox", name="Words of reason 1")).to_have_value("phone calls")
    assert_is_well(page, "guide")

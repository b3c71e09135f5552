"""Briefs in the browser: from a template, from a file with a bad row, and a draft that is set aside among those with their writers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, Studio, body, context, imported, served
from tests.e2e.visiting import opened

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
FILE = b"id,prompt,length,facts\nf1,Write of the roof.,40-80,It costs $12|It is red\nf2,,,\n"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Three invented drafts of one brief."""
    data = tmp_path_factory.mktemp("briefs") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(THINGS)})
    made_up.frozen(workspace, "voice", "v1")
    run = made_up.trained(workspace, "voice", "v1")
    made_up.drafted(workspace, "voice", run, [BriefIn("b1", "Write of the van.", must_not_say=("phone calls",))])
    workspace.close()
    yield from served(data)


def test_a_template_fills_the_form_and_asks_for_ones_own_words(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "drafts")
    page.get_by_role("combobox", name="Begin with").click()
    page.get_by_role("option", name="What we think").click()
    asked = page.get_by_label("What is to be written")
    expect(asked).to_have_value("Write what we think of {subject}, and why.")
    expect(page.get_by_label("Length in words")).to_have_value("250-450")
    page.get_by_role("button", name="Add the brief").click()
    # For a moment it stands in a toast, too.
    said = page.get_by_test_id("stAlert").filter(has_text="There is still something to fill in: {subject}.")
    expect(said).to_be_visible()
    asked.fill("Write what we think of rain, and why.")
    asked.blur()
    page.get_by_role("button", name="Add the brief").click()
    expect(page.get_by_text("2 briefs, 1 without a draft.")).to_be_visible()
    expect(asked).to_have_value("")


def test_what_is_typed_after_a_refusal_is_kept_though_its_sentence_goes(
    context: BrowserContext, studio: Studio
) -> None:
    page = opened(context, studio, "drafts")
    asked = page.get_by_label("What is to be written")
    asked.fill("Write of {what}.")
    asked.blur()
    page.get_by_role("button", name="Add the brief").click()
    said = page.get_by_test_id("stAlert").filter(has_text="There is still something to fill in")
    expect(said).to_be_visible()
    asked.fill("Write of the roof tiles.")
    # The page is drawn anew as the field is left, while the next one is being filled.
    page.get_by_label("Length in words").click()
    expect(said).to_have_count(0)
    page.keyboard.type("40-80")
    expect(page.get_by_label("Length in words")).to_have_value("40-80")


def test_a_file_says_its_bad_row_before_anything_is_added(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "drafts")
    page.get_by_role("tab", name="Import a file").click()
    page.locator('input[type="file"]').set_input_files({"name": "briefs.csv", "mimeType": "text/csv", "buffer": FILE})
    expect(page.get_by_text("Row 2: There is no prompt.")).to_be_visible()
    page.get_by_role("button", name="Add 1 brief").click()
    expect(page.get_by_text("1 brief added, or there already. 1 row did not get in")).to_be_visible()


def test_a_draft_is_set_aside_and_comes_back(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "drafts")
    page.get_by_text("Show the drafts with who wrote them").click()
    page.get_by_role("button", name="Set it aside").first.click()
    expect(page.get_by_text("Set aside: no reviewer meets it.")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_text("Set aside: no reviewer meets it.")).to_have_count(0)


def test_what_the_brief_forbids_stands_in_the_margin(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "review")
    expect(page.get_by_text("The brief says not to say “phone calls”.")).to_be_visible()

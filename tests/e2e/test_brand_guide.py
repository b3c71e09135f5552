"""The brand guide in the browser: ticked and tried, its notes beside a draft, read with a key; facts typed and shown with the brief."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.workflows import guiding
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, Studio, body, context, imported, served
from tests.e2e.visiting import opened

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Three invented drafts of one brief, and a guide with notes and one word that each of them uses."""
    data = tmp_path_factory.mktemp("guide") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(THINGS)})
    made_up.frozen(workspace, "voice", "v1")
    run = made_up.trained(workspace, "voice", "v1")
    rules = [{"name": "words-never-error", "kind": "existence", "level": "error", "tokens": ["phone calls"]}]
    guiding.set_guide(workspace, "voice", {"notes": "Builders talk to builders.", "rules": rules}, by="Ann")
    made_up.drafted(workspace, "voice", run, [BriefIn("b1", "Write of the van.")])
    workspace.close()
    yield from served(data)


def test_a_tick_is_in_force_at_once_and_after_a_reload(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "guide")
    page.get_by_role("button", name="No exclamation marks").click()
    expect(page.get_by_text("2 rules. Last changed by Ann")).to_be_visible()
    page.reload()
    expect(page.get_by_text("2 rules. Last changed by Ann")).to_be_visible()
    field = page.get_by_label("A text to check")
    field.fill("No more phone calls!")
    field.blur()
    expect(page.get_by_text("Do not write 'phone calls'.")).to_be_visible()
    expect(page.get_by_text("No exclamation marks. ")).to_be_visible()


def test_what_breaks_a_rule_stands_beside_the_draft_and_goes_with_the_edit(
    context: BrowserContext, studio: Studio
) -> None:
    page = opened(context, studio, "review")
    note = page.get_by_text("Do not write 'phone calls'.")
    expect(note).to_be_visible()
    # A figure of the draft that stands in no brief.
    expect(page.get_by_text("not in the brief or its facts")).to_be_visible()
    draft = page.get_by_label("The draft, as it would be published")
    # Keys are the editor's: before the draft stands in it they do nothing.
    expect(draft).not_to_have_value("")
    page.keyboard.press("g")
    expect(page.get_by_text("Builders talk to builders.")).to_be_visible()
    page.keyboard.press("g")
    expect(page.get_by_text("Builders talk to builders.")).not_to_be_visible()
    draft.fill("It cost less than the letters did.")
    expect(note).not_to_be_visible()
    expect(page.get_by_text("Nothing breaks a rule of your brand guide.")).to_be_visible()


def test_typed_facts_are_read_and_listed(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "facts")
    field = page.get_by_label("Or type them")
    field.fill("The Pro plan costs 12 euros a month.")
    field.blur()
    page.get_by_label("Title of what you typed").fill("Prices")
    page.get_by_label("Title of what you typed").blur()
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("Prices · 1 passage")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("1 passage may be looked up")).to_be_visible()

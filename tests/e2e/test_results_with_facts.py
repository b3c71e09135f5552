"""Results of drafts with and without facts: whose rate is told is chosen and stays in the address; drafts worth reading, with their facts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from core.config import DataFolder
from core.nouns import System
from core.store import open_items as open_item_rows
from core.workflows import projects, reviewing
from core.workflows.workspace import open_workspace, project_named
from tests.core.workflows.queue_by_hand import put_drafts
from tests.core.workflows.test_told_results import give_facts
from tests.e2e.accessible import severe
from tests.e2e.test_pages import Studio, assert_is_well, context, served, settled
from tests.e2e.visiting import opened

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Twenty briefs with a draft of the tuned model without facts, which is rejected, and one with facts, which is signed off."""
    data = tmp_path_factory.mktemp("with-facts") / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    put_drafts(workspace, "p", 20, systems=(System.TUNED, System.TUNED_FACTS))
    for item in open_item_rows.open_items(workspace.store, project_named(workspace, "p")["id"]):
        reviewing.submit(workspace, item["id"], "reject" if item["system"] == System.TUNED else "sign_off", by="Rita")
    for n in range(20):
        give_facts(workspace, f"dr_b{n}_tuned_facts", f"It costs {n} euros.", f"It cost {n + 1} euros.", first_id=2 * n)
    workspace.close()
    yield from served(data)


def test_whose_rate_is_told_is_chosen_and_kept_in_the_address(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "results", project="p")
    expect(page.get_by_role("heading", name="Tuned drafts pass without a rewrite 0% of the time")).to_be_visible()
    page.get_by_role("combobox", name="Whose rate is told").click()
    page.get_by_role("option", name="Tuned model with facts").click()
    rate = page.get_by_role("heading", name="Tuned drafts with facts pass without a rewrite 100% of the time")
    expect(rate).to_be_visible()
    settled(page)
    assert "system=" in page.url
    page.reload()
    expect(rate).to_be_visible()
    settled(page)
    page.get_by_role("tab", name="Best drafts").click()
    draft = page.get_by_test_id("stExpander").filter(has_text="Tuned model with facts").filter(has_text="as is").first
    draft.locator("summary").click()
    expect(draft.get_by_text("The draft was given 2 passages to look at:")).to_be_visible()
    settled(page)
    assert severe(page) == []
    assert_is_well(page, "results")

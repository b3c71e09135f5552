"""Facts that go stale, with the keyboard alone: counted, read in Curate, masked and moved by a recipe, and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.config import DataFolder
from core.workflows import deciding
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, Seen, Studio, assert_is_well, body, imported, opened, served, settled
from tests.e2e.test_recipe_by_keyboard import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PRICED = "\n\nThe <b>Pro</b> plan costs $12.50 a month and comes with version 4.2 of the label, as it has for a while."


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("facts") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) + PRICED * (n < 3) for n, thing in enumerate(THINGS)})
    # Kept, for which records the made-up measuring flags is not the same every time.
    for n in range(3):
        deciding.decide(workspace, "voice", f"post-{n}.md", "keep", by="Ann")
    workspace.close()
    yield from served(data)


@pytest.fixture
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield opened(context, studio, Seen())
    context.close()


def go(page: Page, studio: Studio, path: str, more: str = "") -> None:
    page.goto(f"{studio.address}/{path}?project=voice{more}")
    settled(page)


def test_records_with_a_kind_are_counted_shown_and_opened_in_curate(page: Page, studio: Studio) -> None:
    go(page, studio, "datasets", "&fact_kind=price")
    expect(page.get_by_text("3 of 10 records contain a price.")).to_be_visible()
    expect(page.get_by_text("Most often: “$12.50” (3)")).to_be_visible()
    expect(page.locator("del", has_text="$12.50")).to_have_count(3)
    expect(page.locator("ins", has_text="[price]")).to_have_count(3)
    assert_is_well(page, "datasets")
    tab_to(page, page.get_by_role("link", name="Read these 3 in Curate"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 ·")).to_be_visible()
    expect(page.locator("mark", has_text="$12.50")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.get_by_text("1 of 3 ·")).to_be_visible()
    assert_is_well(page, "curate")


def test_explore_takes_a_kind_of_fact_as_a_filter(page: Page, studio: Studio) -> None:
    go(page, studio, "explore", "&fact=price")
    expect(page.get_by_role("button", name="teaches a fact: price")).to_be_visible()
    expect(page.get_by_text("3 records").first).to_be_visible()
    go(page, studio, "explore", "&fact=colour")
    expect(page.get_by_text("“colour” is no kind of fact; it is left out of the filter.")).to_be_visible()


def test_kinds_are_masked_and_moved_by_keyboard_and_a_move_is_taken_back(page: Page, studio: Studio) -> None:
    go(page, studio, "datasets")
    choices = page.locator("summary").filter(has_text="Facts that go stale")
    tab_to(page, choices)
    page.keyboard.press("Enter")
    prices = page.get_by_role("radiogroup", name="Prices (3 records)")
    tab_to(page, prices.get_by_role("radio").first)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    settled(page)
    tab_to(page, page.get_by_role("radiogroup", name="Versions (3 records)").get_by_role("radio").first)
    page.keyboard.press("ArrowRight")
    settled(page)
    page.reload()
    settled(page)
    tab_to(page, choices)
    page.keyboard.press("Enter")
    expect(prices.get_by_role("radio", name="move")).to_be_checked()
    tab_to(page, page.get_by_role("button", name=re.compile(r"Freeze \d+ records")))
    settled(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Freezing a version").first).to_be_visible()
    version = page.locator("summary").filter(has_text="v1 —")
    expect(version).to_be_visible(timeout=90_000)
    settled(page)
    expect(page.locator("summary").filter(has_text="The fact store: 1 passage")).to_be_visible()
    tab_to(page, version)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Facts put out of the answers: 3 prices moved, 3 versions masked.")).to_be_visible()
    take_back = page.get_by_role("button", name="Take its 1 passage out of the fact store")
    tab_to(page, take_back)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 passage left the fact store.")).to_be_visible()
    expect(take_back).to_be_hidden()
    expect(page.locator("summary").filter(has_text="The fact store")).to_be_hidden()
    assert_is_well(page, "datasets")


def test_the_desk_says_what_to_do_and_on_which_counts(page: Page, studio: Studio) -> None:
    go(page, studio, "")
    expect(page.get_by_role("heading", name="Fine-tune or retrieve")).to_be_visible()
    tab_to(page, page.locator("summary").filter(has_text="The counts behind it"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("good examples; this goal usually needs 200 to 500.")).to_be_visible()
    assert_is_well(page, "")

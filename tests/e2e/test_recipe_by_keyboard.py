"""A recipe set, counted, frozen and compared with the keyboard alone; what was set outlives a reload."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.config import DataFolder
from core.workflows import deciding, freezing
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, Seen, Studio, assert_is_well, body, imported, opened, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_TABS = 120


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("recipe") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    posts = {
        f"post-{n}.md": body(n, thing) + "\n\nSee https://a.example/?utm_source=x." for n, thing in enumerate(THINGS)
    }
    imported(workspace, "voice", posts)
    deciding.decide(workspace, "voice", "post-0.md", "reject", by="Ann")
    made_up.frozen(workspace, "voice", "v1")
    freezing.export_version(workspace, "voice", "v1", target=data.parent / "exported", by="Ann")
    workspace.close()
    yield from served(data)


@pytest.fixture
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    page = opened(context, studio, Seen())
    page.goto(f"{studio.address}/datasets?project=voice")
    settled(page)
    yield page
    context.close()


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement || element.contains(document.activeElement)"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def records(page: Page) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text="Records").get_by_test_id("stMetricValue")


def test_a_recipe_is_set_and_frozen_by_keyboard_alone_and_outlives_a_reload(page: Page) -> None:
    # Of ten posts one is rejected, and the made-up measuring flags every third one.
    recommended = int(records(page).inner_text())
    assert recommended < 9
    tab_to(page, page.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    expect(records(page)).to_have_text("9")
    settled(page)
    tab_to(page, page.get_by_role("checkbox", name="Strip signatures"))
    page.keyboard.press("Space")
    settled(page)
    tab_to(page, page.locator("summary").filter(has_text="Balance, doubles, length"))
    page.keyboard.press("Enter")
    balance = page.get_by_role("combobox", name="No more than so many of each")
    tab_to(page, balance)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Records of each")).to_be_visible()
    settled(page)
    tab_to(page, page.get_by_label("Records of each"))
    page.keyboard.press("Control+a")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(records(page)).to_have_text("4")
    settled(page)

    page.reload()
    settled(page)
    expect(records(page)).to_have_text("4")
    expect(page.get_by_role("checkbox", name="Strip signatures")).to_be_checked()

    tab_to(page, page.get_by_role("button", name="Freeze 4 records"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("v2 —")).to_be_visible(timeout=90_000)
    settled(page)
    expect(page.get_by_text("Balance: at most 4 records of each author; before: none.")).to_be_visible()
    assert_is_well(page, "datasets")


def test_what_was_set_counts_on_when_its_part_is_folded_away(page: Page) -> None:
    fold = page.locator("summary").filter(has_text="Balance, doubles, length")
    each = page.get_by_label("Records of each")
    fold.click()
    expect(each).to_have_value("4")
    each.fill("3")
    each.press("Enter")
    expect(records(page)).to_have_text("3")
    settled(page)
    fold.click()
    expect(each).to_be_hidden()
    settled(page)
    page.get_by_role("checkbox", name="Strip signatures").press("Space")
    settled(page)
    expect(page.get_by_role("button", name="Freeze 3 records")).to_be_visible()
    fold.click()
    expect(each).to_have_value("3")
    assert_is_well(page, "datasets")


def test_before_and_after_is_shown_once_it_was_counted(page: Page) -> None:
    tab_to(page, page.get_by_role("button", name="Count what each step changes"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Counted on all 9 records that are not rejected")).to_be_visible(timeout=90_000)
    settled(page)
    expect(page.locator("del", has_text="?utm_source=x").first).to_be_visible()
    assert_is_well(page, "datasets")


def test_an_exported_version_is_taken_back_once_its_terms_are_confirmed(page: Page, studio: Studio) -> None:
    files = sorted(file for file in (studio.data.parent / "exported").rglob("*") if file.is_file())
    tab_to(page, page.locator("summary").filter(has_text="Take an exported version back"))
    page.keyboard.press("Enter")
    page.locator("input[type=file][multiple]").set_input_files(files)
    name = page.get_by_label("Name", exact=True)
    expect(name).to_have_value("v1")
    settled(page)
    name.fill("v1 again")
    name.press("Enter")
    settled(page)
    expect(page.get_by_role("button", name="Confirm the terms first")).to_be_disabled()
    tab_to(page, page.get_by_role("checkbox", name="These terms of its sources hold here"))
    page.keyboard.press("Space")
    settled(page)
    tab_to(page, page.get_by_role("button", name="Take it back"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("v1 again —")).to_be_visible(timeout=90_000)
    settled(page)
    assert page.evaluate("window.hacked") is None
    assert_is_well(page, "datasets")

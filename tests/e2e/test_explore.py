"""Explore in a real browser: by keyboard alone, through a reload, and with the mouse on the map."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.config import DataFolder
from core.workflows import deciding, tagging
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, Seen, Studio, body, imported, opened, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("explore") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(THINGS)})
    for row in deciding.list_records(workspace, "voice", deciding.RecordFilter(words="van")):
        tagging.tag(workspace, "voice", row["id"], ["travel"], by="Ann")
    workspace.close()
    yield from served(data)


@pytest.fixture
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    seen = Seen()
    yield opened(context, studio, seen)
    context.close()
    assert seen == Seen()


def go(page: Page, studio: Studio, more: str = "") -> None:
    page.goto(f"{studio.address}/explore?project=voice{more}")
    settled(page)


def tab_to(page: Page, name: str | re.Pattern[str], *, role: str = "button") -> None:
    """Reach an element as somebody without a mouse does: by Tab, from where the focus is."""
    wanted = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    expect(wanted).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element.contains(document.activeElement)"):
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


def test_words_become_a_pill_that_outlives_a_reload_and_goes_by_keyboard(page: Page, studio: Studio) -> None:
    go(page, studio)
    tab_to(page, "Words", role="textbox")
    page.keyboard.type("ladder")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 record", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="About the ladder")).to_be_visible()
    expect(page.locator("[class*=st-key-found_] strong", has_text="ladder").first).to_be_visible()
    page.reload()
    settled(page)
    expect(page.get_by_text("1 record", exact=True)).to_be_visible()
    tab_to(page, re.compile("^words: ladder"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("10 records", exact=True)).to_be_visible()
    assert "words=" not in page.url


def test_a_theme_is_chosen_decided_on_and_taken_back_without_a_mouse(page: Page, studio: Studio) -> None:
    go(page, studio, "&view=Map")
    tab_to(page, re.compile("^Theme"), role="combobox")
    page.keyboard.type("invoices")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^theme: invoices, price, bench"))).to_be_visible()
    expect(page.get_by_text("5 records", exact=True)).to_be_visible()
    settled(page)
    page.reload()
    settled(page)
    tab_to(page, "Reject all 5")
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo: 5 rejected")
    expect(undo).to_be_visible()
    settled(page)
    tab_to(page, "Undo: 5 rejected")
    page.keyboard.press("Enter")
    expect(undo).to_have_count(0)
    go(page, studio, "&status=rejected")
    expect(page.get_by_text("No record fits.")).to_be_visible()


def test_a_rectangle_on_the_map_becomes_a_filter_that_a_reload_keeps(page: Page, studio: Studio) -> None:
    go(page, studio, "&view=Map")
    # The chart's own canvas or drawing, whichever the browser was given.
    chart = page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first
    expect(chart).to_be_visible()
    page.wait_for_timeout(1_000)
    box = chart.bounding_box()
    assert box is not None
    # The right half: places run round a circle from the right edge.
    page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5, steps=5)
    page.mouse.move(box["x"] + box["width"] * 0.99, box["y"] + box["height"] * 0.8, steps=5)
    page.mouse.up()
    pill = page.get_by_role("button", name=re.compile("^an area of the map"))
    expect(pill).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^Keep all [1-9]"))).to_be_visible()
    settled(page)
    page.reload()
    settled(page)
    expect(pill).to_be_visible()


def test_a_range_of_a_signal_is_set_by_keyboard(page: Page, studio: Studio) -> None:
    go(page, studio, "&view=Histograms")
    tab_to(page, "From", role="spinbutton")
    page.keyboard.press("Control+A")
    page.keyboard.type("0.8")
    page.keyboard.press("Enter")
    settled(page)
    tab_to(page, "Filter by this range")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^score: 0.8 to 0.95"))).to_be_visible()
    expect(page.get_by_text("4 records", exact=True)).to_be_visible()


def test_more_like_this_is_in_the_address_with_the_records_title(page: Page, studio: Studio) -> None:
    go(page, studio, "&words=ladder")
    tab_to(page, "More like this")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^like: About the ladder"))).to_be_visible()
    expect(page.get_by_text("9 records", exact=True)).to_be_visible()
    assert "like=r_" in page.url


def test_what_the_address_names_that_is_not_here_is_said(page: Page, studio: Studio) -> None:
    go(page, studio, "&flag=nope&status=lost&tag=travel&flag=truncated")
    expect(page.get_by_text("No record here has the flag “nope”")).to_be_visible()
    expect(page.get_by_text("“lost” is no status")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^tag: travel"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^flag: truncated"))).to_be_visible()

"""Tagging in a real browser, by keyboard alone; what is done is in the store, and a reload loses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.config import DataFolder
from core.workflows import projects, taxonomy
from core.workflows.workspace import open_workspace
from tests.core.workflows.test_tagging import TOPICS, imported, suggested, tagged_by_topic
from tests.e2e import made_up
from tests.e2e.test_pages import Seen, Studio, opened, press, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

expect.set_options(timeout=20_000)
COLOURS = ("blue", "green", "amber", "violet", "olive", "grey")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Thirty records of three topics: 21 with their tag, nine that wait, with suggestions. And a project that has just begun."""
    data = tmp_path_factory.mktemp("tags") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    projects.create_project(workspace, name="p", goal="support", by="Ann")
    imported(workspace, 10)
    names = [*TOPICS, *(f"{topic} / sub" for topic in TOPICS)]
    taxonomy.set_list(
        workspace, "p", [{"tag": name, "shortcut": str(n), "colour": COLOURS[n - 1]} for n, name in enumerate(names, start=1)], by="Ann"
    )  # fmt: skip
    tagged_by_topic(workspace, 7)
    suggested(workspace)
    workspace.close()
    yield from served(data)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    own = browser.new_context(viewport={"width": 1440, "height": 900})
    own.set_default_timeout(20_000)
    yield own
    own.close()


def tags_page(context: BrowserContext, studio: Studio, more: str = "") -> Page:
    page = opened(context, studio, Seen())
    page.goto(f"{studio.address}/tags?project=p{more}")
    settled(page)
    return page


def waiting(page: Page, n: int) -> None:
    expect(page.get_by_text(re.compile(rf"of {n} without a tag|; {n} wait for a tag"))).to_be_visible()


def test_records_are_tagged_accepted_and_taken_back_by_key_alone(context: BrowserContext, studio: Studio) -> None:
    page = tags_page(context, studio)
    waiting(page, 9)
    press(page, "1")
    waiting(page, 8)
    expect(page.get_by_role("button", name=re.compile("^Accept "))).to_be_visible()
    press(page, "a")
    waiting(page, 7)
    page.reload()
    waiting(page, 7)
    press(page, "z")
    waiting(page, 8)
    press(page, "z")
    waiting(page, 9)
    expect(page.get_by_text("without a tag")).to_be_visible()
    press(page, "z")
    # Ann's acts before this visit are hers as well: the newest of them is the next that an undo takes back.
    waiting(page, 10)
    press(page, "3")
    waiting(page, 9)


def test_a_held_key_tags_one_record(context: BrowserContext, studio: Studio) -> None:
    page = tags_page(context, studio)
    press(page, "2")
    for _ in range(8):
        page.keyboard.down("2")
    page.keyboard.up("2")
    waiting(page, 8)
    settled(page)
    waiting(page, 8)
    press(page, "z")
    waiting(page, 9)


def test_alike_ones_are_ticked_stored_and_undone_without_a_mouse(context: BrowserContext, studio: Studio) -> None:
    page = tags_page(context, studio)
    press(page, "g")
    expect(page.get_by_text("and without a tag yet")).to_be_visible()
    settled(page)
    boxes = page.get_by_role("checkbox")
    store = page.get_by_test_id("stMain").get_by_role("button", name=re.compile("^Tag |^Tick "))
    for n in range(boxes.count()):
        if not boxes.nth(n).is_checked():
            boxes.nth(n).focus()
            page.keyboard.press("Space")
            settled(page)
    n = boxes.count()
    assert n >= 2
    expect(store).to_have_text(re.compile(rf"^Tag {n} records: "))
    boxes.first.focus()
    page.keyboard.press("Space")
    expect(store).to_have_text(re.compile(rf"^Tag {n - 1} record"))
    page.reload()
    expect(page.get_by_text("and without a tag yet")).to_be_visible()
    settled(page)
    for i in range(n):
        if not boxes.nth(i).is_checked():
            boxes.nth(i).focus()
            page.keyboard.press("Space")
            settled(page)
    store.focus()
    page.keyboard.press("Enter")
    waiting(page, 9 - n)
    press(page, "z")
    waiting(page, 9)


def test_the_list_is_changed_and_says_what_goes_along(context: BrowserContext, studio: Studio) -> None:
    page = tags_page(context, studio, "&view=The+list")
    expect(page.get_by_text("billing 1 · 7 records")).to_be_visible()
    name = page.get_by_role("textbox", name="Name, with the tags above it")
    expect(name).to_have_value("billing")
    name.fill("money")
    page.get_by_role("button", name="Store the change").click()
    expect(page.get_by_text("billing is money now; 7 records went along.")).to_be_visible()
    expect(page.get_by_text("money 1 · 7 records")).to_be_visible()
    expect(name).to_have_value("money")
    settled(page)
    page.get_by_text("Merge or remove it").click()
    expect(page.get_by_text("7 records carry it.")).to_be_visible()
    name.fill("billing")
    page.get_by_role("button", name="Store the change").click()
    expect(page.get_by_text("billing 1 · 7 records")).to_be_visible()


def test_the_gaps_lead_to_the_records(context: BrowserContext, studio: Studio) -> None:
    page = tags_page(context, studio, "&view=Coverage")
    expect(page.get_by_text("All 3 tags lack good examples")).to_be_visible()
    page.get_by_role("link", name="diary / sub: no good example").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Explore")
    expect(page.get_by_text("No record fits.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_marks_of_tags_have_contrast_on_every_ground(browser: Browser, studio: Studio, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = tags_page(context, studio)
    marks = page.locator(".st-key-decisions button span", has_text=re.compile("^●$"))
    expect(marks).to_have_count(len(COLOURS))
    pairs = marks.evaluate_all(
        "(marks) => marks.map((mark) => [getComputedStyle(mark).color, getComputedStyle(mark.closest('button')).backgroundColor])"
    )
    context.close()
    assert [ratio for ratio in (contrast(*pair) for pair in pairs) if ratio < 4.5] == []


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast ratio of two CSS colours `rgb(r, g, b)`."""
    lights = sorted((luminance(colour) for colour in (one, other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def luminance(colour: str) -> float:
    parts = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_on_a_phone_the_page_does_not_scroll_sideways(browser: Browser, studio: Studio) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    for view in ("", "&view=The+list", "&view=Coverage"):
        page = tags_page(context, studio, view)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
        page.close()
    context.close()

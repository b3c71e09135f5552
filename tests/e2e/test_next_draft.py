"""After a verdict: the next draft begins in sight, under its brief, and what became of the one before is said where one looks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.config import DataFolder
from core.nouns import System
from core.workflows import projects
from core.workflows.workspace import open_workspace
from tests.drafts_by_hand import put_drafts
from tests.e2e.test_pages import Studio, press, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESK = {"viewport": {"width": 1440, "height": 600}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOW = {"viewport": {"width": 1440, "height": 420}}
# Of the text in its frame.
PADDING_PX = 22
# The page's own bar lies over what is scrolled below it.
BAR_PX = 60


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("next") / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    put_drafts(workspace, "p", n_briefs=24, seed=5, systems=[System.TUNED], with_human=False)
    workspace.close()
    yield from served(data)


@pytest.fixture
def page(browser: Browser, studio: Studio, request: pytest.FixtureRequest) -> Iterator[Page]:
    """At rest on the first draft; a reviewer of its own for every test."""
    context = browser.new_context(**getattr(request, "param", DESK))
    context.set_default_timeout(60_000)
    name = "R " + re.sub(r"\W+", " ", request.node.name)[-60:].strip()
    context.add_cookies([{"name": "proofroom_name", "value": name, "url": studio.address}])
    opened = context.new_page()
    opened.goto(f"{studio.address}/review?project=p")
    expect(opened.locator("textarea#draft")).not_to_have_value("")
    settled(opened)
    yield opened
    context.close()


def scroll_to_the_end(page: Page) -> None:
    page.get_by_test_id("stMain").evaluate("(main) => main.scrollTo(0, main.scrollHeight)")


def top(of: Locator) -> float:
    box = of.bounding_box()
    assert box is not None
    return box["y"]


def is_within_the_window(page: Page, of: Locator) -> bool:
    box = of.bounding_box()
    assert box is not None
    assert page.viewport_size is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


@pytest.mark.parametrize("page", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
def test_the_next_draft_begins_in_sight_with_its_brief_above_it(page: Page) -> None:
    editor = page.locator("textarea#draft")
    first = editor.input_value()
    scroll_to_the_end(page)
    assert top(editor) < BAR_PX
    page.get_by_role("button", name="Sign off").click()
    expect(editor).not_to_have_value(first)
    settled(page)
    # What stands above is drawn anew as well.
    page.wait_for_timeout(500)
    assert BAR_PX <= top(page.get_by_text("The brief:")) < top(editor)


@pytest.mark.parametrize("page", [DESK, PHONE], indirect=True, ids=["desk", "phone"])
def test_the_buttons_are_in_sight_before_the_draft_is_scrolled(page: Page) -> None:
    assert is_within_the_window(page, page.get_by_role("button", name="Sign off"))


@pytest.mark.parametrize("page", [LOW, PHONE], indirect=True, ids=["desk", "phone"])
def test_what_is_typed_at_the_end_of_a_long_draft_is_not_hidden_by_the_buttons(page: Page) -> None:
    editor = page.locator("textarea#draft")
    editor.fill("One more line.\n" * 30)
    page.keyboard.press("Control+Home")
    page.get_by_test_id("stMain").evaluate("(main) => main.scrollTo(0, 0)")
    for _ in range(30):
        page.keyboard.press("ArrowDown")
    page.keyboard.type("The end.")
    expect(editor).to_have_value(re.compile(r"The end\.$"))
    box = editor.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] - PADDING_PX <= top(page.get_by_role("button", name="Sign off"))


def test_the_page_stays_where_it_is_while_one_types_at_the_end_of_a_long_draft(page: Page) -> None:
    editor = page.locator("textarea#draft")
    editor.fill("One more line.\n" * 60)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.keyboard.press("Control+Home")
    for _ in range(60):
        page.keyboard.press("ArrowDown")
    before = top(editor)
    for letter in "The end.":
        page.keyboard.type(letter)
        # Longer than it takes until what was changed is drawn anew.
        page.wait_for_timeout(200)
        assert top(editor) == before
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert top(editor) == before


def test_a_rejection_without_a_reason_says_so_and_how_to_give_one(page: Page) -> None:
    press(page, "x")
    expect(page.get_by_text("Rejected without a reason. To give one: Undo verdict")).to_be_visible()
    press(page, "z")
    expect(page.get_by_text("Your verdict is taken back")).to_be_visible()
    press(page, "1")
    expect(page.locator(".st-key-review_reasons button").first).to_have_attribute("aria-pressed", "true")
    press(page, "x")
    expect(page.get_by_text("The last one is rejected")).to_be_visible()


def test_the_list_of_keys_comes_into_sight_when_it_is_asked_for(page: Page) -> None:
    page.keyboard.press("?")
    last = page.get_by_text("leave the text; what you typed is kept")
    expect(last).to_be_visible()
    assert is_within_the_window(page, last)


def test_a_draft_beside_which_nothing_is_noted_keeps_its_width(page: Page) -> None:
    box = page.locator("textarea#draft").bounding_box()
    assert box is not None
    assert page.locator(".st-key-review_margin").count() == 0
    assert box["width"] > 640

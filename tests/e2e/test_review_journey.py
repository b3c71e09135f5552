"""A reviewer's whole way, from the link to the results: by keyboard alone, and on a phone with a thumb."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.config import DataFolder
from core.nouns import System
from core.workflows import guiding, projects
from core.workflows.workspace import open_workspace
from tests.drafts_by_hand import put_drafts
from tests.e2e.test_pages import Studio, assert_is_well, press, served, settled
from tests.e2e.test_recipe_by_keyboard import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.slow]

N_DRAFTS = 6


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Six briefs with a draft each, and a guide."""
    data = tmp_path_factory.mktemp("journey") / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    guiding.set_guide(workspace, "p", {"notes": "Builders talk to builders.", "rules": []}, by="Ann")
    put_drafts(workspace, "p", n_briefs=N_DRAFTS, seed=5, systems=[System.TUNED], with_human=False)
    workspace.close()
    yield from served(data)


def at_the_link(browser: Browser, studio: Studio, **options: object) -> Page:
    """Somebody who was never here opens the link that was sent to them."""
    context = browser.new_context(**options)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"{studio.address}/review?project=p")
    settled(page)
    return page


def editor(page: Page) -> Locator:
    return page.get_by_label("The draft, as it would be published")


def is_at(page: Page, n_done: int, *, n_put_off: int = 0) -> None:
    expect(page.get_by_text(f"{n_done} done, {N_DRAFTS - n_done - n_put_off} left")).to_be_visible()
    settled(page)


def reason(page: Page, number: int) -> Locator:
    return page.locator(".st-key-review_reasons button").nth(number - 1)


def expect_chosen(chosen: Locator) -> None:
    expect(chosen).to_have_attribute("aria-pressed", "true")


def test_from_the_link_to_the_results_by_keyboard_alone(browser: Browser, studio: Studio) -> None:
    page = at_the_link(browser, studio, viewport={"width": 1440, "height": 900})
    tab_to(page, page.get_by_role("textbox", name="Your name"))
    page.keyboard.type("Ann")
    page.keyboard.press("Enter")
    is_at(page, 0)

    expect(page.get_by_text(re.compile("^The brief: Write about the"))).to_be_visible()

    first = editor(page).input_value()
    press(page, "e")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" One more word.")
    changes = page.get_by_role("region", name="What you changed")
    expect(changes.locator("ins")).to_have_text(" One more word.")
    expect(changes.locator("del")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    is_at(page, 1)
    expect(changes).to_be_hidden()
    expect(editor(page)).not_to_have_value(re.compile(re.escape(first[:40])))
    expect(page.get_by_text("The last one is signed off")).to_be_visible()

    second = editor(page).input_value()
    press(page, "2")
    expect_chosen(reason(page, 2))
    press(page, "x")
    is_at(page, 2)
    press(page, "z")
    is_at(page, 1)
    expect(editor(page)).to_have_value(second)
    expect_chosen(reason(page, 2))
    press(page, "x")
    is_at(page, 2)

    press(page, "g")
    expect(page.get_by_text("Builders talk to builders.")).to_be_visible()
    press(page, "g")
    expect(page.get_by_text("Builders talk to builders.")).not_to_be_visible()
    press(page, "?")
    expect(page.locator("#legend dl")).to_be_visible()
    press(page, "?")

    third = editor(page).input_value()
    press(page, "l")
    expect(editor(page)).not_to_have_value(third)
    expect(page.get_by_text("The last one comes again later")).to_be_visible()

    for n_done in range(2, N_DRAFTS):
        is_at(page, n_done, n_put_off=n_done < N_DRAFTS - 1)
        if n_done == N_DRAFTS - 1:
            expect(editor(page)).to_have_value(third)
        press(page, "s")
    expect(page.get_by_text("No draft waits for you.")).to_be_visible()
    settled(page)
    tab_to(page, page.get_by_role("button", name="See the results"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Results")
    expect(page.get_by_text("Not enough reviews yet")).to_be_visible()
    assert_is_well(page, "results")
    page.context.close()


def test_time_in_which_nobody_reads_or_types_does_not_count(browser: Browser, studio: Studio) -> None:
    """Twenty seconds at the draft, then a quarter of an hour away from it: what counts ends half a minute after the last sign of anybody."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.clock.install()
    page.goto(f"{studio.address}/review?project=p")
    settled(page)
    page.get_by_role("textbox", name="Your name").fill("Cy")
    page.get_by_role("textbox", name="Your name").press("Enter")
    is_at(page, 0)
    page.clock.run_for(20_000)
    page.mouse.move(400, 400)
    page.mouse.move(420, 420)
    page.clock.run_for(15 * 60_000)
    press(page, "s")
    is_at(page, 1)
    token = DataFolder(studio.data).token_file.read_text(encoding="utf-8").strip()
    told = httpx.get(f"{studio.address}/api/projects/p/results", headers={"Authorization": f"Bearer {token}"}).json()
    (load,) = told["reviewers"]
    # What passed by itself while the page was drawn comes on top.
    assert 45 <= load["seconds"] <= 90
    context.close()


def test_from_the_link_to_the_results_on_a_phone(browser: Browser, studio: Studio) -> None:
    size = {"width": 390, "height": 844}
    page = at_the_link(browser, studio, viewport=size, has_touch=True, is_mobile=True, device_scale_factor=2)
    page.get_by_role("textbox", name="Your name").tap()
    page.keyboard.type("Bo")
    page.get_by_role("button", name="Go on").tap()
    is_at(page, 0)
    expect(page.get_by_role("button", name="Undo verdict")).to_be_hidden()
    for name in ("Sign off", "Reject"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= size["height"], f"{name} is not on the first screen"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page moves sideways"

    editor(page).tap()
    page.keyboard.press("Control+End")
    page.keyboard.type(" One more word.")
    expect(page.get_by_text("Saved")).to_be_visible()
    page.get_by_role("button", name="Sign off").tap()
    is_at(page, 1)
    reason(page, 2).tap()
    expect_chosen(reason(page, 2))
    page.get_by_role("button", name="Reject").tap()
    is_at(page, 2)
    page.get_by_role("button", name="Undo verdict").tap()
    is_at(page, 1)
    expect_chosen(reason(page, 2))
    page.get_by_text("How we write").tap()
    expect(page.get_by_text("Builders talk to builders.")).to_be_visible()
    for n_done in range(1, N_DRAFTS):
        is_at(page, n_done)
        page.get_by_role("button", name="Sign off").tap()
    expect(page.get_by_text("No draft waits for you.")).to_be_visible()
    page.get_by_role("button", name="See the results").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.context.close()

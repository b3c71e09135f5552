"""A reviewer who goes on at another device: what was typed and chosen is there, no verdict is given twice or on an old text, the draft stays theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.config import DataFolder
from core.nouns import System
from core.workflows import projects
from core.workflows.workspace import open_workspace
from tests.drafts_by_hand import put_drafts
from tests.e2e.test_pages import Studio, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
EDITOR = "textarea#draft"


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Six briefs with a draft each."""
    data = tmp_path_factory.mktemp("devices") / "data"
    workspace = open_workspace(DataFolder(data))
    projects.create_project(workspace, name="p", goal="voice", by="Ann")
    put_drafts(workspace, "p", n_briefs=6, seed=5, systems=[System.TUNED], with_human=False)
    workspace.close()
    yield from served(data)


def at_review(browser: Browser, studio: Studio, name: str, device: dict[str, object]) -> Page:
    context = browser.new_context(**device)
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": "proofroom_name", "value": name, "url": studio.address}])
    page = context.new_page()
    page.goto(f"{studio.address}/review?project=p")
    settled(page)
    expect(page.locator(EDITOR)).not_to_have_value("")
    return page


def text(page: Page) -> str:
    return page.locator(EDITOR).input_value()


def type_at_the_end(page: Page, words: str) -> None:
    page.locator(EDITOR).press("Control+End")
    page.keyboard.type(words)
    expect(page.locator("#state")).to_have_text("Saved")
    settled(page)


def look_at(page: Page) -> None:
    """As when its window comes to the front again."""
    page.wait_for_timeout(1_100)
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def chosen(page: Page) -> list[str]:
    return [one.inner_text() for one in page.locator(".st-key-review_reasons button[aria-pressed=true]").all()]


def test_a_reviewer_goes_on_at_another_device(browser: Browser, studio: Studio) -> None:
    desk, phone = at_review(browser, studio, "Ann", DESK), at_review(browser, studio, "Ann", PHONE)
    came = text(desk)
    assert text(phone) == came
    type_at_the_end(phone, " From the phone.")
    phone.locator(".st-key-review_reasons button").nth(1).tap()
    expect(phone.locator(".st-key-review_reasons button[aria-pressed=true]")).to_have_count(1)
    settled(phone)

    look_at(desk)
    expect(desk.locator(EDITOR)).to_have_value(f"{came} From the phone.")
    expect(desk.locator(".st-key-review_reasons button[aria-pressed=true]")).to_have_count(1)
    assert chosen(desk) == chosen(phone)
    type_at_the_end(desk, " From the desk.")
    look_at(phone)
    expect(phone.locator(EDITOR)).to_have_value(f"{came} From the phone. From the desk.")

    type_at_the_end(phone, " And this.")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_text("You changed this draft on another device meanwhile").first).to_be_visible()
    expect(desk.locator(EDITOR)).to_have_value(f"{came} From the phone. From the desk. And this.")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_text("1 done, 5 left")).to_be_visible()
    settled(desk)
    phone.get_by_role("button", name="Reject").tap()
    expect(phone.get_by_text("You have judged this draft already.").first).to_be_visible()
    expect(phone.locator(EDITOR)).to_have_value(text(desk))
    expect(phone.get_by_text("1 done, 5 left")).to_be_visible()

    other = at_review(browser, studio, "Bo", DESK)
    assert text(other) not in (came, text(desk)), "the lock is the person's, whatever the device"
    for page in (desk, phone, other):
        page.context.close()

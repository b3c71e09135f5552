"""Personal data on its page, by key: kept, masked, replaced, one place at a time and all of a person, undone; and the sample."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.config import DataFolder
from core.workflows import personal_search
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import (
    PAYLOAD,
    THINGS,
    Seen,
    Studio,
    assert_is_well,
    body,
    imported,
    opened,
    press,
    served,
    settled,
)
from tests.jobs_by_hand import finish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIGNED = f"\n\nMy order number is A-20481-7. {PAYLOAD}\n\nKind regards,\nTadeusz Nowak\n"


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("personal") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) + SIGNED * (n < 3) for n, thing in enumerate(THINGS)})
    ended = finish(workspace, personal_search.find_in_project(workspace, "voice", by="Ann"))
    assert ended["state"] == "done", ended["reason"]
    workspace.close()
    yield from served(data)


@pytest.fixture
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield opened(context, studio, Seen())
    context.close()


def go(page: Page, studio: Studio, more: str = "") -> None:
    page.goto(f"{studio.address}/personal-data?project=voice{more}")
    settled(page)


def test_places_are_decided_by_key_and_taken_back(page: Page, studio: Studio) -> None:
    go(page, studio, "&kind=order+number")
    expect(page.locator("mark", has_text="A-20481-7")).to_be_visible()
    expect(page.get_by_text("masked it reads “[order number]”")).to_be_visible()
    # What stands around the place is a record's text, and no markup.
    expect(page.locator("script", has_text="hacked")).to_have_count(0)
    assert page.evaluate("window.hacked") is None
    # Records have random ids, and come in their order.
    place = page.get_by_text(re.compile(r"^order number in About the"))
    first = place.inner_text()
    press(page, "m")
    expect(place).not_to_have_text(first)
    press(page, "z")
    expect(place).to_have_text(first)
    for key in ("k", "r"):
        before = place.inner_text()
        press(page, key)
        expect(place).not_to_have_text(before)
    press(page, "m")
    expect(page.get_by_text("Nothing of this is left to decide.")).to_be_visible()
    assert_is_well(page, "personal-data")


def test_all_places_of_a_person_are_replaced_with_their_number_in_the_button(page: Page, studio: Studio) -> None:
    go(page, studio, "&kind=person")
    page.get_by_role("combobox", name="Value").click()
    page.get_by_role("option", name="Tadeusz Nowak (3)").click()
    settled(page)
    page.get_by_role("button", name="Replace all 3 of this person").click()
    settled(page)
    expect(page.get_by_text("Nothing of this is left to decide.")).to_be_visible()
    press(page, "z")
    expect(page.locator("mark", has_text="Tadeusz Nowak")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.get_by_role("button", name="Replace all").first).to_be_visible()


def test_a_sampled_record_is_read_and_the_shares_are_told(page: Page, studio: Studio) -> None:
    go(page, studio, "&show=How+much+is+found")
    expect(page.get_by_text("· 10 records left")).to_be_visible()
    page.get_by_role("button", name="Done, next record").click()
    settled(page)
    expect(page.get_by_text("· 9 records left")).to_be_visible()
    expect(
        page.get_by_text(
            "On 1 record that people read; 95 % intervals, a little too narrow where a record holds many places."
        )
    ).to_be_visible()
    assert_is_well(page, "personal-data")

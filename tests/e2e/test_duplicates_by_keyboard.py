"""Duplicates and second readings by keyboard alone, on a made-up studio."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.config import DataFolder
from core.workflows import deciding, queueing
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import Seen, Studio, body, imported, opened, press, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Five posts, a pair to ask about, and one post that Bo has kept and that is to be read a second time."""
    data = tmp_path_factory.mktemp("duplicates") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(("van", "bench", "oven"))})
    first = deciding.queue(workspace, "voice", deciding.RecordFilter())[-1]
    deciding.decide(workspace, "voice", first, "keep", by="Bo")
    queueing.set_second_share(workspace, "voice", share=1.0, by="Bo")
    workspace.close()
    yield from served(data)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900})
    yield made
    made.close()


def at(context: BrowserContext, studio: Studio, path: str) -> Page:
    page = opened(context, studio, Seen())
    page.goto(f"{studio.address}/{path}")
    settled(page)
    return page


def test_a_pair_is_settled_and_taken_back_by_key(context: BrowserContext, studio: Studio) -> None:
    page = at(context, studio, "duplicates?project=voice")
    expect(page.get_by_text("1 pair to decide, 0 groups merged")).to_be_visible()
    press(page, "1")
    expect(page.get_by_text("0 pairs to decide, 1 group merged")).to_be_visible()
    page.reload()
    settled(page)
    expect(page.get_by_text("0 pairs to decide, 1 group merged")).to_be_visible()
    page.get_by_role("button", name="Undo the last judgement").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 pair to decide, 0 groups merged")).to_be_visible()


def test_a_second_reading_is_given_and_taken_back_by_key(context: BrowserContext, studio: Studio) -> None:
    page = at(context, studio, "curate?project=voice&status=to+read+a+second+time")
    expect(page.get_by_text("1 record to read.")).to_be_visible()
    expect(page.get_by_text("Bo said")).to_have_count(0)
    press(page, "x")
    expect(page.get_by_text("Bo said keep, Ann said reject")).to_be_visible()
    expect(page.get_by_text("Two readers agree on 0 of 1 reading")).to_be_visible()


def test_a_record_that_somebody_holds_is_not_decided_twice(context: BrowserContext, studio: Studio) -> None:
    page = at(context, studio, "curate?project=voice")
    heading = page.locator(".st-key-record_title")
    mine = heading.inner_text()
    browser = context.browser
    assert browser is not None
    second = browser.new_context(viewport={"width": 1440, "height": 900})
    second.add_cookies([{"name": "proofroom_name", "value": "Cy", "url": studio.address}])
    theirs = second.new_page()
    theirs.goto(f"{studio.address}/curate?project=voice")
    settled(theirs)
    expect(theirs.locator(".st-key-record_title")).not_to_have_text(mine)
    second.close()

"""Erasure on its page: a person is found, a namesake left, the rest taken out, and the certificate taken along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.config import DataFolder
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import PAYLOAD, THINGS, Seen, Studio, assert_is_well, body, imported, opened, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIGNED = f"\n\nKind regards,\nTadeusz Nowak\n{PAYLOAD}\n"


@pytest.fixture
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("erasure") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    # The last one is written by somebody whose name is alike.
    texts = {f"post-{n}.md": body(n, thing) + SIGNED * (n < 3) for n, thing in enumerate(THINGS)}
    imported(workspace, "voice", texts | {"alike.md": body(99, "kettle") + "\n\nKind regards,\nTadeus Nowack\n"})
    workspace.close()
    yield from served(data)


@pytest.fixture
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield opened(context, studio, Seen())
    context.close()


def look(page: Page, studio: Studio, name: str) -> None:
    page.goto(f"{studio.address}/erasure?project=voice")
    settled(page)
    page.get_by_role("textbox", name="Full name").fill(name)
    page.get_by_role("textbox", name="Full name").press("Tab")
    page.get_by_role("button", name="Look everywhere").click()
    settled(page)


def test_who_is_nowhere_is_said_to_be_nowhere(page: Page, studio: Studio) -> None:
    look(page, studio, "Wilhelmina Overgaard")
    expect(page.get_by_text("No place holds this person.")).to_be_visible()
    assert "Wilhelmina" not in page.url
    assert_is_well(page, "erasure")


def test_a_person_is_found_taken_out_and_certified(page: Page, studio: Studio) -> None:
    look(page, studio, "Tadeusz Nowak")
    expect(page.get_by_text("What would go")).to_be_visible()
    expect(page.get_by_text("only alike").first).to_be_visible()
    page.get_by_role("button", name="Erase", exact=True).click()
    sure = page.get_by_role("textbox", name="Type the full name once more")
    go = page.get_by_role("button", name="places").last
    # It finds its place after it has opened; whoever types before that scrolls the page from under it.
    expect(go).to_be_in_viewport(ratio=1)
    sure.fill("Somebody Else")
    sure.press("Tab")
    go.click()
    expect(page.get_by_text("so nothing was erased")).to_be_visible()
    sure.fill("tadeusz nowak")
    sure.press("Tab")
    go.click()
    expect(page.get_by_text("Certificates")).to_be_visible(timeout=60_000)
    with page.expect_download() as started:
        page.get_by_role("button", name="JSON").first.click()
    told = json.loads(Path(started.value.path()).read_text(encoding="utf-8"))
    assert told["verification"]["n_places_before"] >= 3
    assert [one["why"] for one in told["kept"] if "alike" in one["why"]]
    assert "Nowak" not in json.dumps(told)
    page.reload()
    settled(page)
    expect(page.get_by_text("asked for by")).to_be_visible()
    look(page, studio, "Tadeusz Nowak")
    expect(page.get_by_text("only alike").first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert_is_well(page, "erasure")

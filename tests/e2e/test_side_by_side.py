"""Drafts side by side by keyboard: made on Results, judged, put off, taken back; and the browser is not told who wrote which."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.store import open_items as open_item_rows
from core.workflows import reviewing
from core.workflows.workspace import Workspace, open_workspace, project_named
from tests.e2e import made_up
from tests.e2e.accessible import severe
from tests.e2e.test_pages import SYSTEM_NAMES, Seen, Studio, body, imported, opened, press, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]
THINGS = ("van", "bench", "oven", "ladder")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Three briefs whose drafts all have their verdicts, so that their pairs can be asked about."""
    data = tmp_path_factory.mktemp("pairs") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(THINGS * 3)})
    made_up.frozen(workspace, "voice", "v1")
    run = made_up.trained(workspace, "voice", "v1")
    briefs = [BriefIn(thing, f"Write about the {thing}.") for thing in THINGS[:3]]
    made_up.drafted(workspace, "voice", run, briefs)
    sign_off_all(workspace)
    workspace.close()
    yield from served(data)


def sign_off_all(workspace: Workspace) -> None:
    for item in open_item_rows.open_items(workspace.store, project_named(workspace, "voice")["id"]):
        reviewing.submit(workspace, item["id"], "sign_off", by="Rita")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 900})
    made.set_default_timeout(20_000)
    yield made
    made.close()


def focus(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.focus()
    page.keyboard.press("Enter")


def test_pairs_are_made_and_judged_by_key_and_nothing_tells_who_wrote_which(
    context: BrowserContext, studio: Studio
) -> None:
    seen = Seen()
    page = opened(context, studio, seen)
    page.goto(f"{studio.address}/results?project=voice")
    settled(page)
    page.locator("summary", has_text="Compare drafts side by side").focus()
    page.keyboard.press("Enter")
    focus(page, "Tuned model and base model: 3 new pairs")
    focus(page, "Make the pairs")
    expect(page.get_by_text("3 pairs to be judged side by side")).to_be_visible()

    # Another page of the browser, so that what it was told on Results is not among what is read here.
    page = opened(context, studio, seen)
    received: list[str] = []
    page.on(
        "websocket",
        lambda socket: socket.on(
            "framereceived",
            lambda frame: received.append(frame if isinstance(frame, str) else frame.decode("utf-8", errors="ignore")),
        ),
    )
    page.goto(f"{studio.address}/side-by-side?project=voice")
    settled(page)
    expect(page.get_by_text("0 done, 3 left")).to_be_visible()
    drafts = page.locator("#pair .draft")
    expect(drafts).to_have_count(2)
    first = drafts.all_inner_texts()
    assert severe(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    a, b = (page.locator("#pair section").nth(n).bounding_box() for n in (0, 1))
    assert a is not None
    assert b is not None
    assert b["y"] >= a["y"] + a["height"], "on a phone one stands above the other"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    press(page, "ArrowLeft")
    expect(page.get_by_text("1 done, 2 left")).to_be_visible()
    press(page, "z")
    expect(page.get_by_text("0 done, 3 left")).to_be_visible()
    assert drafts.all_inner_texts() == first
    press(page, "2")
    expect(page.get_by_text("1 done, 2 left")).to_be_visible()
    second = drafts.all_inner_texts()
    press(page, "l")
    expect(page.locator("#pair .draft").first).not_to_have_text(second[0])
    settled(page)
    page.reload()
    settled(page)
    expect(page.get_by_text("1 done, 2 left")).to_be_visible()
    press(page, "=")
    expect(page.get_by_text("2 done, 1 left")).to_be_visible()
    assert drafts.all_inner_texts() == second
    press(page, "?")
    expect(page.get_by_text("← or 1")).to_be_visible()
    press(page, "0")
    expect(page.get_by_text("You judged 3 so far.")).to_be_visible()
    told = "\n".join([*received, page.title(), page.locator("#root").inner_html()]).lower()
    assert "write about the" in told, "the frames were not captured"
    assert [told[max(0, m.start() - 40) : m.end() + 40] for m in SYSTEM_NAMES.finditer(told)] == []
    assert seen == Seen()

    page.goto(f"{studio.address}/results?project=voice")
    settled(page)
    expect(page.get_by_text("not enough yet, 1 of at least 20 pairs have a preference")).to_be_visible()

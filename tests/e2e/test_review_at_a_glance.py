"""What a reviewer sees of the page without looking for it: the brief once, why and what *Later* does before the buttons, notes beside the text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.config import DataFolder
from core.nouns import System
from core.workflows import guiding, projects
from core.workflows.workspace import open_workspace
from tests.core.workflows.queue_by_hand import put_drafts
from tests.e2e.accessible import severe
from tests.e2e.test_pages import Studio, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NEVER_TOWN = {"name": "words-never-town", "kind": "existence", "level": "error", "tokens": ["town"]}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Two projects with a draft each, and a guide that objects to a word of it; the brief of the second says for whom, too."""
    data = tmp_path_factory.mktemp("glance") / "data"
    workspace = open_workspace(DataFolder(data))
    for name, prefix in (("short", "s"), ("full", "f")):
        projects.create_project(workspace, name=name, goal="voice", by="Ann")
        guiding.set_guide(workspace, name, {"notes": "Builders talk to builders.", "rules": [NEVER_TOWN]}, by="Ann")
        put_drafts(workspace, name, 1, systems=(System.TUNED,), prefix=prefix, job=f"job_{prefix}")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE briefs SET audience = 'people who build' WHERE external_id = 'f0'")
    workspace.close()
    yield from served(data)


@pytest.fixture
def page(browser: Browser, studio: Studio, request: pytest.FixtureRequest) -> Iterator[Page]:
    """At rest on the draft of a project, on a desk or with other options of the browser."""
    project, options = getattr(request, "param", ("short", {"viewport": {"width": 1440, "height": 900}}))
    context = browser.new_context(**options)
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": "proofroom_name", "value": "Rita", "url": studio.address}])
    opened = context.new_page()
    opened.goto(f"{studio.address}/review?project={project}")
    expect(opened.locator("textarea#draft")).not_to_have_value("")
    settled(opened)
    yield opened
    context.close()


def top(of: Locator) -> float:
    box = of.bounding_box()
    assert box is not None
    return box["y"]


def bottom(of: Locator) -> float:
    box = of.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_a_brief_whose_words_stand_in_its_first_line_whole_is_not_folded(page: Page) -> None:
    expect(page.get_by_text("The brief: Write of s 0.")).to_be_visible()
    expect(page.get_by_text("Write of s 0.")).to_have_count(1)
    expect(page.locator("summary").filter(has_text="The brief")).to_have_count(0)


@pytest.mark.parametrize("page", [("full", {})], indirect=True)
def test_what_a_brief_says_besides_is_folded_and_its_words_stand_there_once(page: Page) -> None:
    page.locator("summary").filter(has_text="The brief: Write of f 0.").click()
    expect(page.get_by_text("For people who build")).to_be_visible()
    expect(page.get_by_text("Write of f 0.")).to_have_count(1)


def test_what_is_asked_before_the_decision_stands_before_the_buttons(page: Page) -> None:
    why = page.get_by_text("Changed it, or about to reject it? Choose why before you decide")
    reject, later = (page.get_by_role("button", name=name) for name in ("Reject", "Later"))
    assert bottom(page.locator("textarea#draft")) <= top(why) < bottom(why) <= top(reject)
    expect(later).to_have_accessible_description(
        "Later keeps what you typed; the draft comes again when nothing else does."
    )
    expect(page.get_by_text("keeps what you typed; the draft comes again")).to_be_visible()
    assert severe(page) == []


@pytest.mark.parametrize("page", [("short", PHONE)], indirect=True)
def test_on_a_phone_what_is_said_of_the_text_follows_it_before_the_reasons(page: Page) -> None:
    note = page.get_by_text("Do not write 'town'.")
    reasons = page.locator(".st-key-review_reasons")
    assert bottom(page.locator("textarea#draft")) <= top(note) < bottom(note) <= top(reasons)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    reasons.get_by_role("button").nth(1).tap()
    expect(reasons.get_by_role("button").nth(1)).to_have_attribute("aria-pressed", "true")
    settled(page)
    assert severe(page) == []


def test_on_a_wide_screen_it_stands_beside_the_text(page: Page) -> None:
    note, text = page.get_by_text("Do not write 'town'.").bounding_box(), page.locator("textarea#draft").bounding_box()
    assert note is not None
    assert text is not None
    assert note["x"] >= text["x"] + text["width"]
    assert note["y"] < text["y"] + text["height"]

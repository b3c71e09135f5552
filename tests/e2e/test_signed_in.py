"""Signing in with a real browser: a reviewer sees Review and not Train, and a page that is open ends with its session."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.config import DataFolder
from core.nouns import Role
from core.workflows import people, projects
from core.workflows.workspace import open_workspace
from studio.navigation import SPECS
from tests.core.workflows.accounts_by_hand import PASSWORD, first_owner
from tests.drafts_by_hand import put_drafts
from tests.e2e.test_pages import Studio, assert_is_well, settled
from tests.e2e.test_pages import served as studio_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class SignedIn:
    """A served studio. links: by which the others join, by name."""

    studio: Studio
    links: dict[str, str]
    log: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedIn]:
    data = tmp_path_factory.mktemp("people") / "data"
    workspace = open_workspace(DataFolder(data))
    for name in ("own", "other"):
        projects.create_project(workspace, name=name, goal="voice", by="Olga")
    put_drafts(workspace, "own", n_briefs=4, seed=3)
    first_owner(workspace)
    asked = {"Bo": Role.REVIEWER, "Ada": Role.AUDITOR, "Lea": Role.LEAD}
    links = {
        name: people.link_of(people.invite(workspace, name, role=role, project="own", by="Olga"))
        for name, role in asked.items()
    }
    workspace.close()
    # Without --sign-in: a folder that has accounts asks by itself.
    with contextmanager(studio_of)(data) as studio:
        yield SignedIn(studio, links, data.parent / "server.log")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    own = browser.new_context(viewport={"width": 1440, "height": 900})
    own.set_default_timeout(20_000)
    yield own
    own.close()


def join(context: BrowserContext, served: SignedIn, name: str) -> Page:
    """Use one's link, which works once."""
    page = context.new_page()
    page.goto(served.studio.address + served.links[name])
    expect(page.get_by_role("heading", name=f"Welcome, {name}")).to_be_visible()
    assert "session-" not in page.url
    assert "invitation-" not in page.url
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Go in").click()
    settled(page)
    return page


def sign_in(context: BrowserContext, served: SignedIn, name: str, path: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{served.studio.address}/{path}")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    settled(page)
    return page


def test_a_reviewer_joins_sees_review_and_not_train_and_is_told_why(context: BrowserContext, served: SignedIn) -> None:
    page = join(context, served, "Bo")
    navigation = page.locator(".st-key-navigation")
    expect(navigation.get_by_text("Side by side")).to_be_visible()
    shown = set(navigation.locator("a").all_inner_texts())
    assert {re.sub(r"^\w+\n", "", one).strip() for one in shown} == {"Desk", "Review", "Side by side", "Help"}
    for spec in SPECS:
        if spec.role is Role.REVIEWER:
            continue
        page.goto(f"{served.studio.address}/{spec.path}?project=own")
        settled(page)
        expect(page.get_by_text(f"This page needs the role {spec.role}")).to_be_visible()
        assert_is_well(page, spec.path)
    page.goto(f"{served.studio.address}/review?project=own")
    settled(page)
    expect(page.locator("textarea#draft")).not_to_have_value("")
    # Where nothing is left to do, nothing leads to a page that is closed to them.
    page.goto(f"{served.studio.address}/side-by-side?project=own")
    settled(page)
    expect(page.get_by_text("No pair waits for you.")).to_be_visible()
    expect(page.get_by_role("button", name="Go to Results")).to_have_count(0)
    # The other project is to a reviewer as if there were none.
    page.goto(f"{served.studio.address}/review?project=other")
    settled(page)
    expect(page.get_by_text("There is no project called other").first).to_be_visible()


def test_a_reviewer_finds_the_chapter_for_reviewers_open_and_first(context: BrowserContext, served: SignedIn) -> None:
    page = sign_in(context, served, "Bo", "help?project=own")
    chapter = page.get_by_test_id("stExpander").first
    expect(chapter.get_by_text("Reviewing drafts")).to_be_visible()
    expect(chapter.get_by_text("You need no other chapter.")).to_be_visible()


def test_a_reviewer_reads_on_the_desk_how_many_drafts_wait_and_where_else_to_go(
    context: BrowserContext, served: SignedIn
) -> None:
    page = sign_in(context, served, "Bo", "?project=own")
    expect(
        page.get_by_text(re.compile(r"^4 drafts wait for you now\. \d+ more later: texts on one brief"))
    ).to_be_visible()
    compare = page.get_by_test_id("stMain").get_by_role("link", name="Compare drafts").locator("p")
    expect(compare).to_have_css("text-decoration-line", "underline")


def test_an_auditor_reads_results_and_finds_nothing_to_change(context: BrowserContext, served: SignedIn) -> None:
    page = join(context, served, "Ada")
    page.goto(f"{served.studio.address}/results?project=own")
    settled(page)
    assert_is_well(page, "results")
    assert page.get_by_role("slider").count() == 0
    page.goto(f"{served.studio.address}/?project=own")
    settled(page)
    assert_is_well(page, "desk")
    expect(page.get_by_text("Another project")).to_have_count(0)


def test_an_owner_ends_a_session_on_the_page_and_the_open_tab_hears_no_more(
    browser: Browser, context: BrowserContext, served: SignedIn
) -> None:
    theirs = browser.new_context()
    tab = join(theirs, served, "Lea")
    page = sign_in(context, served, "Olga", "people")
    expect(page.get_by_role("heading", name="Signed in now")).to_be_visible()
    closed: list[str] = []
    tab.on("response", lambda answer: closed.append(answer.url) if answer.status == 401 else None)
    row = page.locator("[class*='st-key-session_']").filter(has_text="Lea")
    row.get_by_role("button", name="End it").click()
    expect(row).to_have_count(0)
    settled(page)
    # The tab looks for its server again, and is turned away.
    deadline = time.monotonic() + 30
    while not closed and time.monotonic() < deadline:
        tab.wait_for_timeout(200)
    assert closed
    tab.reload()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    theirs.close()


def test_what_was_typed_and_made_stands_in_no_log(context: BrowserContext, served: SignedIn) -> None:
    sign_in(context, served, "Olga")
    written = served.log.read_text()
    assert PASSWORD not in written
    assert not re.search(r"(?:session|invitation|token)-[0-9a-f]{12}-", written)


def test_signing_out_is_two_clicks_from_every_page(context: BrowserContext, served: SignedIn) -> None:
    page = sign_in(context, served, "Olga", "help")
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{served.studio.address}/review?project=own")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_owner_invites_on_the_page_and_the_link_is_shown_once(context: BrowserContext, served: SignedIn) -> None:
    page = sign_in(context, served, "Olga", "people")
    page.get_by_label("Name", exact=True).fill("Dee")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator(".st-key-new_secret_box code")
    expect(link).to_contain_text("/join#invitation-")
    page.reload()
    settled(page)
    expect(page.locator(".st-key-new_secret_box")).to_have_count(0)
    expect(page.locator("[class*='st-key-invitation_']").filter(has_text="Dee")).to_be_visible()

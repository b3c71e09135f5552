"""Who judges what, and looking back at verdicts, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.config import DataFolder
from core.nouns import Role, System
from core.review.briefs import BriefIn
from core.workflows import importing, projects
from core.workflows.workspace import open_workspace
from tests.core.workflows.accounts_by_hand import PASSWORD, first_owner, joined
from tests.core.workflows.queue_by_hand import judge_next, put_drafts
from tests.e2e import made_up
from tests.e2e.accessible import severe
from tests.e2e.choices import choose
from tests.e2e.test_pages import THINGS, Studio, body, served, settled
from tests.jobs_by_hand import finish

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A run, and three briefs: Rita, an engineer, has judged the whole of one, and one draft of another. Lea is a lead, two are reviewers."""
    data = tmp_path_factory.mktemp("queue") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    projects.create_project(workspace, name="letters", goal="voice", by="Ann")
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    uploads = [importing.keep_upload(workspace, f"{n}.md", body(n, thing).encode()) for n, thing in enumerate(THINGS)]
    finish(workspace, importing.import_files(workspace, "letters", uploads, terms, name="posts", by="Ann")["job"])
    made_up.frozen(workspace, "letters", "v1")
    run = made_up.trained(workspace, "letters", "v1")
    put_drafts(workspace, "letters", 1, systems=[System.TUNED], prefix="a")
    judge_next(workspace, "letters", by="Rita", text="A text that Rita wrote.")
    made_up.drafted(workspace, "letters", run, [BriefIn(f"b{n}", f"Write of van {n}.") for n in range(2)])
    judge_next(workspace, "letters", by="Rita")
    first_owner(workspace)
    for name, role in (
        ("Rita", Role.ENGINEER), ("Lea", Role.LEAD), ("Ida", Role.REVIEWER), ("Otto", Role.REVIEWER),
    ):  # fmt: skip
        joined(workspace, name, role, "letters")
    workspace.close()
    yield from served(data)


@pytest.fixture
def page(browser: Browser, studio: Studio) -> Iterator[Page]:
    yield from signed_in(browser, studio, "Rita")


@pytest.fixture
def page_of_a_lead(browser: Browser, studio: Studio) -> Iterator[Page]:
    yield from signed_in(browser, studio, "Lea")


def signed_in(browser: Browser, studio: Studio, name: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    opened = context.new_page()
    opened.goto(studio.address)
    opened.get_by_label("Name").fill(name)
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Sign in").click()
    settled(opened)
    yield opened
    context.close()


def test_a_verdict_is_looked_back_at_and_one_on_an_unfinished_brief_is_not(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.address}/review?project=letters")
    settled(page)
    page.get_by_role("button", name="Look back").click()
    expect(page.get_by_text("Yours: rewritten")).to_be_visible()
    expect(
        page.get_by_text("1 verdict of yours will stand here once every draft of the brief is judged")
    ).to_be_visible()
    expect(page.get_by_text("Your writing was not measured yet")).to_be_visible()
    expect(page.locator("textarea#draft")).to_have_count(0)
    settled(page)
    assert severe(page) == []
    page.get_by_role("button", name="Back to the drafts").click()
    expect(page.locator("textarea#draft")).not_to_have_value("")


def test_briefs_are_given_to_a_reviewer_and_taken_again(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.address}/drafts?project=letters")
    settled(page)
    expect(page.get_by_text("Every draft may come to every reviewer.")).to_be_visible()
    page.get_by_text("Give briefs to reviewers").click()
    choose(page, "Reviewers", "Rita")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Give 3 briefs to Rita").click()
    expect(page.get_by_text("7 drafts of 3 briefs given to Rita.").first).to_be_visible()
    expect(page.get_by_text("For everybody, since nobody is assigned to them: 0 drafts.")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Take them from Rita").click()
    expect(page.get_by_text("Every draft may come to every reviewer.")).to_be_visible()


def test_a_lead_gives_briefs_to_everybody_with_a_role_and_takes_them_again(
    page_of_a_lead: Page, studio: Studio
) -> None:
    page = page_of_a_lead
    page.goto(f"{studio.address}/results?project=letters")
    settled(page)
    page.get_by_text("Give briefs to reviewers").click()
    choose(page, "Or everybody with a role", "reviewer, 2 people")
    page.get_by_role("button", name="Give 3 briefs to Ida and Otto").click()
    expect(page.get_by_text("7 drafts of 3 briefs given to Ida, Otto.").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Take them from Ida and Otto").click()
    expect(page.get_by_text("Every draft may come to every reviewer.")).to_be_visible()

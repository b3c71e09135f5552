"""Single sign-on with a real browser and a provider on another site: who is linked comes in under her name, and nobody else does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.config import DataFolder
from core.nouns import Role
from core.outgoing.sign_on_begun import SECRET_VARIABLE
from core.workflows import people, projects, single_sign_on
from core.workflows.workspace import open_workspace
from tests.core.workflows.accounts_by_hand import PASSWORD, first_owner
from tests.drafts_by_hand import put_drafts
from tests.e2e.test_pages import Studio, assert_is_well, settled
from tests.e2e.test_pages import served as studio_of
from tests.studio.identity_provider import CLIENT, SECRET, Provider, identity_provider, subject_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# To a browser `localhost` is another site than the studio's `127.0.0.1`, as a company's provider is.
PROVIDER_HOST = "localhost"


@dataclass
class SignedOn:
    """A served studio with its provider. joins: the path of the link by which Cy joins."""

    studio: Studio
    provider: Provider
    joins: str
    log: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedOn]:
    with identity_provider(PROVIDER_HOST) as provider, signed_on(tmp_path_factory.mktemp("sign-on"), provider) as one:
        yield one


@contextmanager
def signed_on(root: Path, provider: Provider) -> Iterator[SignedOn]:
    """Bo reviews in the project `own` and is linked to the provider's Bo. It knows Cy, who is invited, and Dan, who is not."""
    provider.people = {name: f"{name} at the provider" for name in ("bo", "cy", "dan")}
    data = root / "data"
    workspace = open_workspace(DataFolder(data))
    for name in ("own", "other"):
        projects.create_project(workspace, name=name, goal="voice", by="Olga")
    put_drafts(workspace, "own", n_briefs=4, seed=3)
    first_owner(workspace)
    link = people.invite(workspace, "Bo", role=Role.REVIEWER, project="own", by="Olga")
    single_sign_on.join(workspace, link.shown, name="Bo", issuer=provider.issuer, subject=subject_of("bo"))
    joins = people.link_of(people.invite(workspace, "Cy", role=Role.LEAD, project="own", by="Olga"))
    workspace.close()
    of_provider = ("--oidc", provider.issuer, "--oidc-client", CLIENT, "--oidc-allow-private")
    with contextmanager(studio_of)(data, *of_provider, environment={SECRET_VARIABLE: SECRET}) as studio:
        yield SignedOn(studio, provider, joins, root / "server.log")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = new_browser(browser)
    yield context.new_page()
    context.close()


def new_browser(browser: Browser) -> BrowserContext:
    own = browser.new_context(viewport={"width": 1440, "height": 900})
    own.set_default_timeout(20_000)
    return own


def leave(page: Page, served: SignedOn, path: str = "") -> None:
    """From the studio's page for signing in to the provider."""
    page.goto(f"{served.studio.address}/{path}")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name=f"Sign in with {PROVIDER_HOST}").click()


def say_who(page: Page, served: SignedOn, name: str) -> None:
    """On the provider's own page."""
    expect(page.get_by_role("heading", name="Example Company")).to_be_visible()
    assert page.url.startswith(served.provider.issuer)
    page.get_by_label("User").fill(name)
    page.get_by_label("Secret word").fill(served.provider.people[name])
    page.get_by_role("button", name="Continue").click()


def sign_out(page: Page) -> None:
    """From a page whose sidebar is open."""
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(f"You are signed out here. {PROVIDER_HOST} may still know you")).to_be_visible()


def pages_shown(page: Page) -> set[str]:
    navigation = page.locator(".st-key-navigation")
    expect(navigation.get_by_role("link", name="Help")).to_be_visible()
    return {re.sub(r"^\w+\n", "", one).strip() for one in navigation.locator("a").all_inner_texts()}


def test_a_reviewer_signs_on_comes_back_to_the_page_that_she_asked_for_and_signs_out(
    page: Page, served: SignedOn
) -> None:
    leave(page, served, "review?project=own")
    say_who(page, served, "bo")
    page.wait_for_url(f"{served.studio.address}/review?project=own")
    settled(page)
    assert_is_well(page, "review")
    expect(page.locator("textarea#draft")).not_to_have_value("")
    expect(page.locator(".st-key-account")).to_contain_text("Bo")
    # Review folds the sidebar away.
    page.get_by_test_id("stExpandSidebarButton").click()
    assert pages_shown(page) == {"Desk", "Review", "Side by side", "Help"}
    sign_out(page)
    page.goto(f"{served.studio.address}/review?project=own")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("textarea#draft")).to_have_count(0)


def test_her_role_is_the_studios_and_holds_in_her_project_alone(page: Page, served: SignedOn) -> None:
    leave(page, served)
    say_who(page, served, "bo")
    page.wait_for_url(f"{served.studio.address}/**")
    settled(page)
    page.goto(f"{served.studio.address}/train?project=own")
    settled(page)
    expect(page.get_by_text("This page needs the role")).to_be_visible()
    page.goto(f"{served.studio.address}/review?project=other")
    settled(page)
    expect(page.get_by_text("There is no project called other").first).to_be_visible()


def test_who_signed_out_here_is_still_signed_in_at_the_provider(page: Page, served: SignedOn) -> None:
    leave(page, served)
    say_who(page, served, "bo")
    settled(page)
    sign_out(page)
    leave(page, served)
    # As Help says: without a question of the provider's.
    expect(page.locator(".st-key-account")).to_contain_text("Bo")


def test_who_was_not_invited_is_told_so_and_stays_outside(page: Page, served: SignedOn) -> None:
    leave(page, served, "review?project=own")
    say_who(page, served, "dan")
    expect(page.get_by_text("You are not signed in.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text(
        f"{PROVIDER_HOST} knows you, but no account here is linked to you there. Open the invitation that an owner gave you, or ask for one. "
        "If you have a password here, sign in with it and link your account on Your account."
    )
    assert not [one for one in page.context.cookies(served.studio.address) if one["name"] == "proofroom_session"]
    page.get_by_role("link", name="Back to signing in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{served.studio.address}/review?project=own")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_invitation_is_used_by_signing_on_without_a_password(page: Page, served: SignedOn) -> None:
    page.goto(served.studio.address + served.joins)
    expect(page.get_by_role("heading", name="Welcome, Cy")).to_be_visible()
    page.get_by_role("button", name=PROVIDER_HOST).click()
    say_who(page, served, "cy")
    settled(page)
    expect(page.locator(".st-key-account")).to_contain_text("Cy")
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_text("It has no password")).to_be_visible()
    expect(page.get_by_role("button", name="Change the password")).to_have_count(0)


def test_who_has_a_password_links_her_account_and_signs_on_from_then_on(page: Page, served: SignedOn) -> None:
    served.provider.people["olga"] = "olga at the provider"
    page.goto(served.studio.address)
    page.get_by_label("Name").fill("Olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    settled(page)
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("button", name=f"Link your account to {PROVIDER_HOST}").click()
    say_who(page, served, "olga")
    expect(page.get_by_text(f"It is linked to you at {PROVIDER_HOST}.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    leave(page, served, "people")
    expect(page.locator(".st-key-account")).to_contain_text("Olga")
    settled(page)
    assert_is_well(page, "people")


def test_what_the_provider_and_the_studio_told_each_other_stands_in_no_log(page: Page, served: SignedOn) -> None:
    leave(page, served)
    say_who(page, served, "bo")
    settled(page)
    written = served.log.read_text()
    assert not [word for word in (SECRET, subject_of("bo"), "code=", "state=") if word in written]

"""What reviews give back, in the browser: signed-off texts become candidates, a habit becomes a rule, the desk gives a reason to train again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from core.config import DataFolder
from core.review.briefs import BriefIn
from core.store.connection import utc_now
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, Studio, body, context, imported, served, settled
from tests.e2e.visiting import opened
from tests.studio.test_review_loop_api import judge_all

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Twelve briefs, all judged: every tuned draft loses its phone calls. The one source ends in nine days."""
    data = tmp_path_factory.mktemp("loop") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(THINGS)})
    made_up.frozen(workspace, "voice", "v1")
    run = made_up.trained(workspace, "voice", "v1")
    made_up.drafted(workspace, "voice", run, [BriefIn(f"b{n}", f"Write of van {n}.") for n in range(12)])
    judge_all(workspace, "voice")
    with workspace.store.transaction() as tx:
        tx.execute("UPDATE sources SET expires_on = ?", [utc_now().date() + timedelta(days=9)])
    workspace.close()
    yield from served(data)


def test_the_desk_says_why_to_train_again(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "")
    expect(page.get_by_text("Train again? There is a reason")).to_be_visible()
    expect(page.get_by_text("after which the model may not be used as it is")).to_be_visible()


def test_a_habit_leads_to_the_records_and_to_a_rule(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "results")
    page.get_by_text("What edits and reasons say of your data").click()
    expect(page.get_by_text("12 of 12 edits replace “phone calls” by “letters”")).to_be_visible()
    page.get_by_role("button", name="Add a rule to the brand guide").click()
    expect(page.get_by_text("The brand guide objects already.")).to_be_visible()


def test_signed_off_texts_become_candidates_that_explore_finds(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "results")
    page.get_by_role("button", name="Make 12 candidate records of them").click()
    expect(page.get_by_text("12 records came out of reviews; each says from which draft.")).to_be_visible()
    page.goto(f"{studio.address}/explore?project=voice&holds=letters")
    settled(page)
    expect(page.get_by_role("button", name="holds: letters")).to_be_visible()

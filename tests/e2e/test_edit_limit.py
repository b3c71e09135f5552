"""The light-edit limit in the browser: found from Results, labelled by keyboard alone, taken, and said beside the rates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.accessible import severe
from tests.e2e.test_pages import Studio, assert_is_well, context, press, served, settled
from tests.e2e.visiting import opened
from tests.edited_drafts import sign_off_all, workspace_with_drafts

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
N_EDITS = 21


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("limit") / "data"
    workspace = workspace_with_drafts(data, n_briefs=N_EDITS // 3)
    sign_off_all(workspace, N_EDITS)
    workspace.close()
    yield from served(data)


def test_edits_are_labelled_by_key_and_the_limit_they_speak_for_is_taken(
    context: BrowserContext, studio: Studio
) -> None:
    page = opened(context, studio, "results", project="p")
    expect(page.get_by_text("Now 10%: the default.")).to_be_visible()
    page.get_by_role("link", name="Calibrate it on edits that your reviewers made").click()
    expect(page.get_by_role("heading", name="The light-edit limit")).to_be_visible()
    expect(page.get_by_text(f"0 edits labelled by you, {N_EDITS} left.")).to_be_visible()
    assert severe(page) == []
    press(page, "2")
    expect(page.get_by_text(f"1 edit labelled by you, {N_EDITS - 1} left.")).to_be_visible()
    press(page, "z")
    expect(page.get_by_text("0 edits labelled by you")).to_be_visible()
    for n in range(N_EDITS):
        expect(page.get_by_text(f"{n} edit{'' if n == 1 else 's'} labelled by you")).to_be_visible()
        settled(page)
        n_new = page.locator("ins").all_inner_texts()
        press(page, "3" if " ".join(n_new).count("other") > 14 else "2")
    expect(page.get_by_text("No edit is left for you")).to_be_visible()
    page.get_by_role("tab", name="What the labels say").click()
    expect(page.get_by_text("In force: up to 10% of the words is a light edit")).to_be_visible()
    page.get_by_role("button", name="as the limit").click()
    expect(page.get_by_text("calibrated on 21 pairs labelled by 1 person")).to_be_visible()
    expect(page.get_by_role("button", name="as the limit")).to_have_count(0)
    assert_is_well(page, "edit-limit")
    page.goto(f"{studio.address}/results?project=p")
    expect(page.get_by_text("calibrated on 21 pairs labelled by 1 person").first).to_be_visible()


def test_the_report_comes_down_as_pdf(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "results", project="p")
    with page.expect_download() as waited:
        page.get_by_role("button", name="PDF").click()
    assert waited.value.suggested_filename == "review-p.pdf"
    assert waited.value.path().read_bytes().startswith(b"%PDF-")

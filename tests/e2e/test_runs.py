"""Runs in the browser: the expert's settings survive a reload, runs stand side by side, a model is approved and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.config import DataFolder
from core.workflows import experiments, freezing, training
from core.workflows.workspace import open_workspace
from tests.e2e import made_up
from tests.e2e.choices import choose
from tests.e2e.test_pages import THINGS, Studio, body, context, imported, served
from tests.e2e.visiting import opened
from tests.jobs_by_hand import finish

__all__ = ["context"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A project with two versions of good records and one of all, one run, a sweep and a learning curve."""
    data = tmp_path_factory.mktemp("runs") / "data"
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    imported(workspace, "voice", {f"post-{n}.md": body(n, thing) for n, thing in enumerate(THINGS)})
    made_up.frozen(workspace, "voice", "v1")
    made_up.frozen(workspace, "voice", "few")
    finish(workspace, freezing.freeze_version(workspace, "voice", name="all", recipe="everything", by="Ann")["job"])
    finish(workspace, training.start_run(workspace, "voice", "v1", by="Ann", name="first")["job"])
    for start in (experiments.start_sweep, experiments.start_learning_curve):
        for run in start(workspace, "voice", "v1", by="Ann")["runs"]:
            finish(workspace, run["job"])
    workspace.close()
    yield from served(data)


def test_an_experts_settings_are_named_and_survive_a_reload(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "train")
    page.get_by_text("All settings", exact=True).click()
    field = page.get_by_label("Rank", exact=True)
    field.fill("8")
    field.press("Enter")
    differs = page.get_by_text("1 setting differs from the preset: rank 8 instead of 16.")
    expect(differs).to_be_visible()
    assert "settings=rank" in page.url
    page.reload()
    expect(differs).to_be_visible()
    expect(page.get_by_label("Rank", exact=True)).to_have_value("8")


def test_settings_in_the_address_that_are_not_possible_are_said(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "train?settings=rank%3D9999%2Cschedule%3Dlinear%2Cfuel%3D3")
    expect(page.get_by_text("Rank: 9999 is not possible, 1 to 256 is.")).to_be_visible()
    expect(page.get_by_text("fuel=3 is not a setting.")).to_be_visible()
    expect(page.get_by_label("Rank", exact=True)).to_have_value("16")
    expect(page.get_by_text("the rate falls along a line instead of along a cosine")).to_be_visible()


def test_runs_stand_side_by_side_and_a_sweep_is_a_group(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs")
    expect(page.get_by_text("Hold-out loss, nats per token")).to_be_visible()
    page.get_by_role("tab", name="Side by side").click()
    expect(page.get_by_text("What was set differently")).to_be_visible()
    # The newest two are of the learning curve: all of the records, and half of them.
    row = page.locator("[data-testid=stDataFrame] tr[role=row]").filter(has_text="train share")
    expect(row.locator("td")).to_have_text(["train share", "1.0", "0.5"])
    page.get_by_role("tab", name="Groups").click()
    expect(page.get_by_text("Rates on v1: 3 of 3 runs have ended")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Rates on v1: 3 of 3 runs have ended")).to_be_visible()


def test_a_learning_curve_is_drawn_with_its_doubts_and_a_groups_report_can_be_taken_along(
    context: BrowserContext, studio: Studio
) -> None:
    page = opened(context, studio, "runs?show=Groups")
    expect(page.get_by_text("Learning curve of v1: 3 of 3 runs have ended")).to_be_visible()
    expect(page.get_by_text("Three points say little.")).to_be_visible()
    expect(page.get_by_text("Twice the examples did not lower the loss here")).to_be_visible()
    # Of this group the learning curve, and of both the runs' validation curves.
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Report as Markdown").first.click()
    report = waiting.value.path().read_text(encoding="utf-8")
    assert waiting.value.suggested_filename == "Learning curve of v1.md"
    assert report.startswith("# Learning curve of v1\n")
    assert "## With more examples" in report


def test_the_simple_view_says_why_the_preset_chose_what_it_chose(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "train?version=v1")
    expect(page.get_by_text("Why the preset chose this: each of the")).to_be_visible()


def test_a_run_is_found_by_its_name_and_a_name_that_is_none_is_said(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "runs?run=first")
    expect(page.get_by_role("heading", name="first · done")).to_be_visible()
    page = opened(context, studio, "runs?run=nothing")
    expect(page.get_by_text("There is no run nothing in this project")).to_be_visible()


def test_drafts_for_held_out_requests_stand_with_what_was_really_written(
    context: BrowserContext, studio: Studio
) -> None:
    page = opened(context, studio, "runs?run=first")
    expect(page.get_by_text("63% of the way")).to_be_visible()
    page.get_by_text("Drafts for held-out requests").click()
    expect(page.get_by_text("An invented draft by tuned, for the page.")).to_be_visible()
    expect(page.get_by_text("9 words in a row stand in a training text")).to_be_visible()
    known = _way_to_the_record(page, "They stand in ")
    page.get_by_text("What it knows by heart").click()
    assert _way_to_the_record(page, "26 tokens, of ") == known
    expect(page.get_by_text("What was really written")).to_be_visible()


def _way_to_the_record(page: Page, words: str) -> tuple[str, str]:
    """The title of the text that a link names after these words, and where it leads."""
    link = page.get_by_role("link", name=re.compile(f"^{words}"))
    expect(link).to_be_visible()
    address = str(link.get_attribute("href"))
    assert "curate?" in address
    assert "record=" in address
    return link.inner_text().strip().removeprefix(words), address


def test_what_a_version_leaves_out_is_frozen_with_its_hold_out_and_can_be_compared(
    context: BrowserContext, studio: Studio
) -> None:
    page = opened(context, studio, "train?version=few")
    expect(
        page.get_by_text(re.compile(r"few has \d+ records; 10 are there that nobody rejected\. .* have a defect"))
    ).to_be_visible()
    page.get_by_role("button", name="Freeze every record").click()
    # Started here, four real models would be trained.
    expect(page.get_by_role("button", name="Start the runs")).to_be_enabled(timeout=60_000)


def test_of_a_version_of_all_the_page_says_what_would_be_left_out_and_why(
    context: BrowserContext, studio: Studio
) -> None:
    page = opened(context, studio, "train?version=all")
    said = re.compile(
        r"all learns from \d+ records that nobody chose\. .* would leave out \d+ of them: \d+ ha(s|ve) a defect"
    )
    expect(page.get_by_text(said)).to_be_visible()
    page.get_by_role("button", name="Freeze what the recommended recipe takes").click()
    expect(page.get_by_role("button", name="Start the runs")).to_be_enabled(timeout=60_000)


def test_which_examples_a_run_takes_stands_in_the_address(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "train?version=v1&settings=take%3Drandom%3A5")
    differs = page.get_by_text("1 setting differs from the preset: of the examples random:5 instead of all.")
    expect(differs).to_be_visible()
    choose(page, "Of the examples", "the longest answers")
    expect(page.get_by_text("of the examples longest:5 instead of all")).to_be_visible()
    assert "take%3Dlongest" in page.url
    page = opened(context, studio, "train?version=v1&settings=take%3Dshortest%3A5")
    expect(page.get_by_text("take=shortest:5 is not a setting.")).to_be_visible()


def test_a_version_is_frozen_with_the_hold_out_of_another(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "datasets")
    name = page.get_by_label("Name of the version")
    name.fill("like few")
    name.press("Enter")
    page.get_by_text("Splits", exact=True).click()
    choose(page, "Held out", "few")
    page.get_by_role("button", name=re.compile(r"^Freeze \d+ records$")).click()
    expect(page.get_by_text("like few — ")).to_be_visible(timeout=60_000)


def test_a_model_is_approved_with_a_reason_and_the_decision_taken_back(context: BrowserContext, studio: Studio) -> None:
    page = opened(context, studio, "models")
    expect(page.get_by_text("No model is approved yet.")).to_be_visible()
    page.get_by_text("Decide", exact=True).last.click()
    approve = page.get_by_role("button", name="Approve", exact=True).last
    expect(approve).to_be_disabled()
    reason = page.get_by_label("Why").last
    reason.fill("Two of us read ten drafts.")
    reason.press("Tab")
    expect(approve).to_be_enabled()
    approve.click()
    approved = page.get_by_text("is approved")
    expect(approved).to_be_visible()
    page.reload()
    expect(approved).to_be_visible()
    expect(page.get_by_text("Two of us read ten drafts.").first).to_be_visible()
    page.get_by_text("Decide", exact=True).first.click()
    page.get_by_role("button", name="Take the decision back").first.click()
    expect(page.get_by_text("No model is approved yet.")).to_be_visible()

"""The whole loop in a real browser with the real model, with a reload between any two steps."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow, pytest.mark.alone]

REPOSITORY = Path(__file__).resolve().parents[2]
LONG = 300_000
# Several tests at once on two cores: a page may take its time, it must not take for ever.
expect.set_options(timeout=20_000)


def fill(page: Page, label: str, text: str) -> None:
    field = page.locator(f'input[aria-label^="{label}"], textarea[aria-label^="{label}"]').first
    field.fill(text)
    field.press("Tab")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()


def go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def reload(page: Page) -> None:
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def sample_posts() -> list[Path]:
    """Eight posts without a planted defect."""
    folder = REPOSITORY / "data" / "sample" / "voice"
    key = (folder / "KEY.json").read_text(encoding="utf-8")
    return [file for file in sorted((folder / "posts").glob("2023-*.md")) if file.name not in key][:8]


def test_from_upload_to_a_signed_off_draft(page: Page, studio: str) -> None:
    page.goto(studio)
    fill(page, "Your name", "Ann")
    fill(page, "Name of the project", "letters")
    press(page, "Make the project")
    expect(page.get_by_role("heading", level=1)).to_have_text("letters")
    reload(page)

    go(page, "Sources")
    page.locator("input[type=file]").set_input_files([str(file) for file in sample_posts()])
    fill(page, "Owner", "Ann")
    fill(page, "Purpose", "our letters")
    choose(page, "Lawful basis", "Consent")
    press(page, "Import 8 files")
    expect(page.get_by_text("8 records, 0 rows rejected").first).to_be_visible(timeout=LONG)
    reload(page)
    expect(page.get_by_text("8 records, 0 rows rejected").first).to_be_visible()

    go(page, "Curate")
    press(page, "Measure the records")
    expect(page.get_by_text("goes on if you leave")).to_be_visible()
    # Clean letters are settled by rule, and the queue would be empty: all that nobody has decided on.
    page.goto(f"{studio}/curate?project=letters&status=not+yet+decided")
    expect(page.get_by_text("· score")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("1 of 8")).to_be_visible()
    # Keys do nothing until the item is drawn whole, the list of keys included.
    expect(page.locator("#legend dt").first).to_be_attached(timeout=LONG)
    page.keyboard.press("k")
    expect(page.get_by_text("1 of 7")).to_be_visible()
    reload(page)
    expect(page.get_by_text("of 7")).to_be_visible()

    go(page, "Datasets")
    press(page, "Freeze 8 records")
    expect(page.get_by_text("v1 —")).to_be_visible(timeout=LONG)
    reload(page)
    expect(page.get_by_text("v1 —")).to_be_visible()

    go(page, "Train")
    fill(page, "Stop after so many steps", "1")
    differs = "1 setting differs from the preset: stop after so many steps 1 instead of 0."
    expect(page.get_by_text(differs)).to_be_visible()
    reload(page)
    expect(page.get_by_text(differs)).to_be_visible()
    # Two drafts at the end, and none again: what else a run does takes minutes enough.
    page.get_by_text("All settings", exact=True).click()
    fill(page, "Drafts at the end", "2")
    page.get_by_text("Ask again", exact=True).click()
    expect(page.get_by_text("3 settings differ from the preset")).to_be_visible()
    press(page, "Start training")
    expect(page.get_by_text("goes on if you leave")).to_be_visible()
    reload(page)
    # At its end the run writes drafts by three systems.
    expect(page.get_by_role("heading", name="v1-1 · done")).to_be_visible(timeout=3 * LONG)
    expect(page.get_by_text("Hold-out loss, nats per token")).to_be_visible()

    go(page, "Briefs and drafts")
    fill(page, "What is to be written", "Write a short letter about a van that would not start.")
    press(page, "Add the brief")
    expect(page.get_by_text("1 brief, 1 without a draft")).to_be_visible()
    reload(page)
    fill(page, "Longest draft", "16")
    press(page, "Write 3 drafts for 1 brief")
    expect(page.get_by_text("1 brief, 0 without a draft")).to_be_visible(timeout=LONG)

    page.goto(f"{studio}/review?project=letters")
    editor = page.locator("textarea#draft")
    expect(editor).not_to_have_value("")
    editor.fill("A text that the reviewer wrote anew.")
    expect(page.locator("#state")).to_have_text("Saved", timeout=6_000)
    reload(page)
    expect(editor).to_have_value("A text that the reviewer wrote anew.")
    editor.press("Control+Enter")
    expect(page.get_by_text("more drafts wait")).to_be_visible()
    reload(page)
    expect(page.get_by_text("You judged 1 so far. 2 more drafts wait")).to_be_visible()
    # Three texts on one brief are judged by three people, so that nobody compares them.
    for colleague in ("Bo", "Cy"):
        page.context.add_cookies([{"name": "proofroom_name", "value": colleague, "url": studio}])
        page.goto(f"{studio}/review?project=letters")
        expect(editor).not_to_have_value("", timeout=LONG)
        editor.press("Control+Enter")
        expect(page.get_by_text("You judged 1 so far.")).to_be_visible()

    page.goto(f"{studio}/results?project=letters")
    expect(page.get_by_text("Not enough reviews yet")).to_be_visible()
    # Twice where the tuned model wrote it.
    expect(page.get_by_text("rewritten · ").first).to_be_visible()

"""The difference that stands below a text while it is edited: exact, and the same pieces as the studio counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, Page

from core.review.edits import word_difference

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).resolve().parents[2] / "studio" / "parts" / "word_difference.js"
TEXT = (
    "The café’s van wouldn't start at 7:30 – twice,\n\nso we *walked* home (2.5 km).  Привет 你好 👍🏽, and thank you!"
)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.add_script_tag(content=SCRIPT.read_text(encoding="utf-8"))
    yield opened
    opened.close()


def runs(page: Page, before: str, after: str) -> list[list[str]]:
    found: list[list[str]] = page.evaluate("([before, after]) => wordDifference(before, after)", [before, after])
    return found


def without(kind: str, found: list[list[str]]) -> str:
    return "".join(text for one, text in found if one != kind)


@pytest.mark.parametrize("seed", range(40))
def test_gives_both_texts_to_the_letter(page: Page, seed: int) -> None:
    draw = Random(seed)
    after = list(TEXT)
    for _ in range(draw.randint(1, 12)):
        place = draw.randrange(len(after))
        after[place : place + draw.randint(0, 6)] = draw.choice(["", " ", "new", " one more ", "\n", "é", "👍", "."])
    found = runs(page, TEXT, "".join(after))
    assert without("added", found) == TEXT
    assert without("removed", found) == "".join(after)


@pytest.mark.parametrize(
    "after",
    [
        TEXT.replace("walked", "drove"), TEXT.replace("7:30", "8:30"), TEXT.replace("wouldn't", "would not"),
        TEXT.replace("café’s", "café's"), TEXT.replace("Привет", "Пока"), TEXT + " Bye.", "Hello. " + TEXT, "",
    ],
)  # fmt: skip
def test_marks_what_the_studio_marks(page: Page, after: str) -> None:
    ours = [[span.kind, span.text] for span in word_difference(TEXT, after)]
    assert runs(page, TEXT, after) == ours


def test_equal_texts_have_no_difference(page: Page) -> None:
    assert runs(page, TEXT, TEXT) == [["same", TEXT]]


def test_too_much_is_not_compared(page: Page) -> None:
    assert runs(page, "a b " * 2_000, "c d " * 2_000) is None  # type: ignore[comparison-overlap]


def test_a_long_text_is_compared_around_its_change(page: Page) -> None:
    before = "word " * 10_000
    assert [kind for kind, _ in runs(page, before + "end", before + "END")] == ["same", "removed", "added"]

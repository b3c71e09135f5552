"""What stands above and beside a draft: the first words of its brief, and what its signs of formatting are."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def folded(brief: str) -> None:
    from studio.parts.brief_view import show_request

    show_request(brief)


def formatting(text: str) -> None:
    from studio.parts.margin_notes import show_formatting

    show_formatting(text)


def test_a_brief_that_does_not_fit_its_line_ends_at_a_whole_word() -> None:
    brief = "Write of wards " * 10
    app = AppTest.from_function(folded, args=(brief.strip(),)).run()
    (line,) = (one.label for one in app.expander)
    assert line == f"The brief: {('Write of wards ' * 9).strip()}…"


def test_a_single_word_that_does_not_fit_is_cut() -> None:
    app = AppTest.from_function(folded, args=("w" * 200,)).run()
    (line,) = (one.label for one in app.expander)
    assert line == f"The brief: {'w' * 140}…"


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("## What it said\n\nNothing.", True),
        ("It was the *wrong* hand.", True),
        ("Bring:\n- a rod\n- a brush", True),
        ("2 * 3 is six, and #1 is a number.", False),
        ("A plain text, with a dash - here.", False),
    ],
)
def test_signs_of_formatting_are_explained_where_a_text_has_some(text: str, is_said: bool) -> None:
    app = AppTest.from_function(formatting, args=(text,)).run()
    assert ["are formatting" in one.value for one in app.caption] == [True] * is_said

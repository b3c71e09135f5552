"""Words from outside in a Markdown document: whatever they are, a reader sees exactly them."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.markdown import bullets, escaped, table

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MARKUP = st.text(st.sampled_from("ab1 \\`*_[](){}<>|~&#$!-+.:;=\"'/@\n"), max_size=30)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@given(MARKUP | ANYTHING)
def test_any_words_are_shown_letter_for_letter(words: str) -> None:
    shown = READER.render(f"of x{escaped(words)}x here")
    assert html.unescape(shown) == f"<p>of x{' '.join(words.split())}x here</p>\n"


@given(MARKUP)
def test_any_words_stay_in_their_cell(words: str) -> None:
    shown = READER.render(table(("a", "b"), [(f"x{escaped(words)}x", "last")]))
    assert html.unescape(shown).count("<td>") == 2
    assert f"<td>x{' '.join(words.split())}x</td>" in html.unescape(shown)


@pytest.mark.parametrize("words", ["v1-1", "legitimate_interest", "posts (old)", "a.b@c.example, 3:1"])
def test_words_without_markup_are_left_as_they_are(words: str) -> None:
    assert escaped(words) == words


def test_a_list_has_a_line_for_each_sentence() -> None:
    assert bullets(["One.", "Two."]) == "- One.\n- Two."

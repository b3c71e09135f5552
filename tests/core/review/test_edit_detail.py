"""What an edit was: sentences left alone, figures and names changed, formatting alone."""

from __future__ import annotations

import pytest

from core.review.edit_detail import edit_detail

DRAFT = "# News\n\nWe moved to Leeds in 2024. It took 14 days. Nobody was lost."


def test_of_the_same_text_everything_is_untouched() -> None:
    found = edit_detail(DRAFT, DRAFT)
    assert (found.n_sentences, found.n_untouched, found.changes_facts, found.is_formatting_only) == (4, 4, False, False)


def test_a_sentence_that_moved_is_untouched_and_a_changed_one_is_not() -> None:
    found = edit_detail(DRAFT, "# News\n\nNobody was lost. We moved to Leeds in 2024. It took us 14 days.")
    assert (found.n_sentences, found.n_untouched) == (4, 3)
    assert not found.changes_facts


def test_figures_and_names_that_changed_are_named() -> None:
    found = edit_detail(DRAFT, "# News\n\nWe moved to York in 2024. It took 15 days. Nobody was lost.")
    assert (found.dropped, found.added) == (("Leeds", "14"), ("York", "15"))
    assert (found.n_untouched, found.changes_facts) == (2, True)


def test_the_same_value_in_another_form_is_no_change() -> None:
    found = edit_detail("It costs $1,200.", "It costs 1200 dollars.")
    assert not found.changes_facts


@pytest.mark.parametrize(
    ("final", "is_formatting"),
    [(DRAFT.replace("# News", "**News**"), True), (DRAFT + "\n", False), (DRAFT.replace("Nobody", "No one"), False)],
)
def test_formatting_alone_is_told_apart(final: str, is_formatting: bool) -> None:
    assert edit_detail(DRAFT, final).is_formatting_only is is_formatting


def test_of_two_equal_sentences_one_that_went_was_touched() -> None:
    assert edit_detail("Yes. Yes. No.", "Yes. No.").n_untouched == 2


def test_an_empty_draft_has_no_sentence() -> None:
    found = edit_detail("", "A text.")
    assert (found.n_sentences, found.n_untouched, found.is_formatting_only) == (0, 0, False)

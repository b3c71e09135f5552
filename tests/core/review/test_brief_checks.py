"""What a brief asks and a draft does not keep: length, facts by their values, words that must not be said."""

from __future__ import annotations

import pytest

from core.review.brief_checks import Asked, check_brief
from core.review.briefs import Length
from core.review.requests import request_text


@pytest.mark.parametrize(("n", "keeps"), [(2, False), (3, True), (5, True), (6, False)])
def test_a_length_counts_words_and_not_marks(n: int, keeps: bool) -> None:
    notes = check_brief("# " + " — ".join(["word"] * n), length=Length(3, 5))
    assert (not notes) is keeps
    if notes:
        assert notes[0].message == f"{n} words; the brief asks for 3 to 5 words."


def test_a_fact_is_used_where_its_values_stand_in_other_words() -> None:
    fact = "The Pro plan costs $12 a month"
    assert check_brief("For 12 dollars a month you get Pro.", facts=[fact]) == []
    assert check_brief("You pay $12 each month for Pro.", facts=[fact]) == []


def test_what_is_missing_of_a_fact_is_named() -> None:
    (note,) = check_brief("The Pro plan is here.", facts=["The Pro plan costs $12 a month"])
    assert note.asked is Asked.FACTS
    assert note.message == "Not used: $12 (The Pro plan costs $12 a month)"


def test_a_fact_without_a_value_is_not_checked() -> None:
    assert check_brief("Nothing of it.", facts=["we never share what you write"]) == []


@pytest.mark.parametrize(
    ("text", "is_said"),
    [("It is Free  Forever now.", True), ("It is free\nforever.", True), ("It is carefree forever.", False), ("free, forever", False)],
)  # fmt: skip
def test_forbidden_words_are_found_in_any_case_and_not_inside_others(text: str, is_said: bool) -> None:
    assert bool(check_brief(text, must_not_say=["free forever"])) is is_said


def test_the_request_says_all_that_the_brief_asks() -> None:
    request = request_text(
        "Write of the van.",
        audience="drivers",
        facts=["It is red."],
        form="a letter",
        length=Length(0, 90),
        must_not_say=["cheap"],
    )
    assert request == (
        "Write of the van.\n\nIt is for drivers.\n\nIts form: a letter\n\nWrite at most 90 words.\n\nUse these facts:\n- It is red.\n\n"
        "Do not say:\n- cheap"
    )


def test_the_request_of_a_plain_brief_is_its_prompt() -> None:
    assert request_text("Write of the van.") == "Write of the van."

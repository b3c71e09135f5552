"""Edits that come again: what counts as one, and what does not."""

from __future__ import annotations

from core.review.recurring import RecurringEdit, recurring_edits


def found(edits: list[tuple[str, str]]) -> dict[str, RecurringEdit]:
    return {edit.removed: edit for edit in recurring_edits(edits)}


def test_a_mark_that_most_edits_take_out_is_told_with_its_counts() -> None:
    edits = [(f"Good news {n}! We ship.", f"Good news {n}. We ship.") for n in range(4)]
    edits += [("Hooray! It runs.", "Hooray! It works."), ("No mark here.", "No mark there.")]
    edit = found(edits)["!"]
    assert (edit.n, edit.n_drafts, edit.n_edits) == (4, 5, 6)
    assert edit.in_words == "4 of 6 edits remove an exclamation mark (5 of the edited drafts held it)"


def test_a_word_that_is_mostly_replaced_by_one_other_names_it() -> None:
    edits = [(f"We Utilise van {n} daily.", f"We use van {n} daily.") for n in range(3)]
    edit = found(edits)["utilise"]
    assert (edit.added, edit.n) == ("use", 3)
    assert edit.in_words.startswith("3 of 3 edits replace “utilise” by “use”")


def test_a_word_replaced_by_another_one_each_time_is_only_taken_out() -> None:
    edits = [(f"A {word} leverage of it.", f"A {word} {new} of it.") for word, new in zip("abcd", ("use", "grip", "hold", "go"), strict=True)]  # fmt: skip
    assert found(edits)["leverage"].added == ""


def test_several_words_that_go_together_are_one_wording() -> None:
    edits = [(f"Van {n} is, needless to say, ready.", f"Van {n} is, ready.") for n in range(3)]
    assert list(found(edits)) == ["needless to say"]


def test_a_word_that_most_drafts_keep_is_no_habit() -> None:
    edits = [(f"The van {n} of the desk.", f"Van {n} of the desk.") for n in range(3)]
    assert "the" in found(edits), "once of two is at most half as often"
    edits = [(f"The van {n} of the desk by the door.", f"Van {n} of the desk by the door.") for n in range(3)]
    assert "the" not in found(edits)
    edits = [(f"Van {n} just left.", f"Van {n} left.") for n in range(3)]
    edits += [(f"Van {n} just came.", f"Car {n} just came.") for n in range(4)]
    assert "just" not in found(edits)


def test_two_edits_are_no_habit_and_white_space_and_quotes_are_no_edit() -> None:
    assert not found([(f"Van {n} just left.", f"Van {n} left.") for n in range(2)])
    assert not found([("It is “new”  here, *now*.", 'It is "new" here now.')] * 3)


def test_a_text_written_anew_says_nothing_of_single_words() -> None:
    draft = "We changed one thing this month and counted what it cost in all."
    final = "Every driver now rings before noon because customers asked for exactly that."
    assert not found([(draft, final)] * 3)

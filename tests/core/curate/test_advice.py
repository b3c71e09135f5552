"""The adviser's formula: fine-tune, retrieve or both, and when it cannot be told how often facts change."""

from __future__ import annotations

import pytest

from core.curate.advice import Advice, Change, Pace, Teaching, advise, in_words
from core.curate.facts import FactKind


def teaching(n_facts: int, n_behaviour: int) -> Teaching:
    """Of a hundred records."""
    return Teaching(n=100, n_with_fact=n_facts, n_dense=n_facts, n_good=n_behaviour, n_behaviour=n_behaviour)


def change(n_new: int, *, n_later: int = 20, n_months: int = 3) -> Change:
    return Change(FactKind.PRICE, n_values=7, n_months=n_months, n_later=n_later, n_new=n_new)


OFTEN, SOMETIMES, SELDOM = change(10), change(5), change(3)


@pytest.mark.parametrize(
    ("n_facts", "n_behaviour", "changes", "advice"),
    [
        (9, 80, [], Advice.FINE_TUNE),
        (10, 80, [], Advice.BOTH),
        (10, 24, [], Advice.RETRIEVE),
        (9, 10, [], Advice.FINE_TUNE),
        (5, 80, [OFTEN, SELDOM], Advice.BOTH),
        (4, 80, [OFTEN], Advice.FINE_TUNE),
        (24, 70, [SELDOM], Advice.FINE_TUNE),
        (25, 70, [SELDOM], Advice.BOTH),
        (24, 70, [SELDOM, SOMETIMES], Advice.BOTH),
        (24, 70, [SELDOM, change(0, n_months=2)], Advice.FINE_TUNE),
    ],
)
def test_the_advice_follows_from_the_shares(
    n_facts: int, n_behaviour: int, changes: list[Change], advice: Advice
) -> None:
    assert advise(teaching(n_facts, n_behaviour), changes) is advice


def test_without_a_measured_record_there_is_no_advice() -> None:
    nothing = Teaching(0, 0, 0, 0, 0)
    assert advise(nothing, []) is Advice.UNKNOWN
    assert in_words(Advice.UNKNOWN, nothing, n_good=0, low=200).startswith("Measure the records first")


@pytest.mark.parametrize("one", [change(19, n_later=19), change(20, n_months=2)])
def test_with_few_dates_it_cannot_be_told_how_often_facts_change(one: Change) -> None:
    assert (one.pace, one.new_share) == (Pace.UNTOLD, None)
    assert one.sentence.endswith("too few to tell how often they change.")


def test_how_often_facts_change_is_told_with_its_counts() -> None:
    assert [one.pace for one in (OFTEN, SOMETIMES, SELDOM)] == [Pace.OFTEN, Pace.SOMETIMES, Pace.SELDOM]
    assert OFTEN.sentence == (
        "Prices change often: 7 different values in 3 months; of a month's values 50% had not been stated before."
    )


def test_the_sentence_says_how_many_examples_are_missing() -> None:
    told = in_words(Advice.BOTH, teaching(12, 71), n_good=199, low=200)
    assert told == (
        "Both: 71% of the records teach how to write, 12% teach facts that go stale. Train the first, and mask or move the "
        "second in the recipe, to look them up. Fine-tuning needs 1 more good example first."
    )
    assert in_words(Advice.FINE_TUNE, teaching(2, 90), n_good=200, low=200) == (
        "Fine-tune: 90% of the records teach how to write, 2% teach facts that go stale."
    )

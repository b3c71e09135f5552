"""What is counted of drafts side by side: each pair once, ties apart, no rate of few, and the tests of the library."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from core.nouns import PairChoice
from core.review.report import as_html, as_markdown
from core.review.sentences import preference_sentence
from core.review.side_by_side import PairVote, SideBySide, count_pairs, outcome
from core.review.statistics import MIN_REVIEWS
from core.review.summary import ResultsSummary
from core.review.summary_json import as_json

FIRST, SECOND, GOOD, BAD = PairChoice.FIRST, PairChoice.SECOND, PairChoice.BOTH_GOOD, PairChoice.BOTH_BAD


def votes(*choices: PairChoice, is_first_left: bool = True) -> list[PairVote]:
    return [PairVote(choice, is_first_left) for choice in choices]


def counted(first: int, second: int, *, good: int = 0, bad: int = 0, same: int = 0, waiting: int = 0) -> SideBySide:
    choices = [FIRST] * first + [SECOND] * second + [GOOD] * good + [BAD] * bad
    return count_pairs("Tuned model", "Base model", [votes(one) for one in choices], same=same, waiting=waiting)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ((FIRST,), FIRST),
        ((FIRST, SECOND), None),
        ((FIRST, FIRST, SECOND), FIRST),
        ((FIRST, GOOD), None),
        ((FIRST, SECOND, GOOD), None),
        ((BAD, BAD, FIRST, GOOD), None),
    ],
)
def test_a_pair_is_what_more_than_half_of_its_reviewers_said(
    choices: tuple[PairChoice, ...], expected: PairChoice | None
) -> None:
    assert outcome(votes(*choices)) is expected


def test_several_reviewers_of_one_pair_count_once() -> None:
    found = count_pairs(
        "Tuned model", "Base model", [votes(FIRST, FIRST, SECOND), votes(SECOND), votes(GOOD, BAD)], same=0, waiting=0
    )
    assert (found.first, found.second, found.differ, found.n) == (1, 1, 1, 3)
    assert (found.n_several, found.n_split) == (2, 2)


def test_the_rate_is_of_pairs_with_a_preference_and_its_test_is_the_exact_one() -> None:
    found = counted(19, 8, good=9, bad=4, same=3, waiting=2)
    rate = found.preference
    assert rate is not None
    exact = binomtest(19, 27, 0.5)
    interval = exact.proportion_ci(method="wilson")
    assert (rate.n, rate.passed, rate.low, rate.high) == (
        27,
        19,
        pytest.approx(interval.low),
        pytest.approx(interval.high),
    )
    assert found.p_value == pytest.approx(exact.pvalue)
    assert found.any_time_p_value > found.p_value
    assert (found.n, found.same, found.waiting) == (40, 3, 2)


def test_of_few_preferences_none_is_told_however_many_pairs_are_alike() -> None:
    few, enough = counted(MIN_REVIEWS - 1, 0, good=200), counted(MIN_REVIEWS, 0)
    assert not few.is_enough
    assert preference_sentence(few) == (
        "Tuned model, beside base model: not enough yet, 19 of at least 20 pairs have a preference."
    )
    assert enough.is_enough
    assert preference_sentence(enough).startswith("Tuned model, beside base model: preferred in 100% of 20 pairs")
    assert counted(0, 0, good=3).preference is None


def test_turned_round_the_counts_change_sides_and_what_stood_left_does_not() -> None:
    judged = [votes(FIRST), votes(FIRST, is_first_left=False), votes(SECOND), votes(BAD), votes(FIRST, SECOND)]
    one, other = (count_pairs("a", "b", judged, same=0, waiting=0, is_turned=turned) for turned in (False, True))
    assert (one.first, one.second, one.both_bad, one.differ) == (2, 1, 1, 1)
    assert (other.first, other.second, other.both_bad, other.differ) == (1, 2, 1, 1)
    assert (one.left, one.right) == (other.left, other.right) == (2, 3)


def test_the_report_tells_the_preference_the_ties_and_the_same_texts() -> None:
    found = counted(19, 8, good=9, bad=4, same=3)
    summary = ResultsSummary("p", (), {}, 1, 0, 0.1, side_by_side=(found, counted(2, 1)))
    told = as_markdown(summary)
    assert "## Side by side" in told
    assert "| Tuned model | Base model | 70% (52% to 84%) | 0.052 | 40 | 19 | 8 | 9 | 4 | 0 | 3 |" in told
    assert "| Tuned model | Base model | not enough yet |  | 3 | 2 | 1 | 0 | 0 | 0 | 0 |" in told
    assert "nobody saw a draft in two pairs" in told
    assert "<h2>Side by side</h2>" in as_html(summary)
    (one, few) = as_json(summary)["side_by_side"]
    assert (one["first"], one["same"], one["is_enough"], round(one["rate"], 3)) == (19, 3, True, 0.704)
    assert (few["first"], few["is_enough"]) == (2, False)
    assert "Side by side" not in as_markdown(ResultsSummary("p", (), {}, 1, 0, 0.1))

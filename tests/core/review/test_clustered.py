"""Drafts that share a brief: what they are worth, and that the interval covers the rate where plain Wilson's does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.nouns import ReviewClass
from core.review.clustered import effective_n, least_n
from core.review.sequential import sequence_interval
from core.review.statistics import RateEstimate, Verdict, pass_rate, rate_by_brief, wilson_interval

N_DRAWN = 2_000


def briefs(*passed: int, size: int) -> list[tuple[str, bool]]:
    """One brief for each number: so many of its drafts passed."""
    return [(f"b{place}", n < found) for place, found in enumerate(passed) for n in range(size)]


def test_with_one_draft_for_each_brief_the_interval_is_plain_wilsons() -> None:
    found = rate_by_brief(briefs(*[1] * 22, *[0] * 8, size=1))
    assert found == RateEstimate(30, 22, 22 / 30, *wilson_interval(22, 30), 30)
    assert found.at_any_time == sequence_interval(22, 30)
    assert not found.shares_briefs


def test_drafts_that_pass_and_fail_as_one_are_worth_as_many_as_there_are_briefs() -> None:
    found = rate_by_brief(briefs(*[5] * 14, *[0] * 6, size=5))
    assert (found.n, found.n_briefs, found.passed) == (100, 20, 70)
    assert found.n_effective == pytest.approx(20)
    assert (found.low, found.high) == pytest.approx(wilson_interval(14, 20))
    assert found.shares_briefs


def test_drafts_that_do_not_depend_on_their_brief_are_worth_nearly_all() -> None:
    passed = np.random.default_rng(1).binomial(5, 0.5, 400)
    assert 1_700 < effective_n(passed.tolist(), [5] * 400) <= 2_000


def test_where_all_drafts_pass_nothing_tells_whether_they_depend_on_their_brief() -> None:
    found = rate_by_brief(briefs(*[5] * 20, size=5))
    assert (found.low, found.high) == pytest.approx(wilson_interval(20, 20))
    one_less = rate_by_brief(briefs(*[5] * 19, 4, size=5))
    assert found.low > one_less.low, "one more that passes never lowers the bound"


def test_one_brief_is_worth_one_draft_however_many_it_has() -> None:
    assert effective_n([3], [5]) == least_n([5]) == 1.0


@given(st.lists(st.integers(1, 6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=30))
def test_drafts_are_worth_no_more_than_they_are_and_no_fewer_than_as_one(found: list[tuple[int, int]]) -> None:
    passed, sizes = [one for one, _ in found], [n for _, n in found]
    worth = effective_n(passed, sizes)
    assert least_n(sizes) - 1e-9 <= worth <= sum(sizes) + 1e-9
    told = rate_by_brief([(f"b{k}", n < one) for k, (one, size) in enumerate(found) for n in range(size)])
    assert 0 <= told.low <= told.rate <= told.high <= 1
    low, high = told.at_any_time
    assert low <= told.rate <= high


def test_several_reviewers_of_a_draft_do_not_make_its_brief_shared() -> None:
    verdicts = [Verdict(f"d{n}", who, ReviewClass.AS_IS, f"b{n}") for n in range(20) for who in ("Ann", "Bo")]
    assert not pass_rate(verdicts).shares_briefs


def drawn(rng: np.random.Generator, n_briefs: int, size: int, rate: float, correlation: float) -> np.ndarray:
    """How many drafts of each brief pass, where two drafts of one brief are so correlated (beta-binomial)."""
    both = (1 - correlation) / correlation
    return rng.binomial(size, rng.beta(rate * both, (1 - rate) * both, n_briefs))


def covered(interval: Callable[[np.ndarray], tuple[float, float]], rate: float, **drawing: float) -> float:
    rng = np.random.default_rng(7)
    n = 0
    for _ in range(N_DRAWN):
        low, high = interval(drawn(rng, int(drawing["n_briefs"]), 5, rate, drawing["correlation"]))
        n += low <= rate <= high
    return n / N_DRAWN


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.73, 0.95])
@pytest.mark.parametrize("n_briefs", [6, 20, 48])
def test_with_five_drafts_of_each_brief_the_interval_covers_the_rate_and_wilsons_does_not(
    n_briefs: int, rate: float
) -> None:
    def by_brief(passed: np.ndarray) -> tuple[float, float]:
        worth = effective_n(passed.tolist(), [5] * len(passed))
        return wilson_interval(passed.sum() / (5 * len(passed)) * worth, worth)

    def plain(passed: np.ndarray) -> tuple[float, float]:
        return wilson_interval(int(passed.sum()), 5 * len(passed))

    assert covered(by_brief, rate, n_briefs=n_briefs, correlation=0.6) >= 0.935
    assert covered(plain, rate, n_briefs=n_briefs, correlation=0.6) < 0.88


@pytest.mark.parametrize("rate", [0.5, 0.73])
def test_whoever_looks_after_every_brief_is_misled_by_one_in_twenty_sequences_at_most(rate: float) -> None:
    """Five drafts of a brief that mostly pass or fail as one; counted as five each, a fifth of the sequences and more mislead."""
    rng = np.random.default_rng(11)
    by_brief = as_drafts = 0
    for _ in range(150):
        sums = np.cumsum(drawn(rng, 40, 5, rate, 0.8))
        looks = [(int(passed), 5 * k) for k, passed in enumerate(sums, start=1)]
        by_brief += any(not _holds(rate, passed / 5, n / 5) for passed, n in looks)
        as_drafts += any(not _holds(rate, passed, n) for passed, n in looks)
    assert by_brief / 150 <= 0.05
    assert as_drafts / 150 > 0.2


def _holds(rate: float, passed: float, n: float) -> bool:
    low, high = sequence_interval(passed, n)
    return low <= rate <= high

"""Intervals of a share cover it as often as they say: computed exactly, drawn at random, and equal to statsmodels' where it has them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binom
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from core.review.ceiling import Stratum, within_reviewers
from core.review.sequential import sequence_interval, sequential_mcnemar
from core.review.statistics import wilson_interval

SIZES = (20, 50, 240)
SHARES = (0.1, 0.5, 0.73, 0.95)
N_DRAWN = 20_000
Interval = Callable[[int, int], tuple[float, float]]


def covers(interval: Interval, n: int, share: float) -> np.ndarray:
    """By number passed: whether the interval holds the share."""
    bounds = [interval(passed, n) for passed in range(n + 1)]
    return np.array([low <= share <= high for low, high in bounds])


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(("interval", "nominal"), [(wilson_interval, 0.92), (sequence_interval, 0.95)])
def test_an_interval_covers_the_true_share(interval: Interval, nominal: float, share: float, n: int) -> None:
    covered = covers(interval, n, share)
    exactly = float(binom.pmf(np.arange(n + 1), n, share)[covered].sum())
    assert nominal <= exactly <= 1.0
    drawn = np.random.default_rng(n).binomial(n, share, N_DRAWN)
    error = math.sqrt(exactly * (1 - exactly) / N_DRAWN)
    assert float(covered[drawn].mean()) == pytest.approx(exactly, abs=4 * error)


@pytest.mark.parametrize("share", SHARES)
def test_whoever_looks_after_every_draft_is_misled_by_one_in_twenty_sequences_at_most(share: float) -> None:
    """Exactly, over all ways to pass or fail 240 drafts; of Wilson's interval, which is for one look, a third and more mislead."""
    assert ever_left_out(sequence_interval, share, 240) <= 0.05
    assert ever_left_out(wilson_interval, share, 240) > 0.25


def ever_left_out(interval: Interval, share: float, most: int) -> float:
    still_in, left_out = np.array([1.0]), 0.0
    for n in range(1, most + 1):
        passed, failed = np.append(0.0, still_in * share), np.append(still_in * (1 - share), 0.0)
        chances = passed + failed
        likely = np.flatnonzero(chances > 1e-12)
        for k in likely:
            low, high = interval(int(k), n)
            if not low <= share <= high:
                left_out += chances[k]
                chances[k] = 0.0
        still_in = chances
    return left_out


def test_of_many_coin_throws_few_ever_look_uneven() -> None:
    throws = np.random.default_rng(5).integers(0, 2, size=(400, 120))
    ever = [
        min(sequential_mcnemar(int(ours), n - int(ours)) for n, ours in enumerate(np.cumsum(row), 1)) for row in throws
    ]
    assert float((np.array(ever) <= 0.05).mean()) <= 0.05
    assert sequential_mcnemar(0, 0) == 1.0
    assert sequential_mcnemar(30, 3) < 0.001


@pytest.mark.parametrize(("passed", "n"), [(0, 20), (1, 20), (15, 20), (20, 20), (36, 50), (175, 240)])
def test_wilsons_interval_is_that_of_statsmodels(passed: int, n: int) -> None:
    assert wilson_interval(passed, n) == pytest.approx(proportion_confint(passed, n, method="wilson"))


@pytest.mark.parametrize(("ours", "theirs"), [((15, 20), (18, 20)), ((0, 20), (50, 50)), ((160, 240), (44, 50))])
def test_with_one_reviewer_the_difference_is_newcombes_of_statsmodels(
    ours: tuple[int, int], theirs: tuple[int, int]
) -> None:
    found = within_reviewers([Stratum(*ours, *theirs)])
    assert found is not None
    expected = confint_proportions_2indep(*ours, *theirs, compare="diff", method="newcomb")
    assert (found.low, found.high) == pytest.approx(expected)


def test_a_lenient_reviewer_who_read_more_of_ours_does_not_lift_it() -> None:
    """Both reviewers pass ours and theirs alike; pooled, ours would lead by forty points."""
    found = within_reviewers([Stratum(90, 100, 18, 20), Stratum(2, 20, 10, 100)])
    assert found is not None
    assert found.difference == pytest.approx(0.0)
    assert found.low < 0 < found.high
    assert (found.n_ours, found.n_theirs, found.n_reviewers) == (120, 120, 2)


def test_reviewers_who_judged_one_side_alone_say_nothing_of_the_difference() -> None:
    assert within_reviewers([]) is None
    assert within_reviewers([Stratum(5, 10, 0, 0), Stratum(0, 0, 9, 10)]) is None
    found = within_reviewers([Stratum(5, 10, 0, 0), Stratum(4, 10, 8, 10)])
    assert found is not None
    assert found.difference == pytest.approx(-0.4)
    assert found.n_reviewers == 1


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("sizes", [(20, 10), (50, 20), (240, 50)])
def test_the_difference_within_reviewers_covers_the_true_one(share: float, sizes: tuple[int, int]) -> None:
    """Three reviewers of unlike leniency, and unlike numbers of drafts and of the team's own texts."""
    rng = np.random.default_rng(3)
    n_ours, n_theirs = sizes
    leniency = (-0.05, 0.0, 0.04)
    ns = [
        (max(2, int(n_ours * part)), max(2, int(n_theirs * other)))
        for part, other in ((0.5, 0.2), (0.3, 0.3), (0.2, 0.5))
    ]
    gap = -0.05
    n_covered, n_draws = 0, 2_000
    for _ in range(n_draws):
        strata = [
            Stratum(int(rng.binomial(a, share + extra + gap)), a, int(rng.binomial(b, share + extra)), b)
            for extra, (a, b) in zip(leniency, ns, strict=True)
        ]
        found = within_reviewers(strata)
        assert found is not None
        n_covered += found.low <= gap <= found.high
    assert n_covered / n_draws >= 0.92

"""The judge of drafts: what it foresees, what it must not learn, and how sure it says it is."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from core.review.judge import Oddness, agreement, auroc, calibrate, kappa, logistic, unseen_chances
from core.review.judge_limits import in_words, is_enough, may_order

NAMES = ("first", "second")


def test_kappa_and_auroc_are_those_of_the_library_ties_included() -> None:
    random = np.random.default_rng(3)
    for n in (12, 60):
        passed = random.random(n) < 0.6
        chances = np.round(random.random(n), 1)
        assert kappa(chances >= 0.5, passed) == pytest.approx(cohen_kappa_score(chances >= 0.5, passed))
        assert auroc(chances, passed) == pytest.approx(roc_auc_score(passed, chances))
    assert kappa(np.array([True, True]), np.array([True, True])) == 0.0
    assert math.isnan(auroc(np.array([0.1, 0.2]), np.array([True, True])))


@pytest.mark.parametrize("strength", [0.01, 0.3, 1.0])
def test_the_weights_are_those_of_the_library(strength: float) -> None:
    random = np.random.default_rng(6)
    matrix = random.normal(size=(50, 3))
    passed = matrix[:, 0] - matrix[:, 1] + random.normal(size=50) > 0.4
    ours = logistic(matrix, passed, strength=strength)
    scaled = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    theirs = LogisticRegression(C=strength, max_iter=5_000, tol=1e-10).fit(scaled, passed)
    assert ours.weights[1:] == pytest.approx(theirs.coef_[0], abs=1e-4)
    assert ours.chances(matrix) == pytest.approx(theirs.predict_proba(scaled)[:, 1], abs=1e-4)


def test_a_figure_that_goes_with_the_verdict_is_found_and_named() -> None:
    random = np.random.default_rng(5)
    figure = random.normal(size=90)
    passed = figure + 0.7 * random.normal(size=90) < 0
    rows = np.column_stack([figure, random.normal(size=90)]).tolist()
    judge = calibrate(rows, passed.tolist(), [f"b{n // 3}" for n in range(90)], names=NAMES)
    assert judge is not None
    facts = judge.facts
    assert (facts["n"], facts["n_briefs"], facts["n_passed"]) == (90, 30, int(passed.sum()))
    assert facts["strongest"][0]["name"] == "first"
    assert facts["strongest"][0]["weight"] < 0
    assert facts["kappa_low"] < facts["kappa"] < facts["kappa_high"]
    assert may_order(facts)
    surer, unsure = judge.chances([[-3.0, 0.0], [0.0, 0.0]])
    assert surer > 0.9
    assert 0.2 < unsure < 0.8
    assert f"agree with your reviewers on {facts['agreement']:.0%} of drafts, kappa {facts['kappa']:.2f}" in in_words(
        facts
    )


def test_noise_foresees_nothing_and_may_not_order_a_queue() -> None:
    random = np.random.default_rng(8)
    rows = random.normal(size=(60, 2)).tolist()
    judge = calibrate(rows, (random.random(60) < 0.5).tolist(), [f"b{n // 2}" for n in range(60)], names=NAMES)
    assert judge is not None
    assert judge.facts["auroc_low"] < 0.5
    assert not may_order(judge.facts)


def test_what_is_known_of_a_brief_does_not_count_for_its_other_drafts() -> None:
    """Each brief has a figure of its own, and a verdict that all its drafts share: known by heart, useless for another brief."""
    random = np.random.default_rng(2)
    verdicts = random.random(12) < 0.5
    rows = [[float(brief == column) for column in range(12)] for brief in range(12) for _ in range(5)]
    passed = [bool(verdicts[brief]) for brief in range(12) for _ in range(5)]
    judge = calibrate(rows, passed, [f"b{n // 5}" for n in range(60)], names=[f"c{n}" for n in range(12)])
    assert judge is not None
    assert judge.facts["auroc"] < 0.6


def test_a_figure_that_some_drafts_lack_is_filled_in_and_one_that_all_lack_weighs_nothing() -> None:
    random = np.random.default_rng(4)
    figure = random.normal(size=40)
    rows = [[float(value) if n % 3 else math.nan, math.nan] for n, value in enumerate(figure)]
    judge = calibrate(rows, (figure < 0).tolist(), [f"b{n}" for n in range(40)], names=NAMES)
    assert judge is not None
    assert [one["name"] for one in judge.facts["strongest"]] == ["first"]
    assert all(0 < chance < 1 for chance in judge.chances(rows))


@pytest.mark.parametrize(
    ("n_passed", "n_failed", "is_told"), [(22, 8, True), (23, 7, False), (21, 8, False), (8, 22, True)]
)
def test_thirty_verdicts_with_eight_on_either_side_are_the_least(n_passed: int, n_failed: int, is_told: bool) -> None:
    assert is_enough(n_passed, n_failed) is is_told
    passed = [n < n_passed for n in range(n_passed + n_failed)]
    rows = [[float(n), 0.0] for n in range(len(passed))]
    assert (calibrate(rows, passed, [f"b{n}" for n in range(len(passed))], names=NAMES) is not None) is is_told


def test_drafts_on_two_briefs_tell_nothing_of_a_third() -> None:
    passed = [n % 2 == 0 for n in range(40)]
    assert calibrate([[float(p), 0.0] for p in passed], passed, [f"b{n % 2}" for n in range(40)], names=NAMES) is None


def test_an_odd_length_is_the_distance_from_the_median_of_those_that_pass() -> None:
    matrix = np.array([[1.0, math.nan], [2.0, math.nan], [4.0, math.nan], [9.0, math.nan]])
    model = logistic(matrix, np.array([True, True, True, False]), strength=0.1, oddness=Oddness(1, of=0))
    assert model.oddness is not None
    odd, usual = model.oddness
    assert usual == 2.0
    assert odd.filled_in(matrix, usual)[:, 1].tolist() == [1.0, 0.0, 2.0, 7.0]


def test_what_is_usual_is_not_learnt_from_the_briefs_that_a_judge_is_tried_on() -> None:
    """Other lengths of the drafts that passed in one fold change nothing of what is foreseen for the rest of that fold."""
    random = np.random.default_rng(12)
    lengths = random.normal(5, 1, 60)
    matrix = np.column_stack([lengths, np.full(60, math.nan)])
    passed = np.abs(lengths - 5) + 0.3 * random.normal(size=60) < 0.7
    groups = np.repeat(np.arange(20), 3)
    odd = Oddness(1, of=0)
    chances = unseen_chances(matrix, passed, groups, oddness=odd)
    for group in range(20):
        here, changed = groups == group, matrix.copy()
        changed[here & passed, 0] += 40
        again = unseen_chances(changed, passed, groups, oddness=odd)
        assert again[here & ~passed] == pytest.approx(chances[here & ~passed])


# What a bootstrap over briefs covers, for chances that are given: the true kappa and AUROC are those of a very large draw.
COVERAGE = ((12, 0.5), (40, 0.73), (80, 0.9))


@pytest.mark.slow
@pytest.mark.parametrize(("n_briefs", "rate"), COVERAGE)
@pytest.mark.parametrize("skill", [0.0, 0.8])
def test_the_intervals_of_kappa_and_auroc_cover_the_true_ones(n_briefs: int, rate: float, skill: float) -> None:
    """For a judge that sorts no better than chance, and for a very good one: from 92 % on, but for the chance of so few draws."""
    chances, passed, _ = foreseen(np.random.default_rng(1), 60_000, rate, skill)
    true_kappa, true_auroc = kappa(chances >= 0.5, passed), auroc(chances, passed)
    random, n, n_kappa, n_auroc = np.random.default_rng(2), 0, 0, 0
    while n < 200:
        chances, passed, groups = foreseen(random, n_briefs, rate, skill)
        if not is_enough(int(passed.sum()), int((~passed).sum())):
            continue
        found = agreement(chances, passed, groups, n_draws=300)
        n += 1
        n_kappa += found["kappa_low"] <= true_kappa <= found["kappa_high"]
        n_auroc += found["auroc_low"] <= true_auroc <= found["auroc_high"]
    assert n_kappa / n >= 0.90
    assert n_auroc / n >= 0.90


def foreseen(
    random: np.random.Generator, n_briefs: int, rate: float, skill: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chances, whether drafts pass, and briefs of three drafts that share half of what decides on them. skill: correlation with it."""
    shared, own = random.normal(size=(n_briefs, 1)), random.normal(size=(n_briefs, 3))
    worth = math.sqrt(0.5) * (shared + own)
    limit = NormalDist().inv_cdf(1 - rate)
    seen = skill * worth + math.sqrt(1 - skill**2) * random.normal(size=(n_briefs, 3))
    chances = 1 / (1 + np.exp(-2 * (seen - skill * limit)))
    return chances.ravel(), (worth > limit).ravel(), np.repeat(np.arange(n_briefs), 3)

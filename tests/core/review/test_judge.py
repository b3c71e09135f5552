"""The judge of drafts: what it foresees, what it must not learn, and how sure it says it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from core.review.judge import auroc, calibrate, kappa, logistic
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

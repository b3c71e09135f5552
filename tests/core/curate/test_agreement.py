"""Agreement of readers, against values worked out in the literature or by hand."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from core.curate.agreement import alpha_interval, cohen_kappa, kappa_interval, krippendorff_alpha


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)


def test_alpha_of_krippendorffs_nominal_example_with_missing_readings() -> None:
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units, nominal: 0.743.
    observers = [
        ["1", "2", "3", "3", "2", "1", "4", "1", "2", ".", ".", "."],
        ["1", "2", "3", "3", "2", "2", "4", "1", "2", "5", ".", "3"],
        [".", "3", "3", "3", "2", "3", "4", "2", "2", "5", "1", "."],
        ["1", "2", "3", "3", "2", "4", "4", "1", "2", "5", "1", "."],
    ]
    items = [[value for value in unit if value != "."] for unit in zip(*observers, strict=True)]
    assert krippendorff_alpha(items) == pytest.approx(0.743, abs=5e-4)


def test_full_agreement_is_one_and_the_contrary_below_nought() -> None:
    assert cohen_kappa([("a", "a"), ("b", "b")]) == 1.0
    assert krippendorff_alpha([["a", "a"], ["b", "b"]]) == 1.0
    opposed = krippendorff_alpha([["a", "b"], ["b", "a"]])
    assert opposed is not None
    assert opposed < 0


@pytest.mark.parametrize("items", [[], [["a"]], [["a", "a"], ["a", "a"]]])
def test_what_cannot_be_told_is_none(items: list[list[str]]) -> None:
    assert krippendorff_alpha(items) is None
    assert cohen_kappa([(x[0], x[1]) for x in items if len(x) == 2]) is None


def test_the_interval_of_kappa_holds_it_and_narrows_with_more_items() -> None:
    few = [("a", "a")] * 12 + [("b", "b")] * 10 + [("a", "b")] * 5 + [("b", "a")] * 3
    kappa, low_high = cohen_kappa(few), kappa_interval(few)
    assert kappa is not None
    assert low_high is not None
    low, high = low_high
    # Close to the interval from the asymptotic standard error of statsmodels.
    theirs = cohens_kappa([[12, 5], [3, 10]])
    assert kappa == pytest.approx(theirs.kappa)
    assert low == pytest.approx(theirs.kappa_low, abs=0.06)
    assert high == pytest.approx(theirs.kappa_upp, abs=0.06)
    more = kappa_interval(few * 9)
    assert more is not None
    assert more[1] - more[0] == pytest.approx((high - low) / 3, rel=0.15)


def test_an_undefined_kappa_has_no_interval() -> None:
    assert kappa_interval([("a", "a")] * 9) is None
    assert kappa_interval([]) is None
    assert kappa_interval([("a", "a"), ("b", "b")] * 20) == (1.0, 1.0)


def test_an_undefined_alpha_has_no_interval() -> None:
    assert alpha_interval([]) is None
    assert alpha_interval([[True], [False]]) is None
    assert alpha_interval([[True, True]] * 9) is None


def test_readers_who_agree_throughout_on_few_items_may_still_differ() -> None:
    found = alpha_interval([[True, True]] * 12 + [[False, False]] * 8)
    assert found is not None
    assert found[0] < 0.9
    assert found[1] == 1.0


@pytest.mark.parametrize("n_items", [20, 50, 240])
@pytest.mark.parametrize("n_readers", [2, 3])
@pytest.mark.parametrize(("share", "alpha"), [(0.5, 0.3), (0.73, 0.6), (0.95, 0.9)])
def test_the_interval_of_alpha_covers_the_true_one(share: float, alpha: float, n_readers: int, n_items: int) -> None:
    """Readers say yes to an item with a chance of its own: alpha is how far the chances differ between items (beta-binomial)."""
    rng, both, n_covered, n = np.random.default_rng(5), (1 - alpha) / alpha, 0, 0
    while n < 300:
        chances = rng.beta(share * both, (1 - share) * both, n_items)
        found = alpha_interval((rng.random((n_items, n_readers)) < chances[:, None]).tolist(), n_draws=400)
        if found is not None:
            n += 1
            n_covered += found[0] <= alpha <= found[1]
    assert n_covered / n >= 0.92

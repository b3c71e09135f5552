"""Agreement of readers, against values worked out in the literature or by hand."""

from __future__ import annotations

import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from core.curate.agreement import cohen_kappa, kappa_interval, krippendorff_alpha


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

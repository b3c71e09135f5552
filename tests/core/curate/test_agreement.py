"""Agreement of readers, against values worked out in the literature or by hand."""

from __future__ import annotations

import pytest

from core.curate.agreement import cohen_kappa, krippendorff_alpha


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

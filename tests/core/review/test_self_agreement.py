"""Reviewers against themselves: shares, kappa and spread with their intervals, and silence about few drafts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.nouns import ReviewDecision
from core.review.report import as_html, as_markdown
from core.review.self_agreement import JudgedTwice, Measured, repeats_of, self_agreement
from core.review.sentences import repeats_sentence
from core.review.statistics import wilson_interval
from core.review.summary import ResultsSummary
from core.review.summary_json import as_json

SO, NO = ReviewDecision.SIGN_OFF, ReviewDecision.REJECT


def pairs(*counts: int, reviewer: str = "Ann", ratios: tuple[float, float] = (0.0, 0.0)) -> list[JudgedTwice]:
    """counts: signed off twice, then rejected, then signed off, rejected twice."""
    kinds = ((SO, SO), (SO, NO), (NO, SO), (NO, NO))
    return [
        JudgedTwice(reviewer, first, again, *ratios)
        for (first, again), n in zip(kinds, counts, strict=True)
        for _ in range(n)
    ]


def summary(found: list[JudgedTwice]) -> ResultsSummary:
    return ResultsSummary("p", (), {}, 1, 0, 0.1, repeats=repeats_of(found, every=10))


def test_the_share_of_the_same_decision_has_wilsons_interval() -> None:
    found = self_agreement(pairs(14, 2, 1, 8))
    assert (found.n, found.same.passed, found.same.rate) == (25, 22, 0.88)
    assert (found.same.low, found.same.high) == wilson_interval(22, 25)


def test_kappa_leaves_chance_out_and_has_an_interval_around_it() -> None:
    found = self_agreement(pairs(40, 10, 10, 40)).kappa
    assert found is not None
    assert found.value == pytest.approx(0.6)
    assert found.low is not None
    assert found.high is not None
    # The large-sample standard error of kappa at these counts is 0.08 (Fleiss, Cohen and Everitt 1969).
    assert found.low == pytest.approx(0.6 - 1.96 * 0.08, abs=0.03)
    assert found.high == pytest.approx(0.6 + 1.96 * 0.08, abs=0.03)


def test_one_decision_throughout_has_no_kappa() -> None:
    assert self_agreement(pairs(30, 0, 0, 0)).kappa is None
    nearly = self_agreement(pairs(29, 1, 0, 0)).kappa
    assert nearly == Measured(0.0, None, None), "where most draws have no kappa, there is no interval"


def test_the_spread_of_edits_is_of_drafts_signed_off_twice() -> None:
    found = self_agreement([*pairs(2, 0, 0, 0, ratios=(0.02, 0.06)), *pairs(2, 0, 0, 5, ratios=(0.5, 0.5))])
    assert found.n_signed_off == 4
    assert found.spread is not None
    assert found.spread.value == pytest.approx(0.02)
    assert self_agreement(pairs(0, 0, 0, 3)).spread is None


def test_reviewers_stand_by_the_number_of_drafts_and_all_together_beside() -> None:
    found = repeats_of([*pairs(3, 0, 0, 0, reviewer="Bo"), *pairs(0, 2, 0, 2)], every=12)
    assert [(one.reviewer, one.n) for one in found.reviewers] == [("Ann", 4), ("Bo", 3)]
    assert found.together is not None
    assert (found.together.n, found.together.same.passed, found.every) == (7, 5, 12)
    assert repeats_of([], every=0).together is None


def test_of_few_drafts_their_number_alone_is_told() -> None:
    told = summary(pairs(18, 0, 0, 1))
    assert repeats_sentence(told).startswith("19 drafts came back to who had judged them: from 20 on it is told")
    assert "| Ann | 19 | not enough reviews yet |  |  |" in as_markdown(told)
    assert as_json(told)["repeats"]["reviewers"][0]["is_enough"] is False


def test_from_twenty_drafts_on_it_is_told_in_every_form() -> None:
    told = summary(pairs(22, 1, 1, 6, ratios=(0.0, 0.04)))
    words = repeats_sentence(told)
    assert "30 drafts came back to who had judged them: 93% got the same decision again (95% interval" in words
    assert "of those signed off twice the share of words edited differs by 4 points on average" in words
    assert "The same draft again" in as_html(told)
    assert "About one draft in 10 comes back to who judged it" in as_markdown(told)
    found = as_json(told)["repeats"]
    assert (found["every"], found["together"]["n"], found["together"]["same"]["n_same"]) == (10, 30, 28)


def test_where_nothing_comes_back_nothing_is_said_of_it() -> None:
    told = replace(summary([]), repeats=repeats_of([], every=0))
    assert repeats_sentence(told) == ""
    assert "comes back" not in as_markdown(told)


@pytest.mark.parametrize("n", [20, 50, 240])
@pytest.mark.parametrize("share", [0.5, 0.73])
@pytest.mark.parametrize("true_kappa", [0.0, 0.6, 0.9])
def test_the_interval_of_kappa_covers_the_true_one(n: int, share: float, true_kappa: float) -> None:
    """Somebody who says the same again with this chance, and else decides anew as before: the chance is kappa."""
    random, n_covered, n_told = np.random.default_rng(3), 0, 0
    for _ in range(150):
        first, anew = random.random(n) < share, random.random(n) < share
        again = np.where(random.random(n) < true_kappa, first, anew)
        found = self_agreement([twice(one, other) for one, other in zip(first, again, strict=True)]).kappa
        if found is not None and found.low is not None and found.high is not None:
            n_told += 1
            n_covered += found.low <= true_kappa <= found.high
    assert n_told >= 140
    assert n_covered / n_told >= 0.90


def test_who_agrees_throughout_with_twenty_drafts_may_still_differ() -> None:
    found = self_agreement([twice(n % 2 == 0, n % 2 == 0) for n in range(20)]).kappa
    assert found is not None
    assert found.low is not None
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low < 0.85


def twice(first: bool, again: bool) -> JudgedTwice:
    decisions = {True: ReviewDecision.SIGN_OFF, False: ReviewDecision.REJECT}
    return JudgedTwice("Rita", decisions[bool(first)], decisions[bool(again)], 0.0, 0.0)

"""Edits, classes, rates and the blind order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.errors import NotEnoughReviews
from core.nouns import ReviewClass, ReviewDecision, System
from core.review.edits import classify, edit_ratio, word_difference, words
from core.review.paired import compare_pairs
from core.review.queue_order import DISTANCE, QueueItem, next_item
from core.review.report import as_html, as_markdown
from core.review.sentences import headline
from core.review.statistics import RateEstimate, Verdict, pass_rate, wilson_interval
from core.review.summary import Compared, ResultsSummary, SystemResult


def test_formatting_is_no_edit() -> None:
    assert edit_ratio("It’s **really** “good”.", 'It\'s really  "good"') == 0.0


def test_the_ratio_is_word_edits_over_the_longer_text() -> None:
    assert edit_ratio("one two three four", "one two three") == 0.25
    assert edit_ratio("one two three", "one 2 three four") == 0.5


def test_an_empty_final_text_is_a_full_rewrite() -> None:
    assert edit_ratio("one two", "") == 1.0
    assert edit_ratio("", "") == 0.0


@pytest.mark.parametrize(
    ("decision", "ratio", "expected"),
    [
        (ReviewDecision.SIGN_OFF, 0.0, ReviewClass.AS_IS),
        (ReviewDecision.SIGN_OFF, 0.10, ReviewClass.LIGHT_EDIT),
        (ReviewDecision.SIGN_OFF, 0.11, ReviewClass.REWRITTEN),
        (ReviewDecision.REJECT, 0.0, ReviewClass.REJECTED),
    ],
)
def test_the_class_follows_from_decision_and_edit(
    decision: ReviewDecision, ratio: float, expected: ReviewClass
) -> None:
    assert classify(decision, ratio) is expected


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_difference_gives_both_texts_back(a: str, b: str) -> None:
    spans = word_difference(a, b)
    assert "".join(s.text for s in spans if s.kind != "added") == a
    assert "".join(s.text for s in spans if s.kind != "removed") == b


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_ratio_is_a_share(a: str, b: str) -> None:
    assert 0.0 <= edit_ratio(a, b) <= 1.0
    assert (edit_ratio(a, b) == 0.0) == (words(a) == words(b))


@pytest.mark.parametrize(("n", "low", "high"), [(30, 55, 86), (100, 64, 81), (240, 67, 78)])
def test_the_interval_at_73_percent(n: int, low: int, high: int) -> None:
    found = wilson_interval(0.73 * n, n)
    assert (round(100 * found[0]), round(100 * found[1])) == (low, high)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_agrees_with_scipy(case: tuple[int, int]) -> None:
    passed, n = case
    expected = binomtest(passed, n).proportion_ci(method="wilson")
    assert wilson_interval(passed, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def verdict(draft: str, reviewer: str, review_class: ReviewClass) -> Verdict:
    return Verdict(draft, reviewer, review_class)


def test_rejected_drafts_stay_in_the_denominator() -> None:
    estimate = pass_rate([verdict("1", "a", ReviewClass.AS_IS), verdict("2", "a", ReviewClass.REJECTED)])
    assert (estimate.n, estimate.passed, estimate.rate) == (2, 1, 0.5)


def test_several_reviewers_count_once_and_a_tie_is_no_pass() -> None:
    tie = [verdict("1", "a", ReviewClass.AS_IS), verdict("1", "b", ReviewClass.REWRITTEN)]
    assert pass_rate(tie).passed == 0
    assert pass_rate([*tie, verdict("1", "c", ReviewClass.LIGHT_EDIT)]).passed == 1


def test_no_reviews_are_no_rate() -> None:
    with pytest.raises(NotEnoughReviews):
        pass_rate([])


def items(n_briefs: int) -> list[QueueItem]:
    systems = (System.TUNED, System.BASE, System.HUMAN)
    return [QueueItem(f"{b}-{s}", f"b{b}", s) for b in range(n_briefs) for s in systems]


@given(st.integers(1, 40), st.text(min_size=1, max_size=5))
def test_no_brief_comes_twice_within_the_distance_and_the_human_text_last(n_briefs: int, reviewer: str) -> None:
    open_items, seen = items(n_briefs), []
    while (found := next_item(reviewer, open_items, seen)).id is not None:
        chosen = next(i for i in open_items if i.id == found.id)
        open_items.remove(chosen)
        seen.append(chosen)
    for place, item in enumerate(seen):
        assert item.brief not in {other.brief for other in seen[max(0, place - DISTANCE) : place]}
    for brief in {item.brief for item in seen}:
        kinds = [item.system for item in seen if item.brief == brief]
        assert System.HUMAN not in kinds[:-1]
    assert next_item(reviewer, open_items, seen).n_waiting == len(open_items)


def test_with_enough_briefs_everything_is_shown() -> None:
    open_items, seen = items(40), []
    while (found := next_item("ann", open_items, seen)).id is not None:
        chosen = next(i for i in open_items if i.id == found.id)
        open_items.remove(chosen)
        seen.append(chosen)
    assert len(seen) >= 100


def test_the_human_text_waits_for_a_draft_in_a_colleagues_hands() -> None:
    human, machine = QueueItem("h", "b", System.HUMAN), QueueItem("m", "b", System.TUNED)
    assert next_item("ann", [human], [], held=[machine]).id is None
    assert next_item("ann", [human], []).id == "h"


def test_two_reviewers_see_different_orders() -> None:
    assert next_item("ann", items(30), []).id != next_item("bob", items(30), []).id


def summary(n: int, passed: int) -> ResultsSummary:
    low, high = wilson_interval(passed, n)
    tuned = SystemResult(System.TUNED, RateEstimate(n, passed, passed / n, low, high), {ReviewClass.AS_IS: passed})
    return ResultsSummary("<script>x</script>", (tuned,), {"too long": 3}, 2, 5, 0.10)


def test_under_twenty_drafts_no_rate_is_stated() -> None:
    assert headline(summary(19, 15)).startswith("Not enough reviews yet: 19")
    assert "79%" not in as_markdown(summary(19, 15))


def test_the_headline_names_rate_interval_and_n() -> None:
    sentence = headline(summary(104, 74))
    assert "71%" in sentence
    assert "104 drafts, 2 reviewers" in sentence


def test_a_report_compares_on_the_same_briefs_from_twenty_on() -> None:
    found = compare_pairs([(True, False)] * 12 + [(True, True)] * 6 + [(False, True)] * 2)
    assert found is not None
    told = as_markdown(replace(summary(30, 20), compared=(Compared(System.TUNED, System.BASE, found),)))
    assert "| Tuned model | Base model | 20 | 12 | 2 | +50 (" in told
    assert "| 0.013 |" in told
    assert "McNemar" in told
    few = compare_pairs([(True, False)] * 19)
    assert few is not None
    told = as_html(replace(summary(30, 20), compared=(Compared(System.TUNED, System.BASE, few),)))
    assert "<td>19</td><td></td><td></td><td>not enough reviews yet</td>" in told
    assert "McNemar" not in as_markdown(summary(30, 20))


def test_the_page_escapes_what_comes_from_people() -> None:
    assert "<script>" not in as_html(summary(30, 20))

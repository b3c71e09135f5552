"""What the report says: rates against the target, the ceiling, groups, and nothing that a browser or a spreadsheet would run."""

from __future__ import annotations

from dataclasses import replace

from core.nouns import System
from core.review.breakdown import ReviewerLoad
from core.review.ceiling import Stratum, within_reviewers
from core.review.report import as_html, as_markdown
from core.review.spreadsheet import as_csv
from core.review.statistics import RateEstimate, wilson_interval
from core.review.summary import ResultsSummary, SystemResult, as_json, ceiling_sentence, outlook


def rate(passed: int, n: int) -> RateEstimate:
    return RateEstimate(n, passed, passed / n, *wilson_interval(passed, n))


def summary(passed: int, n: int) -> ResultsSummary:
    return ResultsSummary("p", (SystemResult(System.TUNED, rate(passed, n), {}),), {}, 2, 0, 0.1)


def test_a_rate_near_the_target_is_not_told_from_it() -> None:
    told = outlook(summary(146, 200))
    assert "Whether that is above your target of 70% cannot be told yet" in told
    assert "more drafts would tell" in told


def test_a_rate_far_from_the_target_is_told_however_often_one_looks() -> None:
    assert outlook(summary(190, 200)).startswith("That is above your target of 70%, however often you looked")
    assert outlook(summary(60, 200)).startswith("That is below your target of 70%")
    assert "Five points to each side need about" in outlook(summary(60, 200))
    assert "ten points wide or less" in outlook(summary(900, 1000))


def test_of_few_drafts_nothing_is_told_about_the_target() -> None:
    assert outlook(summary(19, 19)) == ""
    assert outlook(replace(summary(1, 1), systems=())) == ""


def test_the_ceiling_is_told_from_twenty_verdicts_on_either_side() -> None:
    few, enough = (within_reviewers([Stratum(14, 20, 9, n)]) for n in (19, 20))
    assert ceiling_sentence(replace(summary(14, 20), ceiling=few)) == ""
    told = ceiling_sentence(replace(summary(14, 20), ceiling=enough))
    assert "In the eyes of the one reviewer who judged both, tuned drafts pass 25 points more often" in told


def test_groups_stand_in_the_report_with_their_numbers() -> None:
    load = ReviewerLoad("Ann", 40, 22.4, 31.0, rate(15, 20), rate(3, 4))
    told = as_markdown(
        replace(
            summary(30, 40), versions={"v1": rate(10, 20), "v2": rate(20, 20)}, tags={"a|b": rate(5, 9)},
            periods={"week of 2026-11-02": rate(30, 40)}, reviewers=(load,),
        )
    )  # fmt: skip
    assert "| v1 | 20 | 10 | 50% | 30% to 70% |" in told
    assert "| a\\|b | 9 | 5 | not enough reviews yet |" in told
    assert "| Ann | 40 | 22 | 31 | 15 of 20, 75% (53% to 89%) | 4, not enough reviews yet |" in told
    assert "## By dataset version" not in as_markdown(replace(summary(30, 40), versions={"v1": rate(30, 40)}))


def test_words_from_outside_are_no_markup() -> None:
    told = replace(summary(30, 40), project="<b>*x*</b>", reasons={"<i>too | long</i>": 3})
    assert "# Review of \\<b\\>\\*x\\*\\</b\\>" in as_markdown(told)
    assert "| \\<i\\>too \\| long\\</i\\> | 3 |" in as_markdown(told)
    assert "<b>" not in as_html(told)
    assert "&lt;i&gt;too | long" in as_html(told)


def test_the_limit_stands_beside_the_rates_with_where_it_comes_from() -> None:
    told = replace(
        summary(30, 40),
        light_edit_limit=0.14,
        light_edit_origin="calibrated on 43 pairs labelled by 2 people, on 2026-11-26",
    )
    assert as_json(told)["limit_in_words"] == (
        "A pass is a draft signed off with at most 14% of its words edited (calibrated on 43 pairs labelled by 2 people, on 2026-11-26)."
    )
    assert "the limit: calibrated on 43 pairs" in as_markdown(told)
    assert "the limit: calibrated on 43 pairs" in as_html(told)


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    told = as_csv([{"text": text, "n": -1} for text in ("=1+1", "+1", "-1", "@x", "\tx", 'fine, "yes"')])
    lines = told.splitlines()
    assert lines[0] == "text,n"
    assert [line[0] for line in lines[1:5]] == ["'"] * 4
    assert lines[5] == "'\tx,-1", "a number stays one"
    assert lines[6] == '"fine, ""yes""",-1'
    assert as_csv([]) == ""


def test_the_json_tells_both_intervals() -> None:
    tuned = as_json(summary(30, 40))["systems"]["tuned"]
    low, high = tuned["any_time"]
    assert low < tuned["low"] < tuned["rate"] < tuned["high"] < high

"""What the report says: rates against the target, the ceiling, groups, and nothing that a browser or a spreadsheet would run."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from core.nouns import ReviewClass, System
from core.review.breakdown import ReviewerLoad
from core.review.ceiling import Stratum, within_reviewers
from core.review.provenance import Provenance, RunTrace, TracedVerdict
from core.review.report import as_html, as_markdown, opening_sentences
from core.review.sections import method
from core.review.sentences import agreement_sentence, ceiling_sentence, headline, outlook, uneven_sentence
from core.review.statistics import RateEstimate, rate_by_brief, wilson_interval
from core.review.summary import Agreement, ResultsSummary, SystemResult
from core.review.summary_json import as_json


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


def test_how_far_reviewers_agree_is_told_with_its_interval_from_twenty_drafts_on() -> None:
    few, enough = (replace(summary(30, 40), agreement=Agreement(n, 4, 0.61, 0.4, 0.79)) for n in (19, 20))
    assert agreement_sentence(few) == "19 drafts had two or more reviewers; on 4 they differ over whether it passes."
    assert "(Krippendorff's alpha 0.61, 95% interval 0.40 to 0.79: 1 is full agreement" in agreement_sentence(enough)


def test_drafts_that_share_briefs_are_told_with_them_and_more_of_them_are_needed() -> None:
    by_brief = rate_by_brief([(f"b{n % 40}", n % 40 < 28) for n in range(200)])
    told = replace(summary(140, 200), systems=(SystemResult(System.TUNED, by_brief, {}),))
    assert "(95% interval 55% to 82%, 200 drafts on 40 briefs, 2 reviewers)" in headline(told)
    alone, shared = (
        int(re.findall(r"need about ([\d,]+) more", outlook(one))[0].replace(",", ""))
        for one in (summary(140, 200), told)
    )
    assert shared > 4 * alone


def test_an_uneven_choice_is_told_with_the_rate_and_in_how_it_was_counted() -> None:
    since = datetime(2026, 11, 20, 9, 30)
    told = replace(summary(30, 40), ordered_since=since, is_uneven=True)
    assert list(opening_sentences(told))[1] == uneven_sentence(told)
    assert uneven_sentence(told).startswith("From 2026-11-20 on the drafts were shown first")
    assert "some still wait: the rates are those of an uneven choice" in method(told)
    assert as_json(told)["uneven_since"] == "2026-11-20T09:30:00Z"
    done = replace(told, is_uneven=False)
    assert (uneven_sentence(done), as_json(done)["uneven_since"]) == ("", None)
    assert "since 2026-11-20 for as long as that was on, those first whose verdict is most uncertain. " in method(done)
    assert "in an order drawn for each of them. " in method(summary(30, 40))


def test_a_report_says_what_it_rests_on() -> None:
    run = RunTrace("r_1", "v1-1", "v1", "c0ffee", 3, "SmolLM2", "ba5e", "ada97e4", 17, is_counted=True)
    verdicts = {System.TUNED: {ReviewClass.AS_IS: (TracedVerdict("rv_1", "dr_1", "r_1"),)}}
    rests_on = Provenance((run,), (17, 18), verdicts, 2, datetime(2026, 11, 27, 8, 5, 9))
    told = replace(summary(30, 40), provenance=rests_on)
    for written in (as_markdown(told), as_html(told)):
        for part in (
            "v1-1 (r_1)", "v1, content SHA-256 c0ffee", "SHA-256 ada97e4", "SmolLM2, SHA-256 ba5e", "version 3, training 17", "17, 18",
            "1 on 1 draft; the report", "2 verdicts on briefs of which", "2026-11-27 08:05:09 UTC",
        ):  # fmt: skip
            assert part in written
    found = as_json(told)["provenance"]
    assert found["verdicts"] == {"tuned": {"as_is": [{"review": "rv_1", "draft": "dr_1", "run": "r_1"}]}}
    assert found["written_at"] == "2026-11-27T08:05:09Z"


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


def test_the_json_tells_both_intervals() -> None:
    tuned = as_json(summary(30, 40))["systems"]["tuned"]
    low, high = tuned["any_time"]
    assert low < tuned["low"] < tuned["rate"] < tuned["high"] < high

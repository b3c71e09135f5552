"""The rubric: what is read, what may be scored, and what scores come to."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Invalid
from core.nouns import ReviewClass, ReviewDecision, Score, System
from core.review.edits import classify
from core.review.rubric import (
    MAX_CRITERIA,
    MAX_REASONS,
    Criterion,
    ReasonSearch,
    Rubric,
    Scored,
    as_values,
    by_criterion,
    checked_scores,
    failed_critically,
    read_file,
    read_rubric,
)

FACTS, VOICE = Criterion("Facts are right", "Every figure stands in the brief.", True), Criterion("Sounds like us")
LONG, PHONES = ReasonSearch("too long", flag="too_long"), ReasonSearch("not us", holds="phone calls")
RUBRIC = Rubric(("too long", "not us"), (FACTS, VOICE), (LONG, PHONES))


def test_a_rubric_reads_back_as_it_was_written() -> None:
    assert read_rubric(as_values(RUBRIC)) == RUBRIC


def test_a_file_leaves_out_what_goes_without_saying() -> None:
    found = read_file(b"reasons: [too  long]\ncriteria:\n  - name: ' Sounds like us '\n")
    assert found == Rubric(("too long",), (VOICE,))


def test_a_search_names_a_flag_as_it_is_read_on_a_page_or_words() -> None:
    given = [{"reason": "too long", "flag": "too long"}, {"reason": "not us", "holds": " phone   calls "}]
    assert read_rubric({"reasons": ["too long", "not us"], "searches": given}).searches == (LONG, PHONES)


def test_a_search_may_be_for_a_reason_of_the_goal_where_no_reason_is_written() -> None:
    assert (
        read_rubric({"searches": [{"reason": "clumsy wording", "flag": "repetition"}]}).searches[0].flag == "repetition"
    )


def test_an_empty_file_of_json_is_a_rubric_without_anything() -> None:
    assert read_file(b"{}") == Rubric()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "A rubric is []."),
        ({"colour": 1}, "The rubric has 'colour'."),
        ({"reasons": "too long"}, "The reasons are 'too long'."),
        ({"reasons": ["a", 7]}, "Reason 2 is called 7."),
        ({"reasons": ["a", " a "]}, "Two reasons are called 'a'."),
        ({"reasons": ["x" * 81]}, "Reason 1 is called"),
        ({"reasons": [f"r{n}" for n in range(MAX_REASONS + 1)]}, f"The rubric has {MAX_REASONS + 1} reasons."),
        ({"criteria": ["a"]}, "The criteria are ['a']."),
        ({"criteria": [{"meaning": "m"}]}, "Criterion 1 is called None."),
        ({"criteria": [{"name": "a"}, {"name": "a"}]}, "Two criteria are called 'a'."),
        ({"criteria": [{"name": "a", "weight": 2}]}, "Criterion 1 has 'weight'."),
        ({"criteria": [{"name": "a", "critical": "yes"}]}, "Criterion 1 has 'yes' for critical."),
        ({"criteria": [{"name": "a", "meaning": "m" * 401}]}, "Criterion 1 has a meaning"),
        ({"criteria": [{"name": f"c{n}"} for n in range(MAX_CRITERIA + 1)]}, f"has {MAX_CRITERIA + 1} criteria."),
        ({"searches": ["a"]}, "The searches are ['a']."),
        ({"searches": [{"reason": "a", "words": "b"}]}, "Search 1 has 'words'."),
        ({"searches": [{"flag": "too_long"}]}, "Search 1 is called None."),
        ({"searches": [{"reason": "a"}]}, "Search 1, for 'a', has neither a flag nor words."),
        ({"searches": [{"reason": "a", "flag": "too_long", "holds": "b"}]}, "for 'a', has both a flag and words."),
        ({"searches": [{"reason": "a", "flag": "dull"}]}, "There is no flag 'dull'."),
        (
            {"searches": [{"reason": "a", "holds": "x" * 201}]},
            "Search 1 has a flag or words that are no text, or too long.",
        ),
        ({"reasons": ["b"], "searches": [{"reason": "a", "holds": "x"}]}, "There is a search for the reason 'a'."),
        ({"searches": [{"reason": "a", "holds": "x"}, {"reason": "a", "holds": "y"}]}, "Two searches are called 'a'."),
    ],
)
def test_what_cannot_be_read_is_named(values: Any, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rubric(values)
    assert said in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize("content", [b"reasons: [", b"\xff\xff", b"[" * 5_000])
def test_a_file_that_is_no_yaml_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="no YAML"):
        read_file(content)


def test_scores_come_in_the_order_of_the_rubric() -> None:
    found = checked_scores(RUBRIC, {"Sounds like us": "fair", "Facts are right": "fails"})
    assert list(found.items()) == [(FACTS, Score.FAILS), (VOICE, Score.FAIR)]


@pytest.mark.parametrize(
    ("scores", "said", "remedy"),
    [
        ({"Charm": "good"}, "There is no criterion 'Charm'.", "Asked are Facts are right, Sounds like us."),
        ({"Sounds like us": "7"}, "'7' is no score of 'Sounds like us'.", "Choose good, fair, fails."),
    ],
)
def test_an_unknown_criterion_or_score_is_named(scores: dict[str, str], said: str, remedy: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_scores(RUBRIC, scores)
    assert (refused.value.message, refused.value.remedy) == (said, remedy)


def test_where_no_criterion_is_asked_scores_are_refused_with_that() -> None:
    with pytest.raises(Invalid) as refused:
        checked_scores(Rubric(), {"Charm": "good"})
    assert refused.value.remedy == "This project asks for none; leave the scores out."


def test_only_a_critical_criterion_fails_critically() -> None:
    assert failed_critically({FACTS: Score.FAILS, VOICE: Score.FAILS}) == ["Facts are right"]
    assert failed_critically({FACTS: Score.FAIR, VOICE: Score.FAILS}) == []


@pytest.mark.parametrize("ratio", [0.0, 0.02, 0.9])
def test_a_critical_fail_is_no_pass_however_light_the_edit(ratio: float) -> None:
    assert classify(ReviewDecision.SIGN_OFF, ratio, is_critical_fail=True) is ReviewClass.CRITICAL_FAIL


def test_a_rejected_draft_is_rejected_whatever_it_fails() -> None:
    assert classify(ReviewDecision.REJECT, 0.0, is_critical_fail=True) is ReviewClass.REJECTED


def scored(
    draft: str, score: Score, *, system: System = System.TUNED, criterion: str = "c", critical: bool = False
) -> Scored:
    return Scored(draft, system, criterion, score, critical)


def test_each_system_has_its_share_that_does_not_fail() -> None:
    (found,) = by_criterion(
        [
            scored("1", Score.GOOD),
            scored("2", Score.FAILS),
            scored("3", Score.FAIR),
            scored("4", Score.FAILS, system=System.BASE),
        ]
    )
    assert (found.rates[System.TUNED].passed, found.rates[System.TUNED].n) == (2, 3)
    assert (found.rates[System.BASE].passed, found.rates[System.BASE].n) == (0, 1)
    assert found.counts[System.TUNED] == {Score.GOOD: 1, Score.FAIR: 1, Score.FAILS: 1}


def test_a_draft_that_two_scored_counts_once_and_a_tie_fails() -> None:
    (found,) = by_criterion([scored("1", Score.GOOD), scored("1", Score.FAILS)])
    assert (found.rates[System.TUNED].passed, found.rates[System.TUNED].n) == (0, 1)
    assert found.counts[System.TUNED] == {Score.GOOD: 1, Score.FAIR: 0, Score.FAILS: 1}


def test_a_criterion_is_critical_if_it_was_for_any_score() -> None:
    found = by_criterion(
        [scored("1", Score.GOOD), scored("2", Score.GOOD, critical=True), scored("1", Score.FAIR, criterion="d")]
    )
    assert [(one.criterion, one.critical) for one in found] == [("c", True), ("d", False)]

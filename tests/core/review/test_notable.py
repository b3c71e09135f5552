"""Which drafts explain a rate: the worst first, the best, and those over which reviewers differ."""

from __future__ import annotations

from core.facts.given import GivenFact
from core.nouns import ReviewClass, System
from core.review.notable import NotableDraft, OneVerdict, notable

AS_IS, LIGHT, REWRITTEN = ReviewClass.AS_IS, ReviewClass.LIGHT_EDIT, ReviewClass.REWRITTEN
REJECTED, CRITICAL = ReviewClass.REJECTED, ReviewClass.CRITICAL_FAIL


def draft(name: str, *verdicts: tuple[ReviewClass, float], system: System = System.TUNED) -> NotableDraft:
    return NotableDraft(
        name,
        "b",
        system,
        tuple(OneVerdict(f"{name}-{n}", f"R{n}", kind, ratio, ()) for n, (kind, ratio) in enumerate(verdicts)),
    )


def names(drafts: tuple[NotableDraft, ...]) -> list[str]:
    return [one.draft for one in drafts]


def test_the_worst_are_those_that_nobody_could_publish_and_then_those_edited_most() -> None:
    found = notable(
        [
            draft("light", (LIGHT, 0.04)), draft("rewritten", (REWRITTEN, 0.6)), draft("critical", (CRITICAL, 0.01)),
            draft("as it came", (AS_IS, 0.0)), draft("rejected", (REJECTED, 0.0)), draft("split", (REJECTED, 0.0), (REWRITTEN, 0.9)),
        ],
        System.TUNED,
    )  # fmt: skip
    assert names(found.worst) == ["critical", "rejected", "split", "rewritten", "light"]
    assert names(found.best) == ["as it came"]


def test_the_best_are_those_that_everybody_signed_off_as_they_came_most_people_first_and_then_the_newest() -> None:
    found = notable(
        [
            draft("two", (AS_IS, 0.0), (AS_IS, 0.0)), draft("older", (AS_IS, 0.0)), draft("newer", (AS_IS, 0.0)),
            draft("not by all", (AS_IS, 0.0), (LIGHT, 0.02)),
        ],
        System.TUNED,
    )  # fmt: skip
    assert names(found.best) == ["two", "newer", "older"]


def test_reviewers_differ_where_some_pass_a_draft_of_whomever_and_others_do_not() -> None:
    found = notable(
        [
            draft("one of three", (AS_IS, 0.0), (LIGHT, 0.1), (REJECTED, 0.0)), draft("halves", (AS_IS, 0.0), (REJECTED, 0.0), system=System.BASE),
            draft("both pass", (AS_IS, 0.0), (LIGHT, 0.1)),
        ],
        System.TUNED,
    )  # fmt: skip
    assert names(found.differing) == ["halves", "one of three"]


def test_worst_and_best_are_of_the_system_whose_rate_is_told() -> None:
    drafts = [draft("plain", (REJECTED, 0.0)), draft("facts", (REJECTED, 0.0), system=System.TUNED_FACTS)]
    assert names(notable(drafts, System.TUNED_FACTS).worst) == ["facts"]
    assert names(notable(drafts, System.TUNED).worst) == ["plain"]


def test_five_of_each_are_enough() -> None:
    drafts = [draft(f"d{n}", (REWRITTEN, 0.2 + n / 100)) for n in range(9)]
    assert names(notable(drafts, System.TUNED).worst) == ["d8", "d7", "d6", "d5", "d4"]
    assert list(notable(drafts, System.TUNED).by_kind()) == ["worst"]


def test_a_passage_is_told_with_its_source_and_one_that_may_not_be_shown_without_its_words() -> None:
    told = GivenFact("Prices", "The Pro plan\ncosts 12 euros.", "prices.md")
    assert told.in_words() == "The Pro plan costs 12 euros. (Prices, prices.md)"
    assert GivenFact("", "", "prices.md").in_words() == "a passage that may not be shown any more (prices.md)"

"""What each kind of rule finds in a draft, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.review.guide.capitals import is_capitalised
from core.review.guide.check import check_draft
from core.review.guide.parts import parts_of
from core.review.guide.presets import PRESETS
from core.review.guide.rules import MESSAGES, Case, Rule, RuleKind, Scope


def rule(kind: RuleKind, **settings: object) -> Rule:
    return replace(Rule("r", kind, MESSAGES[kind]), **settings)  # type: ignore[arg-type]


def found(text: str, one: Rule, **options: tuple[str, ...]) -> list[str]:
    return [text[note.start : note.end] for note in check_draft(text, [one], **options).notes]


def messages(text: str, one: Rule) -> list[str]:
    return [note.message for note in check_draft(text, [one]).notes]


def test_a_banned_word_is_found_as_a_whole_word_in_any_case() -> None:
    banned = rule(RuleKind.EXISTENCE, tokens=("leverage", "deep  dive"))
    assert found("Leverage it. Leveraged. We leverage a deep\ndive.", banned) == ["Leverage", "leverage", "deep\ndive"]
    assert messages("We leverage it.", banned) == ["Do not write 'leverage'."]


@pytest.mark.parametrize(("word", "text"), [("C++", "We write C++ here."), ("#1", "We are #1!"), ("!", "So good!")])
def test_words_with_signs_are_found_as_they_are(word: str, text: str) -> None:
    assert found(text, rule(RuleKind.EXISTENCE, tokens=(word,))) == [word]


def test_inside_words_only_where_the_rule_says_so() -> None:
    assert found("unleash", rule(RuleKind.EXISTENCE, tokens=("leash",))) == []
    assert found("unleash", rule(RuleKind.EXISTENCE, tokens=("leash",), nonword=True)) == ["leash"]


def test_code_addresses_and_link_targets_are_not_read() -> None:
    text = "Use `leverage`, see https://leverage.example/leverage or [this](leverage.html).\n\n```\nleverage\n```\n\n<b class='leverage'>x</b>"
    assert found(text, rule(RuleKind.EXISTENCE, tokens=("leverage",))) == []
    assert found(text, rule(RuleKind.EXISTENCE, tokens=("leverage",), scope=Scope.RAW)) == ["leverage"] * 6


def test_a_better_word_is_named() -> None:
    better = rule(RuleKind.SUBSTITUTION, swap=(("utilise", "use"), ("a lot of", "many|much")))
    assert messages("We utilise a lot of it.", better) == [
        "Write 'use' instead of 'utilise'.", "Write 'many or much' instead of 'a lot of'.",
    ]  # fmt: skip
    assert check_draft("a lot of it", [better]).notes[0].better == ("many", "much")


def test_where_the_case_is_at_stake_the_right_one_is_let_pass() -> None:
    names = rule(RuleKind.SUBSTITUTION, swap=(("github", "GitHub"),))
    assert found("GitHub, Github and github.", names) == ["Github", "github"]


def test_the_longest_of_the_words_counts() -> None:
    swap = rule(RuleKind.SUBSTITUTION, swap=(("set up", "install"), ("set up box", "receiver")))
    assert messages("The set up box.", swap) == ["Write 'receiver' instead of 'set up box'."]


def test_too_often_in_a_part_is_marked_from_the_first_that_is_too_many() -> None:
    commas = rule(RuleKind.OCCURRENCE, tokens=(",",), scope=Scope.SENTENCE, maximum=2)
    text = "One, two, three. One, two, three, four, five."
    assert found(text, commas) == [", four,"]
    assert messages(text, commas) == ["It stands here 4 times."]


def test_too_seldom_is_marked_at_the_first_line() -> None:
    name = rule(RuleKind.OCCURRENCE, tokens=("Proofroom",), minimum=1)
    assert found("\nHello there.\nAnd more.", name) == ["Hello there."]
    assert found("Hello Proofroom.", name) == []


def test_a_word_twice_in_a_row_counts_within_a_sentence_only() -> None:
    twice = rule(RuleKind.REPETITION)
    assert found("The the end. I saw that. That was it.\nIt is, is it not?", twice) == ["The the"]
    assert found("very very very", replace(twice, maximum=1)) == ["very very"]


def test_of_two_forms_the_rarer_is_marked() -> None:
    forms = rule(RuleKind.CONSISTENCY, swap=(("adviser", "advisor"),))
    assert found("An adviser, an advisor, an adviser.", forms) == ["advisor"]
    assert found("An adviser and an adviser.", forms) == []
    assert found("An adviser and an advisor.", forms) == ["advisor"]


def test_an_abbreviation_that_is_explained_is_let_pass() -> None:
    explained = rule(
        RuleKind.CONDITIONAL, first=r"\b[A-Z]{3,5}\b", second=r"\b\w+ \w+ \(([A-Z]{3,5})\)", is_pattern=True, ignorecase=False,
        exceptions=("HTML",),
    )  # fmt: skip
    assert found("Data Officers (DPO) read HTML. The DPO asks the CFO.", explained) == ["CFO"]


def test_headings_are_held_to_their_case() -> None:
    titles = rule(RuleKind.CAPITALIZATION, case=Case.SENTENCE, scope=Scope.HEADING)
    assert found("# What We Do For You\n\nText\n\n## How it works in Berlin\n", titles) == ["What We Do For You"]


@pytest.mark.parametrize(
    ("text", "case", "is_right"),
    [
        ("The End of the Road", Case.TITLE, True),
        ("The end of the Road", Case.TITLE, False),
        ("Of Mice and Men", Case.TITLE, True),
        ("A day with iOS", Case.SENTENCE, True),
        ("a day", Case.SENTENCE, False),
        ("What I saw", Case.SENTENCE, True),
        ("small", Case.LOWER, True),
        ("LOUD", Case.UPPER, True),
        ("Loud", Case.UPPER, False),
        ("", Case.SENTENCE, True),
    ],
)
def test_capitals(text: str, case: Case, is_right: bool) -> None:
    assert is_capitalised(text, case) is is_right


def test_a_claim_is_proven_by_a_link_or_a_figure_of_the_brief() -> None:
    claim = rule(RuleKind.CLAIM, tokens=("the fastest",))
    assert found("We are the fastest. It takes 40 ms.", claim) == ["the fastest"]
    assert found("We are the fastest at 40 ms.", claim) == ["the fastest"], "a figure that nobody gave proves nothing"
    assert found("We are the fastest at 40 ms.", claim, support=("It takes 40 ms.",)) == []
    assert found("We are [the fastest](https://example.org/test).", claim) == []


def test_exceptions_are_let_pass() -> None:
    words = rule(RuleKind.EXISTENCE, tokens=(r"\p{Lu}{4,}",), is_pattern=True, ignorecase=False, exceptions=("JSON",))
    assert found("JSON and YAML", words) == ["YAML"]


def test_an_expression_that_goes_round_in_circles_is_said_and_the_others_are_checked() -> None:
    slow = replace(rule(RuleKind.EXISTENCE, tokens=(r"^(?:a|aa)+$",), is_pattern=True, nonword=True), name="slow")
    checked = check_draft("a" * 60 + "!", [slow, rule(RuleKind.EXISTENCE, tokens=("!",))])
    assert checked.unchecked == ("slow",)
    assert [note.rule for note in checked.notes] == ["r"]


def test_signs_that_fold_otherwise_break_nothing() -> None:
    swap = rule(RuleKind.SUBSTITUTION, swap=(("internet", "web"),))
    checked = check_draft("The İnternet and the internet.", [swap])
    assert [note.message for note in checked.notes][-1] == "Write 'web' instead of 'internet'."


def test_notes_stand_in_the_order_of_the_text() -> None:
    rules = [PRESETS[name][1] for name in ("no-exclamation-marks", "no-word-twice")]
    assert [note.rule for note in check_draft("So so good! Good good!", rules).notes] == [
        "no-word-twice", "no-exclamation-marks", "no-word-twice", "no-exclamation-marks",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "marked"),
    [
        ("no-exclamation-marks", "Hello!", ["!"]),
        ("no-em-dashes", "Well — yes.", ["—"]),
        ("no-emoji", "Great 🎉 news ❤️, 3 pieces © us.", ["🎉", "❤️"]),
        ("no-shouting", "This is IMPORTANT for the NATO.", ["IMPORTANT"]),
        ("sentence-length", f"{'word ' * 36}end.", ["word end"]),
        ("paragraph-length", f"{'word ' * 120}end.\n\nShort one.", ["end"]),
        ("headings-as-sentences", "# All Our New Things\n", ["All Our New Things"]),
        ("headings-as-titles", "# All our new things\n", ["All our new things"]),
        ("no-word-twice", "It is is so.", ["is is"]),
        ("proof-of-superlatives", "This is the only way.", ["the only"]),
    ],
)
def test_each_preset_finds_what_it_is_for(name: str, text: str, marked: list[str]) -> None:
    assert found(text, PRESETS[name][1]) == marked


def test_every_preset_is_tried_above() -> None:
    tried = test_each_preset_finds_what_it_is_for.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {name for name, *_ in tried} == set(PRESETS)


@pytest.mark.parametrize(
    "text", ["." * 40_000 + "x", "`" * 20_000 + "a" * 20_000, "](" * 20_000, "a.a" * 13_000, "<a" * 20_000]
)
def test_a_degenerate_text_is_parted_at_once(text: str) -> None:
    """Minutes where a pattern goes over it again for each of its signs."""
    assert len(parts_of(text).in_scope(Scope.SENTENCE)) < 3


def test_parts_of_a_text_stand_where_they_say() -> None:
    text = "# A title\n\nFirst, e.g. this one. Second (see No. 5)!\nThird\n\n- an item. And more\n  of it\n- another\n\nSet under\n---\nEnd."
    parts = parts_of(text)
    for scope in (Scope.HEADING, Scope.PARAGRAPH, Scope.LIST, Scope.SENTENCE):
        assert all(text[part.start : part.end] == part.text for part in parts.in_scope(scope))
    assert [part.text for part in parts.in_scope(Scope.HEADING)] == ["A title", "Set under"]
    assert [part.text for part in parts.in_scope(Scope.LIST)] == ["an item. And more\n  of it", "another"]
    assert [part.text for part in parts.in_scope(Scope.SENTENCE)] == [
        "First, e.g. this one.", "Second (see No. 5)!", "Third", "an item.", "And more\n  of it", "another", "End.",
    ]  # fmt: skip

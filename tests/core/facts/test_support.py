"""What a draft states that nobody told it: by value, whatever the wording."""

from __future__ import annotations

import pytest

from core.facts.support import ValueKind, unsupported, values_of


def kinds(text: str) -> list[tuple[str, str]]:
    return [(value.kind.value, text[value.start : value.end]) for value in values_of(text)]


def left(draft: str, *support: str) -> list[str]:
    return [draft[value.start : value.end] for value in unsupported(draft, tuple(support))]


def test_every_kind_is_found_where_it_stands() -> None:
    text = "On 3 May 2026 Mira Holt paid €1,200 for 14 seats, see https://example.org/pro."
    assert kinds(text) == [
        ("date", "3 May 2026"), ("name", "Mira Holt"), ("amount", "€1,200"), ("number", "14"), ("link", "https://example.org/pro"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("draft", "fact"),
    [
        ("It costs $1,200.", "Price: 1200 dollars"),
        ("It costs $1.2k.", "Price: $1,200"),
        ("It costs 12.50 euros.", "€12.5 a month"),
        ("We have 12 desks.", "Twelve desks stand there."),
        ("We have 42 desks.", "There are forty-two of them."),
        ("We have 300 desks.", "three hundred desks"),
        ("It opens on 3 May.", "Opening: 2026-05-03"),
        ("It opens in May 2026.", "Opening: May 3rd, 2026"),
        ("See www.example.org/pro/.", "https://example.org/pro"),
        ("Write to Help@Example.org.", "help@example.org"),
        ("It is 30 % faster.", "30 percent"),
        ("Ask Mira Holt's team.", "Mira Holt leads it."),
        ("We moved to Leeds.", "our office in LEEDS"),
        ("Use version 4.2.1 now.", "4.2.1 is out"),
    ],
)
def test_the_same_value_in_another_form_is_supported(draft: str, fact: str) -> None:
    assert left(draft, fact) == []
    assert left(draft) != []


@pytest.mark.parametrize(
    ("draft", "fact", "marked"),
    [
        ("It costs $1,300.", "$1,200", ["$1,300"]),
        ("It costs €1,200.", "$1,200", ["€1,200"]),
        ("It opens on 4 May 2026.", "3 May 2026", ["4 May 2026"]),
        ("It opens on 3 May 2027.", "3 May", ["3 May 2027"]),
        ("See example.org/free.", "example.org/pro", ["example.org/free"]),
        ("Ask Mira Stone.", "Mira Holt leads it.", ["Mira Stone"]),
        ("We have 13 desks and 12 chairs.", "twelve chairs", ["13"]),
        ("Use version 4.2.2.", "4.2.1", ["4.2.2"]),
    ],
)
def test_another_value_is_marked(draft: str, fact: str, marked: list[str]) -> None:
    assert left(draft, fact) == marked


def test_what_is_no_value_is_let_pass() -> None:
    draft = "# What we learnt\n\n1. First we asked.\n2. Then I waited until Monday.\n\nThe end. Nothing else. “Good,” we said. See the FAQ."
    assert values_of(draft) == []


def test_a_word_that_also_stands_there_small_is_no_name() -> None:
    assert kinds("We like Markdown, and markdown likes us.") == []
    assert kinds("We like Markdown.") == [("name", "Markdown")]


def test_a_name_with_a_capital_inside_counts_at_the_start_of_a_sentence_too() -> None:
    assert kinds("GitHub is down. Leeds is up.") == [("name", "GitHub")]


@pytest.mark.parametrize(
    "text", ["a." * 20_000, "1," * 20_000, "." * 40_000, "a@" * 20_000, "1.1" * 15_000, "$" * 40_000, "A" * 40_000]
)
def test_a_degenerate_text_is_read_at_once(text: str) -> None:
    """Minutes where a pattern goes over it again for each of its signs."""
    assert len(values_of(text)) < 500


def test_letters_that_fold_to_others_are_no_month_and_no_scale() -> None:
    assert values_of("3 \u017feptember 1780") != []
    assert [value.kind for value in values_of("$5 m\u0131llion")][:1] == [ValueKind.AMOUNT]


def test_a_plain_space_parts_two_numbers_and_one_that_does_not_break_none() -> None:
    assert left("In 2024 300 people came.", "2024: 300") == []
    assert left("It has 12\u00a0000 seats.", "12,000") == []


def test_figures_of_a_date_or_a_link_are_no_numbers_of_their_own() -> None:
    assert [value.kind for value in values_of("From 2026-05-03, see https://example.org/v2/14.")] == [
        ValueKind.DATE,
        ValueKind.LINK,
    ]

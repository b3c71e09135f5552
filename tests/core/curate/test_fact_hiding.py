"""Facts put out of answers, the passages kept of them, and where what a record teaches stands in its text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.curate.fact_hiding import FactChoice, hide, hide_in_example, passage_around, says_nothing_else
from core.curate.facts import FactKind, taught_facts
from core.curate.taught import taught_texts
from core.nouns import Example, RecordKind
from core.records.text import record_text

PRICES = {FactKind.PRICE: FactChoice.MASK}
EVERYTHING = dict.fromkeys(FactKind, FactChoice.MOVE)


def example(*said: str) -> Example:
    """What is asked and what is said, in turn."""
    roles = ("user", "assistant")
    messages = tuple({"role": roles[i % 2], "content": text} for i, text in enumerate(said))
    return Example("r:0", "r", "t0", "", messages)


def test_a_chosen_kind_becomes_a_placeholder_and_the_others_stay() -> None:
    done = hide("The Pro plan costs $12.50 until 31 May 2027, or $100 a year.", PRICES)
    assert done.text == "The Pro plan costs [price] until 31 May 2027, or [price] a year."
    assert [(fact.kind, fact.choice, fact.value) for fact in done.facts] == [
        (FactKind.PRICE, FactChoice.MASK, "$12.50"), (FactKind.PRICE, FactChoice.MASK, "$100"),
    ]  # fmt: skip


def test_what_was_asked_stays_as_it_came_and_every_reply_is_masked() -> None:
    masked, hidden = hide_in_example(example("Is it $5?", "It is $6.", "And $7?", "No, $8."), PRICES)
    assert [m["content"] for m in masked.messages] == ["Is it $5?", "It is [price].", "And $7?", "No, [price]."]
    assert masked.hidden == ("price",)
    assert [fact.value for fact in hidden] == ["$6", "$8"]


def test_an_example_without_such_a_fact_is_the_same() -> None:
    one = example("Is it $5?", "Version 4.2 will tell.")
    assert hide_in_example(one, PRICES) == (one, [])


def test_a_link_in_markdown_stays_a_link_to_a_placeholder() -> None:
    text = "Read [the guide](https://arkwell.example/a?b=1), or <https://arkwell.example>."
    assert hide(text, {FactKind.LINK: FactChoice.MASK}).text == "Read [the guide]([link]), or <[link]>."


def test_hiding_twice_changes_nothing_more() -> None:
    once = hide("The Pro plan costs $12.50 until 31 May 2027; see https://a.example. Version 4.2 is out.", EVERYTHING)
    assert hide(once.text, EVERYTHING).facts == ()


@given(
    st.lists(
        st.sampled_from(["It costs $5. ", "Use v4.2. ", "See https://a.example/x", "\n", "`$5` ", "word "]), max_size=12
    )
)
def test_the_changes_give_the_text_and_the_passages_hold_their_value(parts: list[str]) -> None:
    text = "".join(parts)
    done = hide(text, EVERYTHING)
    assert len(done.facts) == len(done.changes)
    for change, fact in zip(done.changes, done.facts, strict=True):
        assert text[change.start : change.end] == fact.value
        assert " ".join(fact.value.split()) in fact.passage


def test_an_answer_that_was_nothing_but_facts_is_seen() -> None:
    assert says_nothing_else(
        hide_in_example(example("Where?", "https://arkwell.example ($5)."), EVERYTHING)[0].messages
    )
    assert not says_nothing_else(example("Where?", "Look at [link]").messages)


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("Open it first. The Pro plan costs $5 a month! Then go on.", "The Pro plan costs $5 a month!"),
        ("The Pro plan is what you need.\nIt costs $5.", "The Pro plan is what you need. It costs $5."),
        ("Write to us about the team plan:\n\n$5", "Write to us about the team plan: $5"),
        ("$5", "$5"),
        ("- The small bench for two costs\n- The large bench for four costs $5", "- The large bench for four costs $5"),
    ],
)
def test_the_passage_is_the_sentence_and_as_much_before_as_it_leans_on(text: str, passage: str) -> None:
    start = text.index("$5")
    assert passage_around(text, start, start + 2) == passage


def test_a_passage_without_sentence_ends_is_cut_around_the_fact() -> None:
    text = "word " * 400 + "for $5 " + "more " * 400
    start = text.index("$5")
    passage = passage_around(text, start, start + 2)
    assert len(passage) <= 600
    assert "for $5 more" in passage
    assert set(passage.split()) == {"word", "for", "$5", "more"}


THREAD = {
    "question": "Is it $5?",
    "messages": [
        {"text": "", "is_asker": True},
        {"text": "It is $6, I think.", "is_asker": False},
        {"text": "It is $7, in truth.", "is_asker": False, "is_solution": True},
    ],
}
CHAT = {
    "messages": [
        {"role": "system", "content": "Be kind; $1."}, {"role": "user", "content": "Is it $5?"},
        {"role": "assistant", "content": "It is $6."}, {"role": "user", "content": "Sure?"},
        {"role": "assistant", "content": "No: $7."},
    ]
}  # fmt: skip
DIFF = {
    "diff": "- price = $5",
    "comments": [{"text": "$6?", "rating": 1.0}, {"text": "Make it $7.", "is_reference": True}],
}


@pytest.mark.parametrize(
    ("kind", "content", "values"),
    [
        (RecordKind.DOCUMENT, {"body": "It costs $5."}, ["$5"]),
        (RecordKind.THREAD, THREAD, ["$7"]),
        (RecordKind.THREAD, THREAD | {"messages": THREAD["messages"][:2]}, []),
        (RecordKind.CHAT, CHAT, ["$6", "$7"]),
        (RecordKind.DIFF, DIFF, ["$7"]),
    ],
)
def test_facts_are_looked_for_in_what_is_taught_and_placed_in_the_flat_text(
    kind: RecordKind, content: dict[str, Any], values: list[str]
) -> None:
    for title in ("", "What $3 buys"):
        flat = record_text(kind, title, content)
        found = taught_facts(kind, title, content)
        assert [one["value"] for one in found] == values
        assert [flat[one["start_char"] : one["end_char"]] for one in found] == values
        assert all(flat[t.start : t.start + len(t.text)] == t.text for t in taught_texts(kind, title, content))

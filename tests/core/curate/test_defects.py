"""One case for each newer flag, and beside it the honest text that must not raise it."""

from __future__ import annotations

import numpy as np
import pytest

from core.curate.facts import FactKind, fact_spans
from core.curate.flags import Corpus, flags_of
from core.curate.flags.likeness import off_topic, typicality
from core.curate.flags.nothing import is_nothing
from core.curate.flags.opposites import opposed
from core.curate.flags.promotion import advertising
from core.curate.records_in import RecordIn
from core.nouns import Goal, RecordKind
from tests.core.curate.test_flags import PROSE, names, post, thread


def support(answer: str, question: str = "") -> set[str]:
    record = thread(answer)
    if question:
        content = record.content | {"question": question}
        record = RecordIn("r", "r", RecordKind.THREAD, "Sync", f"Sync\n\n{question}\n\n{answer}", content)
    return {flag.name for flag in flags_of(record, Corpus(Goal.SUPPORT))}


@pytest.mark.parametrize(
    "text", ["N/A", "null", "No answer.", "[removed]", "<p> </p>", "---", "(no reply)", "Message deleted"]
)
def test_a_word_for_nothing_is_no_answer(text: str) -> None:
    assert is_nothing(text)


@pytest.mark.parametrize(
    "text", ["No.", "Not yet.", "No, there is no such option.", "https://example.org", "42", "`reset`"]
)
def test_a_thin_answer_is_an_answer(text: str) -> None:
    assert not is_nothing(text)


@pytest.mark.parametrize(
    "answer",
    [
        "Great, that fixed it. Many thanks!",
        "This case is now closed, since nobody replied to us. Thank you for your patience.",
        "You are welcome. Have a nice day!",
    ],
)
def test_thanks_and_closings_help_nobody(answer: str) -> None:
    assert "closing_without_help" in support(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Thanks, it works now: I had to remove the account and add it again.",
        "Thank you for the report. Open Settings, then Calendar, and choose the account once more.",
        "Glad to help. The option is under View > Layout.",
    ],
)
def test_thanks_with_an_answer_is_an_answer(answer: str) -> None:
    assert "closing_without_help" not in support(answer)


def test_an_answer_that_repeats_its_question_echoes() -> None:
    question = "How do I get my calendar to sync with the phone again after I changed my password last night?"
    assert "prompt_echo" in support(
        f"You ask: {question} Open Settings, choose the account, and type the new password.", question
    )
    assert "prompt_echo" not in support("Open Settings, choose the account, and type the new password there.", question)


def test_two_heads_are_two_records() -> None:
    two = f"Post #12\n{PROSE * 2}\n\nPost #13\n{PROSE * 2}"
    assert "merged_records" in names(post(two))
    assert "merged_records" not in names(post(f"1. First\n\n{PROSE}\n\n2. Second\n\n{PROSE}"))


def test_an_advertisement_has_several_signs_at_once() -> None:
    value, kinds = advertising("Buy now and save 30% off! 100% satisfaction guaranteed, call our toll-free helpline.")
    assert value > 2.6
    assert {"offer", "call to act", "promise", "seller"} <= set(kinds)
    assert advertising("The plan costs $5 a month; you can download it from https://example.org for free.")[0] == 0.0


@pytest.mark.parametrize(
    "text", ["See figure 3", "The screenshot above shows it", "Here is the link:", "As I said in my last mail, wait."]
)
def test_what_is_named_and_not_there_is_missing(text: str) -> None:
    capital = text.replace("figure", "Figure")
    assert "missing_reference" in names(post(f"{PROSE}\n\n{capital}"))


def test_what_is_there_is_not_missing() -> None:
    assert "missing_reference" not in names(post(f"{PROSE}\n\nThe screenshot below shows it.\n\n![it](a.png)"))
    assert "missing_reference" not in names(post(f"{PROSE}\n\nFollow the steps below.\n\n1. Open it.\n2. Close it."))


@pytest.mark.parametrize(
    "end", ["and then (which nobody knew", "```\nls -l", "1. Open it.\n2.", "we need the right adap-"]
)
def test_something_left_open_is_truncated(end: str) -> None:
    assert "truncated" in names(post(f"{PROSE}\n\n{end}"))


def test_an_answer_that_says_yes_and_one_that_says_no_oppose_each_other() -> None:
    yes = "Yes, you can move the profile to another computer, copy the folder."
    no = "No, you cannot move the profile to another computer, the folder is tied to the old one."
    assert opposed(yes, no) == "one says yes, the other no"
    assert opposed(yes, "Yes, move the folder with the profile to the other computer.") == ""
    assert opposed(yes, "Which version do you have?") == ""


def test_a_far_record_is_off_topic_and_its_neighbours_are_not() -> None:
    draw = np.random.default_rng(1)
    vectors = np.asarray([1.0, 0.0, 0.0, 0.0]) + 0.08 * draw.standard_normal((60, 4))
    vectors[59] = [0.0, 1.0, -1.0, 0.0]
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    everything = list(range(60))
    found = off_topic(typicality(vectors, everything), everything)
    assert [i for i, flag in enumerate(found) if flag] == [59]


def test_facts_that_go_stale_are_found_by_kind() -> None:
    text = "The Pro plan costs $12.50 a month until 31 May 2027; version 4.2 is the latest release. See https://example.org/p."
    assert {span.kind for span in fact_spans(text)} == {
        FactKind.PLAN,
        FactKind.PRICE,
        FactKind.DATE,
        FactKind.VERSION,
        FactKind.LINK,
    }


def test_a_date_in_a_story_is_no_stale_fact() -> None:
    assert fact_spans("I first met this in March 2009, when the office still had one printer.") == []


@pytest.mark.parametrize(
    "text",
    [
        "This may reveal your passwords, and next may come a question.",
        "Copy the team members, not only your personal account.",
        "At the most basic level they share what they know.",
        "The spending rose to $45.6 billion in ten years.",
        "Set the name server to 10.0.0.3 and the gateway to 192.168.1.1.",
        "Their terms of service are long, and so is the privacy policy.",
        "Use the code already supplied, and open the Retention Policy tab.",
        "It was built for the world of tomorrow, or for a “tomorrow” that never comes.",
        "Run `pip install tool==4.2.1`, which fetches it.",
        "Add your Office 365 address, as in the message from August 13.",
        "```\ndns: 1.2.3\nprice: $12.50\n```",
    ],
)
def test_what_only_sounds_like_a_fact_is_none(text: str) -> None:
    assert fact_spans(text) == []


def test_the_full_stop_behind_a_link_is_the_sentence_s() -> None:
    (span,) = fact_spans("See https://example.org/help/.")
    assert (span.start, span.end) == (4, 29)


def test_garbled_quotes_of_dos_and_windows_are_seen() -> None:
    for read_as in ("cp437", "cp1252", "latin-1", "mac_roman"):
        garbled = "It’s “open” – and that’s all.".encode().decode(read_as, errors="ignore")
        assert "mojibake" in names(post(f"{PROSE}\n\n{garbled}")), read_as
    assert "mojibake" not in names(post(f"{PROSE}\n\nZoë’s café in São Paulo – “open”, they say, at 30 °C."))

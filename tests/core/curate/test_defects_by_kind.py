"""What each detector must know beyond one phrase, and the honest text beside it that it must leave alone."""

from __future__ import annotations

import re

import pytest

from core.curate.facts import FactKind, fact_spans
from core.curate.flags import Corpus, flags_of, survey
from core.curate.flags.opposites import opposed
from core.curate.flags.promotion import LIMIT, advertising
from core.curate.quick_search import lowered
from core.curate.records_in import RecordIn
from core.curate.sensitive import personal_data, secrets_in
from core.nouns import Goal
from tests.core.curate.test_defects import support
from tests.core.curate.test_flags import PROSE, names, post, thread

OTHER = (
    "Sailing boats were moored along the quay, ropes creaking whenever wind came over harbour walls. Fishermen mended nets, "
    "gulls quarrelled about scraps, and children counted masts until supper. Nothing hurried anybody here, least of all tides. "
)


@pytest.mark.parametrize(
    "mention",
    [
        "I attached the form with all the numbers.",
        "The two curves are shown in the diagram below.",
        "We talked about this on the phone yesterday.",
        "See my previous post for the details.",
        "Copy the following script into the console:",
        "The table above lists the ports.",
        "As I promised at the workshop, here they are.",
    ],
)
def test_a_mention_without_its_object_is_a_missing_reference(mention: str) -> None:
    assert "missing_reference" in names(post(f"{PROSE}\n\n{mention}\n\n{OTHER}"))


@pytest.mark.parametrize(
    "text",
    [
        "See my previous post for the details: https://example.org/first",
        "Copy the following script into the console:\n\n```\nls -l\n```",
        "As mentioned above, neither of them is right alone.",
        "The table below lists them.\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "You come in, and there is no agenda, no attached document, no reason to stay.",
        "[^1]: Yearly report of the office, Figure 8.",
        "Press on the picture and then on Original.",
    ],
)
def test_what_can_be_found_or_is_cited_is_not_missing(text: str) -> None:
    assert "missing_reference" not in names(post(f"{PROSE}\n\n{text}"))


def test_a_picture_far_from_its_mention_does_not_stand_for_it() -> None:
    far = f"![a chart](a.png)\n\n{PROSE * 6}\n\nFigure 2 makes the point better than I could."
    assert "missing_reference" in names(post(far))


def test_an_answer_may_point_back_at_itself_but_not_at_others() -> None:
    assert "missing_reference" in support("As I said before, change the port in the settings of your account.")
    assert "missing_reference" in support("Try what Anna suggested above, it worked for all of us here in the office.")


@pytest.mark.parametrize(
    "stand_in",
    [
        "(add link)",
        "The price is $XX per month.",
        "This section is intentionally left blank.",
        "Please call [Name of colleague] about it.",
        "<insert quote from the director>",
        "Answer: tbd",
        "Dear *|FNAME|*, welcome.",
        "Draft - needs work",
    ],
)
def test_what_stands_for_words_to_come_is_a_placeholder(stand_in: str) -> None:
    assert "placeholder" in names(post(f"{PROSE}\n\n{stand_in}"))


@pytest.mark.parametrize(
    "text",
    [
        r"The file is at C:\Users\[User]\AppData or in %APPDATA% of that machine.",
        "It shows what you want to do, and what others had better do.",
        "> [URLs] are a promise, he wrote.",
        "Read the [introduction here](https://example.org/a) first.",
        "Do this (if needed) and wait.",
        'Your template says "Hello {title}", and the title is empty.',
    ],
)
def test_paths_links_and_words_put_into_a_quotation_are_no_placeholders(text: str) -> None:
    assert "placeholder" not in names(post(f"{PROSE}\n\n{text}"))


@pytest.mark.parametrize(
    "seam",
    ["<|endoftext|>", "<!-- next document -->", "***", "Tags: mail, settings", "Published on 12 March 2019 by admin"],
)
def test_what_separates_two_texts_tells_that_they_were_joined(seam: str) -> None:
    assert "merged_records" in support(f"{PROSE}\n\n{seam}\n\n{OTHER}")


def test_a_rule_in_a_post_joins_only_what_shares_few_words() -> None:
    posts = [post(f"{PROSE * 2} Number {i}.") for i in range(40)]
    joined, sections = post(f"{PROSE * 2}\n\n---\n\n{OTHER * 3}"), post(f"{PROSE * 2}\n\n---\n\n{PROSE * 2}")
    corpus = survey([*posts, post(OTHER), joined, sections], Goal.VOICE)
    found = [{f.name for f in flags_of(record, corpus)} for record in (joined, sections)]
    assert ["merged_records" in flags for flags in found] == [True, False]


def test_several_rules_part_sections_of_one_answer() -> None:
    assert "merged_records" not in support(f"{PROSE}\n\n---\n\n{OTHER}\n\n---\n\n{PROSE}")


def test_a_word_that_no_sentence_of_the_project_ends_on_breaks_off() -> None:
    known = [post(f"{PROSE} The blue lamp was lit. {OTHER}") for _ in range(40)]
    corpus = survey(known, Goal.SUPPORT)
    assert "blue" in corpus.inner_words
    cut = thread("Open the box with both hands and look for a small blue")
    assert "truncated" in {f.name for f in flags_of(cut, corpus)}
    assert "truncated" not in support("Open the box with both hands and look for a small blue")


def test_a_greeting_at_the_end_is_not_broken_off() -> None:
    assert "truncated" not in support("Please share which of the two systems you use, then we look into it. Thank you,")


@pytest.mark.parametrize(
    "answer",
    [
        "Issue resolved, you can close this.",
        "This thread is being locked because it has been inactive for a long time.",
        "That worked! I'm so relieved.",
        "No response from the customer in two weeks. Closing.",
    ],
)
def test_who_closes_the_matter_helps_nobody(answer: str) -> None:
    assert "closing_without_help" in support(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Yes, it is a bug. No estimate yet of when it will be resolved.",
        "Table view shows all folders alike, whatever way it is sorted.",
        "Solved: open the menu, choose the file and import it there.",
        "Removing the add-on solved the problem.",
    ],
)
def test_a_reason_or_a_solution_in_a_closing_helps(answer: str) -> None:
    assert "closing_without_help" not in support(answer)


@pytest.mark.parametrize(
    "text",
    [
        "Need a loan? We offer personal loans at 2% interest rate, no collateral. Apply today on WhatsApp +1 555 010 0100.",
        "I was stuck too and then found Acme OST Converter. This software is very easy to use. You can try the demo version.",
        "We are a professional web design agency. We offer logos at affordable prices. Contact us for a free quote!",
    ],
)
def test_an_advertisement_is_known_whatever_it_sells(text: str) -> None:
    assert advertising(text)[0] >= LIMIT


def test_a_number_said_again_and_again_is_an_advertisement_and_a_date_is_not() -> None:
    blast = "Mail support (0800) 555 0119, refunds (0800) 555 0119, lost password (0800) 555 0119, open day and night."
    assert "promotional" in support(blast)
    assert "promotional" not in support(
        "The log says 2024-12-22 16:26:41, 2024-12-22 16:26:41 and 2024-12-22 16:26:41."
    )


def test_a_question_that_nobody_answered_can_advertise() -> None:
    question = (
        "Buy followers now! Real accounts, fast delivery, 24/7 support. Order at https://example.org today, 50% off."
    )
    record = thread("x", solution=False)
    record = RecordIn("r", "r", record.kind, "Hi", f"Hi\n\n{question}", record.content | {"question": question})
    assert "promotional" in {f.name for f in flags_of(record, Corpus(Goal.SUPPORT))}


def test_a_way_through_menus_beside_a_link_is_an_answer() -> None:
    assert "link_only" in support("See https://example.org/help")
    assert "link_only" not in support("View > Layout > Header\n\nhttps://example.org/help")
    assert "link_only" not in support("Use [mail.example.org](http://mail.example.org) for the incoming server.")


def test_a_passage_used_again_within_posts_is_no_boilerplate_and_at_their_end_it_is() -> None:
    block = (
        "You receive this because you once signed up for our letter, and you can leave it whenever you like to do so."
    )

    def told(i: int) -> str:
        return " ".join(f"Story {i}{part} of the {part} lamp goes on for a while in its way." for part in "abcdef")

    end = [post(f"{told(i)}\n\n{block} {block}") for i in range(3)]
    middle = post(f"{told(7)} {block} {block} {told(8)}")
    corpus = survey([*end, middle], Goal.VOICE)
    found = ["boilerplate" in {f.name for f in flags_of(record, corpus)} for record in (*end, middle)]
    assert found == [True, True, True, False]


def test_steps_that_several_answers_give_are_no_boilerplate() -> None:
    steps = "1. Close the program and wait until it is gone.\n2. Open the folder of the profile in the explorer.\n3. Copy everything in it to the new computer there."
    records = [thread(f"Answer {i} for you.\n\n{steps}") for i in range(3)]
    corpus = survey(records, Goal.SUPPORT)
    assert "boilerplate" not in {f.name for f in flags_of(records[0], corpus)}
    footer = steps.replace("1. ", "").replace("2. ", "").replace("3. ", "")
    records = [thread(f"Answer {i} for you.\n\n{footer}") for i in range(3)]
    assert "boilerplate" in {f.name for f in flags_of(records[0], survey(records, Goal.SUPPORT))}


def test_a_way_through_menus_is_not_too_short() -> None:
    assert "too_short" not in support("View > Sort by > From")
    assert "too_short" in support("Check the settings")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Use port 993 with SSL/TLS there.", "Use port 143 with SSL/TLS. Port 993 is for outgoing mail."),
        ("They are kept for 30 days in the trash.", "They are kept for 90 days in the trash."),
        ("A restart of the computer is not needed.", "You need to restart the computer for that."),
        ("Choose IMAP, POP moves the messages away.", "Choose POP, IMAP would delete the messages."),
    ],
)
def test_answers_that_cannot_both_be_right_oppose_each_other(a: str, b: str) -> None:
    assert opposed(a, b)


def test_answers_that_only_differ_do_not_oppose_each_other() -> None:
    assert not opposed(
        "Open the account settings and check the server name.", "Check the server name, then restart it once."
    )


def test_sums_in_millions_and_a_month_that_is_none_are_no_stale_facts() -> None:
    assert fact_spans("This may cost the office $77.1 billion, and team members march on at 8.8.8.8.") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The trial lasts 30 days.", FactKind.POLICY),
        ("Registration closes on Friday.", FactKind.DATE),
        ("Starting in March, prices go up by 5 percent.", FactKind.PRICE),
        ("As of today, the free plan includes it.", FactKind.PLAN),
        ("Save up to 30% this week.", FactKind.OFFER),
    ],
)
def test_a_fact_that_goes_stale_is_known_by_its_kind(text: str, kind: FactKind) -> None:
    assert kind in {span.kind for span in fact_spans(text)}


def test_the_stale_fact_shown_is_the_one_that_goes_out_of_date_soonest() -> None:
    record = post(f"{PROSE}\n\nVersion 4.2 does it. The spring sale is on.")
    (flag,) = [f for f in flags_of(record, Corpus(Goal.VOICE)) if f.name == "stale_fact"]
    assert "spring sale" in record.text[flag.start : flag.end]


def test_a_pin_and_a_password_beside_its_user_are_secrets_and_a_method_is_not() -> None:
    assert [s.kind for s in secrets_in("PIN: 4711")] == ["code"]
    assert [s.kind for s in secrets_in("Log in with user admin / pass Winter!44 there")] == ["spoken password"]
    assert secrets_in("Set the password method to 0Auth2 there.") == []


def test_an_address_written_with_at_in_brackets_is_personal() -> None:
    assert [s.kind for s in personal_data("Email: j.doe (at) example (dot) com")] == ["e-mail address"]


@pytest.mark.parametrize("text", ["In May we met", "THE Latest Version", "Büro 12 in Berlin", "Windows 11 now"])
def test_the_quick_look_misses_nothing_that_the_pattern_finds(text: str) -> None:
    pattern = re.compile(r"\b(?-i:May)\b|\blatest \w+|\S+ \d+\b|(?P<Product>Windows) \d", re.IGNORECASE)
    assert bool(lowered(pattern).search(text.lower())) >= bool(pattern.search(text))

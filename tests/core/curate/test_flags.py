"""Flags with their evidence, one by one."""

from __future__ import annotations

from typing import Any

import pytest

from core.curate.flags import DUPLICATES, MEANINGS, NOTICES, WEIGHTS, Corpus, flags_of, survey
from core.curate.flags.language import identify
from core.curate.records_in import RecordIn
from core.curate.score import score_of
from core.curate.sensitive import personal_data, secrets_in
from core.nouns import Flag, Goal, RecordKind
from core.records.text import record_text

GERMAN = "Wir haben das Programm gestern installiert und seitdem startet der Rechner nicht mehr richtig. " * 6
PROSE = (
    "We wrote this down because people asked how we decide what to build and why it takes the time it takes. "
    "Most of the work is finding out which of two good ideas may wait. That needs somebody who has talked with those who "
    "use the thing, and somebody else who has to keep it running. Neither of them is right alone, and both know it. "
)


def post(body: str) -> RecordIn:
    text = record_text(RecordKind.DOCUMENT, "Title", {"body": body})
    return RecordIn("r", "r", RecordKind.DOCUMENT, "Title", text, {"body": body})


def thread(answer: str, *, by_asker: bool = False, solution: bool = True) -> RecordIn:
    content: dict[str, Any] = {
        "question": "How do I get my calendar to sync with the phone again?",
        "asker": "u",
        "messages": [
            {
                "id": "1",
                "author": "a",
                "is_asker": by_asker,
                "created_at": "",
                "text": answer,
                "is_solution": solution,
                "helpful": 0,
            }
        ],
    }
    return RecordIn("r", "r", RecordKind.THREAD, "Sync", record_text(RecordKind.THREAD, "Sync", content), content)


def names(record: RecordIn, goal: Goal = Goal.VOICE, **more: Any) -> set[str]:
    return {f.name for f in flags(record, goal, **more)}


def flags(record: RecordIn, goal: Goal, **more: Any) -> list[Flag]:
    return flags_of(record, Corpus(goal, **more))


def test_good_prose_has_no_flag() -> None:
    assert names(post(PROSE)) == set()


@pytest.mark.parametrize(
    ("body", "flag"),
    [
        (PROSE + " TODO", "placeholder"),
        ("Lorem ipsum dolor sit amet. " + PROSE, "placeholder"),
        ("Short.", "too_short"),
        (PROSE + "and then we went to the shop and bought", "truncated"),
        ("https://example.org/a-page", "link_only"),
        (PROSE + "\n".join(["> " + PROSE] * 9), "quote_only"),
        (PROSE + "Please see the attached file for the numbers.", "missing_reference"),
        (PROSE + "Write to jo@example.com about it.", "personal_data"),
        (PROSE + "The key is AKIAIOSFODNN7EXAMPLE in there.", "secret"),
        (
            "\n".join(["This very same line is said again.", "Another line that differs from it."] * 4) + PROSE,
            "repetition",
        ),
        (PROSE + "itâ€™s thereâ€™s weâ€™re donâ€™t", "mojibake"),
    ],
)
def test_a_defect_of_a_post_is_named(body: str, flag: str) -> None:
    assert flag in names(post(body))


def test_a_todo_in_a_code_block_is_no_placeholder() -> None:
    assert "placeholder" not in names(post(PROSE + "\n```\n# TODO later\n```\nDone."))


def test_a_thread_without_a_solution_has_an_empty_answer() -> None:
    assert names(thread("Restart it.", solution=False), Goal.SUPPORT) == {"empty_answer"}


def test_thanks_by_the_asker_closes_without_help() -> None:
    found = names(thread("Thanks, that solved it", by_asker=True), Goal.SUPPORT)
    assert {"asker_answer", "closing_without_help"} <= found


def test_steps_by_the_asker_are_an_asker_answer_only() -> None:
    steps = "Open Settings, choose Accounts, remove the account and add it again with the new password; then wait."
    assert names(thread(steps, by_asker=True), Goal.SUPPORT) == {"asker_answer"}


def test_the_evidence_points_at_the_words() -> None:
    record = post(PROSE + "See the attached sheet.")
    (flag,) = [f for f in flags(record, Goal.VOICE) if f.name == "missing_reference"]
    assert record.text[flag.start : flag.end] == "See the attached sheet"


def test_evidence_of_personal_data_does_not_repeat_it() -> None:
    (flag,) = [f for f in flags(post(PROSE + "Mail jo@example.com."), Goal.VOICE) if f.name == "personal_data"]
    assert "jo@" not in flag.evidence


def test_another_language_than_the_project_is_flagged() -> None:
    assert "wrong_language" in names(post(GERMAN), language="en", script="LATIN")
    assert "wrong_language" not in names(post(PROSE), language="en", script="LATIN")


def test_a_block_of_several_records_is_boilerplate() -> None:
    footer = "You receive this because you once signed up for our letter, and you can leave it whenever you like to."
    records = [post(f"{opening} {PROSE}\n\n{footer}") for opening in ("One.", "Two.", "Three.")]
    found = [flag for flag in flags_of(records[0], survey(records, Goal.VOICE)) if flag.name == "boilerplate"]
    assert [flag.value for flag in found] == [pytest.approx(1.0, abs=0.05)]


def test_language_is_only_told_of_a_long_enough_text() -> None:
    assert identify("Hallo Welt") == ""
    assert identify(GERMAN) == "de"


def test_a_majority_makes_the_main_language() -> None:
    assert survey([post(PROSE), post(PROSE + " More."), post(GERMAN)], Goal.VOICE).language == "en"
    assert survey([post(PROSE), post(GERMAN)], Goal.VOICE).language == ""


def test_a_source_that_states_the_language_is_believed() -> None:
    records = [
        RecordIn(str(i), str(i), RecordKind.DOCUMENT, "T", PROSE, {"body": PROSE}, language=code)
        for i, code in enumerate(["en-US", "en", "it"])
    ]
    corpus = survey(records, Goal.VOICE)
    assert ["wrong_language" in {f.name for f in flags_of(r, corpus)} for r in records] == [False, False, True]


def test_account_and_card_numbers_must_pass_their_check() -> None:
    assert [s.kind for s in personal_data("DE89 3704 0044 0532 0130 00")] == ["bank account"]
    assert personal_data("DE88 3704 0044 0532 0130 00") == []
    assert personal_data("8888888888888888") == []
    assert [s.kind for s in personal_data("4539 1488 0343 6467")] == ["card number"]


def test_digits_in_a_link_are_no_phone_number() -> None:
    assert personal_data("https://example.org/555-010-0199/page") == []


def test_an_assigned_key_is_a_secret() -> None:
    assert [s.kind for s in secrets_in('api_key = "9f8a7b6c5d4e3f2a1b"')] == ["assigned secret"]


def test_every_defect_but_the_duplicates_has_a_weight_and_all_have_a_meaning() -> None:
    assert set(WEIGHTS) == set(MEANINGS) - NOTICES - DUPLICATES


def test_the_score_is_the_product_of_what_speaks_against_it() -> None:
    score = score_of([Flag("truncated", "x"), Flag("boilerplate", "y"), Flag("personal_data", "z")], {})
    assert score.value == pytest.approx(0.5 * 0.7)
    assert len(score.reasons) == 2


def test_nothing_against_a_record_gives_one_and_says_so() -> None:
    assert score_of([], {}).reasons == ("Nothing lowers its score.",)


def test_an_answer_that_ends_on_a_word_no_sentence_ends_on_is_truncated() -> None:
    answer = "Open the settings of the calendar, choose the account that you use on the phone, and then the"
    assert "truncated" in names(thread(answer), Goal.SUPPORT)


def test_an_answer_without_a_last_full_stop_is_not_truncated() -> None:
    answer = "Open the settings of the calendar, choose the account that you use on the phone, and press sync"
    assert "truncated" not in names(thread(answer), Goal.SUPPORT)

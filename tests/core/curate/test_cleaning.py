"""Cleaning steps: what each takes, what it leaves alone, and what holds for any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.curate.cleaning.boilerplate import framing_lines
from core.curate.cleaning.changes import Around, Change, applied, settled
from core.curate.cleaning.record import clean_record
from core.curate.cleaning.steps import DEFAULT_STEPS, STEPS, checked_steps, clean, run_step
from core.errors import Invalid
from core.nouns import RecordKind

ALONE = Around()
FOOTER = "This answer was written by the Arkwell support team."
COMMON = Around(common=frozenset({FOOTER, "Ticket closed by the desk"}))

CASES = [
    ("mend_mojibake", "The cafÃ© doesnâ€™t open.", "The café doesn’t open."),
    ("mend_mojibake", "“Curly” &amp; ﬁne, naïve Ａ.", "“Curly” &amp; ﬁne, naïve Ａ."),
    ("mend_mojibake", "Run this:\n\n```\nprint('Ã©')\n```\n\nand `Ã©` too, cafÃ©.", "Run this:\n\n```\nprint('Ã©')\n```\n\nand `Ã©` too, café."),
    ("mend_mojibake", "A lost letter: Thï¿½ringen.", "A lost letter: Thï¿½ringen."),
    ("html_to_markdown", 'See <a href="https://a.example/x">the guide</a> now.', "See [the guide](https://a.example/x) now."),
    ("html_to_markdown", "One<br>two <b>bold</b>.", "One\ntwo **bold**."),
    ("html_to_markdown", "| a<br>b | c |", "| a b | c |"),
    ("html_to_markdown", "<div>\n\n## Kept\n\n- as it is\n\n</div>", "\n\n## Kept\n\n- as it is\n\n"),
    ("html_to_markdown", "Write `<br>` or:\n\n```html\n<b>x</b>\n```", "Write `<br>` or:\n\n```html\n<b>x</b>\n```"),
    ("html_to_markdown", "When a <b and c> d", "When a <b and c> d"),
    ("html_to_markdown", "<p>Type &lt;br&gt; here</p>", "Type &lt;br&gt; here"),
    ("html_to_markdown", "Seen.<!-- more --> Done.", "Seen. Done."),
    ("strip_quoted_replies", "Restart it.\n\nOn 3 May 2024, at 10:12, Ann <a@b.example> wrote:\n> It hangs.\n> Help.", "Restart it."),
    ("strip_quoted_replies", "Starte neu.\n\nAm 3. Mai 2024 um 10:12 schrieb Ann:\n\n> Es hängt.", "Starte neu."),
    ("strip_quoted_replies", "Done.\n\n-----Original Message-----\nFrom: Ann\nSent: Monday\nSubject: It hangs\n\nIt hangs.", "Done."),
    ("strip_quoted_replies", "Done.\n\nFrom: Ann\nSent: Monday\nTo: Support\nSubject: It hangs\n\nIt hangs.", "Done."),
    ("strip_quoted_replies", "Look at this.\n\n---------- Forwarded message ---------\nFrom: Ann\nDate: Monday\n\nThe error says 4411.", "Look at this.\n\nThe error says 4411."),
    ("strip_quoted_replies", "*ann [said](#answer-12)*\n> It hangs.\n\nRestart it.", "Restart it."),
    ("strip_quoted_replies", "The log says:\n\n> Error 4411: no such host\n\nThat is your router.", "The log says:\n\n> Error 4411: no such host\n\nThat is your router."),
    ("strip_quoted_replies", "Set these:\n\nFrom: your address\nTo: ours\n\nThen send.", "Set these:\n\nFrom: your address\nTo: ours\n\nThen send."),
    ("strip_quoted_replies", "Ann wrote:\n> One?\n\nYes.\n\nAnn wrote:\n> Two?\n\nNo.", "Ann wrote:\n> One?\n\nYes.\n\nAnn wrote:\n> Two?\n\nNo."),
    ("strip_signatures", "Restart it.\n\n-- \nBo Lind\nArkwell support", "Restart it."),
    ("strip_signatures", "Restart it.\n\nSent from my iPhone", "Restart it."),
    ("strip_signatures", "Restart it.\n\nBo Lind\nTel: +44 20 7946 0000\nwww.arkwell.example", "Restart it."),
    ("strip_signatures", "Restart it.\n\nThis e-mail and any attachments are confidential and intended solely for the addressee.", "Restart it."),
    ("strip_signatures", "A heading\n--\n\nBelow it.", "A heading\n--\n\nBelow it."),
    ("strip_signatures", "Use either:\n\n- https://a.example\n- https://b.example", "Use either:\n\n- https://a.example\n- https://b.example"),
    ("strip_signatures", "It was sent from my phone and never arrived.", "It was sent from my phone and never arrived."),
    ("strip_signatures", "Run:\n\n```\n-- \nselect 1\n```", "Run:\n\n```\n-- \nselect 1\n```"),
    ("strip_greetings_closings", "Hi Ann,\n\nrestart it.\n\nKind regards,\nBo Lind", "restart it."),
    ("strip_greetings_closings", "Hello Ann, please restart it.", "Please restart it."),
    ("strip_greetings_closings", "Restart it.\n\nThanks in advance!", "Restart it."),
    ("strip_greetings_closings", "Restart it.\n\nCheers, James", "Restart it."),
    ("strip_greetings_closings", "Hi this is broken\n\nSince Monday.", "Hi this is broken\n\nSince Monday."),
    ("strip_greetings_closings", "Restart it.\n\nThanks, that worked.", "Restart it.\n\nThanks, that worked."),
    ("strip_greetings_closings", "Restart it.\n\nLet me know if it hangs again.", "Restart it.\n\nLet me know if it hangs again."),
    ("strip_greetings_closings", "Which mail program?\n\nThunderbird", "Which mail program?\n\nThunderbird"),
    ("drop_boilerplate", f"Restart it.\n\n{FOOTER}", "Restart it."),
    ("drop_boilerplate", f"Ticket closed by the desk\n\nRestart it.\n\n{FOOTER}\n", "Restart it."),
    ("drop_boilerplate", f"First.\n\n{FOOTER}\n\nThen restart it.", f"First.\n\n{FOOTER}\n\nThen restart it."),
    ("drop_boilerplate", f"1. Stop it.\n{FOOTER}", f"1. Stop it.\n{FOOTER}"),
    ("drop_tracking_parameters", "See https://a.example/x?utm_source=mail&id=7&fbclid=Ab1.", "See https://a.example/x?id=7."),
    ("drop_tracking_parameters", "[x](https://a.example/?utm_medium=a&amp;utm_source=b) and (https://b.example/?gclid=1).", "[x](https://a.example/) and (https://b.example/)."),
    ("drop_tracking_parameters", "https://a.example/?q=utm_source=1#utm_x and `https://a.example/?gclid=1`", "https://a.example/?q=utm_source=1#utm_x and `https://a.example/?gclid=1`"),
    ("drop_tracking_parameters", "<https://a.example/s?x=1&utm_term=a%20b#part>", "<https://a.example/s?x=1#part>"),
]  # fmt: skip


def around_of(step: str) -> Around:
    return COMMON if step == "drop_boilerplate" else ALONE


@pytest.mark.parametrize(("step", "before", "after"), CASES)
def test_a_step_makes_of_the_text_before_the_text_after(step: str, before: str, after: str) -> None:
    cleaned = run_step(step, before, around_of(step))
    assert cleaned.text == after
    assert applied(before, cleaned.changes) == after
    assert not cleaned.is_left_whole


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_case_that_changes_and_one_that_does_not(step: str) -> None:
    changed = {before != after for name, before, after in CASES if name == step}
    assert changed == {True, False}


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("strip_greetings_closings", "Hello,\n\nKind regards,\nBo"),
        ("strip_quoted_replies", "On 3 May 2024, Ann wrote:\n> It hangs."),
        ("strip_signatures", "-- \nBo Lind"),
        ("drop_boilerplate", FOOTER),
        ("html_to_markdown", "<!-- nothing else -->"),
    ],
)
def test_a_step_that_would_leave_nothing_leaves_something_and_says_so(step: str, text: str) -> None:
    cleaned = run_step(step, text, around_of(step))
    assert cleaned.is_left_whole
    assert cleaned.text.strip()


def test_words_of_an_earlier_message_are_a_quotation_and_others_are_not() -> None:
    earlier = Around(("Since Monday my calendar shows every entry two times.",))
    quoted = "> Since Monday my calendar shows every entry two times.\n\nRestart it."
    assert run_step("strip_quoted_replies", quoted, earlier).text == "Restart it."
    assert run_step("strip_quoted_replies", quoted, ALONE).text == quoted


pieces = st.sampled_from([
    "Hi Ann,", "Hello", "hello there, Bob: ", "Kind regards,", "Bo Lind", "Thanks!", "> quoted", "> > nested", "On 3 May 2024, Ann wrote:",
    "-----Original Message-----", "From: Ann", "Sent: Monday", "Subject: x", "---------- Forwarded message ---------", "-- ", "--",
    "Sent from my iPhone", "Tel: +44 20 7946 0000", "www.arkwell.example", "```", "~~~", "`code`", "<b>", "</b>", "<div>", "</div>", "<br>",
    "<!--", "-->", '<a href="https://a.example/?utm_source=1">x</a>', "https://a.example/?utm_source=1&x=2&amp;gclid=3).", "&lt;br&gt;",
    "cafÃ©", "donâ€™t", "Ã", FOOTER, "Ticket closed by the desk", "ann said", "*ann [said](#answer-1)*", "Restart the program.", "", " ",
])  # fmt: skip
texts = st.lists(st.tuples(pieces, st.sampled_from(["\n", "\n\n", " ", ""])), max_size=14).map(
    lambda parts: "".join(piece + between for piece, between in parts)
)


def test_two_headers_of_forwarded_mails_in_a_row_go_once() -> None:
    header = "---------- Forwarded message ---------"
    cleaned = run_step("strip_quoted_replies", f"As I said.\n\n{header}\n{header}", ALONE)
    assert (cleaned.text.strip(), len(cleaned.changes)) == ("As I said.", 2)
    assert cleaned.changes[0].end <= cleaned.changes[1].start


@pytest.mark.parametrize("step", STEPS)
@settings(max_examples=150, deadline=None)
@given(text=st.one_of(texts, st.text(max_size=60)), earlier=texts)
def test_cleaning_a_clean_text_changes_nothing_and_offsets_are_true(step: str, text: str, earlier: str) -> None:
    around = Around((earlier,), COMMON.common)
    once = run_step(step, text, around)
    assert applied(text, once.changes) == once.text
    ends = [0, *(change.end for change in once.changes)]
    assert all(end <= change.start <= change.end for end, change in zip(ends, once.changes, strict=False))
    again = run_step(step, once.text, around)
    assert (again.text, again.changes) == (once.text, ())
    assert bool(once.text.strip()) == bool(text.strip())


@pytest.mark.parametrize("step", STEPS)
@settings(max_examples=100, deadline=None)
@given(text=texts)
def test_code_in_a_fence_is_never_touched(step: str, text: str) -> None:
    code = "\n".join(["Hi Ann,", "> x", "-- ", FOOTER, "<b>y</b>", "cafÃ© https://a.example/?gclid=1", "Thanks!"])
    block = f"````\n{code}\n````"
    above = text.replace("```", "").replace("~~~", "") + "\n\n"
    cleaned = run_step(step, f"{above}{block}\n\nThe end of it all", COMMON)
    # It may go whole, as part of a mail that was answered; nothing begins or ends inside of it.
    inside = range(len(above) + 1, len(above) + len(block))
    assert not any(change.start in inside or change.end in inside for change in cleaned.changes)


@given(
    st.text("ab", max_size=12),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.sampled_from(["", "a", "bb"])), max_size=3),
)
def test_rounds_of_a_step_read_as_changes_on_the_first_text(text: str, edits: list[tuple[int, int, str]]) -> None:
    waiting = list(edits)

    def find(now: str, around: Around) -> list[Change]:
        if not waiting:
            return []
        start, length, put = waiting.pop()
        start = min(start, len(now))
        return [Change(start, min(start + length, len(now)), put, "one")]

    cleaned = settled(find, text, ALONE)
    assert applied(text, cleaned.changes) == cleaned.text


def test_steps_work_in_their_own_order_and_say_what_they_did() -> None:
    text = "Hi Ann,\n\nRestart it, donâ€™t wait.\n\nBest,\nBo\n\nSent from my iPhone"
    after, done = clean(text, ["strip_greetings_closings", "strip_signatures", "mend_mojibake"], ALONE)
    assert after == "Restart it, don’t wait."
    assert [one.step for one in done] == ["mend_mojibake", "strip_signatures", "strip_greetings_closings"]
    assert done[0].before == text
    assert done[-1].after == after


def test_an_unknown_step_names_those_there_are() -> None:
    with pytest.raises(Invalid, match="'wash' is not a cleaning step"):
        checked_steps(["wash"])


def test_only_letters_and_links_are_cleaned_unless_a_person_asks() -> None:
    assert DEFAULT_STEPS == ("mend_mojibake", "drop_tracking_parameters")


def test_a_thread_is_cleaned_in_every_message_and_the_stored_one_stays() -> None:
    content = {
        "question": "Hello,\n\nit hangs.",
        "messages": [
            {"author": "bo", "text": "Hi,\n\nRestart it.", "is_solution": True},
            {"author": "ann", "text": "Thanks!", "is_solution": False},
        ],
    }
    before = json.dumps(content)
    cleaned = clean_record(RecordKind.THREAD, content, ["strip_greetings_closings"], common=frozenset())
    assert cleaned.content["question"] == "it hangs."
    assert [m["text"] for m in cleaned.content["messages"]] == ["Restart it.", "Thanks!"]
    assert [part.label for part in cleaned.parts] == ["question", "accepted answer by bo", "message by ann"]
    # Of the message that would have been left empty nothing is learnt.
    assert (cleaned.steps, cleaned.left_whole_by) == (("strip_greetings_closings",), ())
    assert json.dumps(content) == before


def test_of_a_change_the_comments_are_cleaned_and_never_the_code() -> None:
    content = {"diff": "+ x = 'cafÃ©'", "comments": [{"author": "bo", "text": "Why cafÃ©?"}]}
    cleaned = clean_record(RecordKind.DIFF, content, ["mend_mojibake"], common=frozenset())
    assert cleaned.content["diff"] == "+ x = 'cafÃ©'"
    assert cleaned.content["comments"][0]["text"] == "Why café?"


def test_a_line_frames_texts_when_it_ends_three_of_them() -> None:
    records = [(f"Question {n}.", f"Answer {n}.\n\nIn two lines.\n\n{FOOTER}") for n in range(3)]
    assert framing_lines(records) == {FOOTER, "In two lines."}
    assert framing_lines(records[:2]) == frozenset()


def test_texts_that_only_look_garbled_stay_and_garbled_ones_are_mended(real_data: Path) -> None:
    folder = real_data / "robustness" / "ftfy-mojibake"
    cases = {
        name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("negative", "in-the-wild")
    }
    for case in cases["negative"]:
        if case["expect"] == "pass" and case["original"] == case["fixed"]:
            assert run_step("mend_mojibake", case["original"], ALONE).changes == (), case["label"]
    wild = [case for case in cases["in-the-wild"] if case["expect"] == "pass"]
    mended = sum(
        run_step("mend_mojibake", case["original"], ALONE).text == case.get("fixed-encoding", case["fixed"])
        for case in wild
    )
    assert mended >= 0.9 * len(wild)

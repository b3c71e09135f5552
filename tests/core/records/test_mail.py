"""Messages of mbox and EML files, and the threads that they make."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from core.errors import UnreadableFile
from core.nouns import Goal
from core.records.mail import without_quotation
from core.records.parsing import ParsedFile, parse_file

ANN, BOB, EVE = "Ann Ask <ann@example.org>", "Bob Help <bob@example.org>", "Eve <eve@example.org>"


def message(
    text: str, sender: str, to: str = BOB, *, subject: str = "Printer", id: str = "", answers: str = "", minute: int = 0, **headers: str
) -> EmailMessage:  # fmt: skip
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = f"Tue, 02 Jan 2024 10:{minute:02d}:00 +0100"
    if id:
        made["Message-ID"] = f"<{id}@example.org>"
    if answers:
        made["In-Reply-To"] = f"<{answers}@example.org>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def mailbox(tmp_path: Path, *messages: EmailMessage | bytes, goal: Goal = Goal.SUPPORT) -> ParsedFile:
    path = tmp_path / "box.mbox"
    contents = [one if isinstance(one, bytes) else one.as_bytes() for one in messages]
    path.write_bytes(b"".join(b"From ann@example.org Tue Jan  2 10:00:00 2024\n" + one + b"\n\n" for one in contents))
    return parse_file(path, "box.mbox", goal, {})


def test_a_question_and_its_replies_are_one_thread(tmp_path: Path) -> None:
    parsed = mailbox(
        tmp_path,
        message("It does not print.", ANN, id="a", minute=0),
        message("Unrelated.", EVE, id="x", subject="Other", minute=1),
        message("Turn it on.", BOB, ANN, id="b", answers="a", subject="Re: Printer", minute=7),
        message("Thank you.", ANN, id="c", answers="b", subject="AW: Re: Printer", minute=9),
    )
    thread, other = parsed.records
    assert (thread.external_id, thread.row, thread.title) == ("a@example.org", 1, "Printer")
    assert thread.content["question"] == "It does not print."
    assert thread.content["asker"] == "Ann Ask"
    assert [(m["author"], m["text"], m["is_asker"], m["is_solution"]) for m in thread.content["messages"]] == [
        ("Bob Help", "Turn it on.", False, True),
        ("Ann Ask", "Thank you.", True, False),
    ]
    assert thread.meta == {
        "created_at": "2024-01-02T09:00:00Z", "customer": "ann@example.org", "first_reply_at": "2024-01-02T09:07:00Z",
        "solution_inferred": True,
    }  # fmt: skip
    assert (other.title, other.content["messages"]) == ("Other", [])


def test_replies_to_a_message_that_is_not_there_belong_together(tmp_path: Path) -> None:
    parsed = mailbox(
        tmp_path,
        message("One.", ANN, id="a", answers="lost", minute=1),
        message("Two.", BOB, ANN, id="b", answers="lost", minute=2),
    )
    assert [[m["text"] for m in record.content["messages"]] for record in parsed.records] == [["Two."]]


def test_a_subject_joins_only_a_reply_without_ids_between_the_same_people(tmp_path: Path) -> None:
    parsed = mailbox(
        tmp_path,
        message("Mine does not print.", ANN, id="a", minute=0),
        message("Turn it on.", BOB, ANN, subject="Re: Printer", minute=1),
        message("Turn it off.", BOB, EVE, subject="Re: Printer", minute=2),
        message("Mine does not either.", EVE, id="e", minute=3),
    )
    assert [(r.content["question"], len(r.content["messages"])) for r in parsed.records] == [
        ("Mine does not print.", 1), ("Turn it off.", 0), ("Mine does not either.", 0),
    ]  # fmt: skip


def test_for_a_voice_every_message_is_a_document(tmp_path: Path) -> None:
    parsed = mailbox(
        tmp_path,
        message("First.", ANN, id="a"),
        message("Second.", BOB, ANN, id="b", answers="a", subject="Re: Printer", X_Gmail_Labels="Sent,Help"),
        goal=Goal.VOICE,
    )
    assert [(r.external_id, r.row, r.title, r.content, r.meta.get("tags")) for r in parsed.records] == [
        ("a@example.org", 1, "Printer", {"body": "First."}, None),
        ("b@example.org", 2, "Printer", {"body": "Second."}, ["Sent", "Help"]),
    ]
    assert parsed.records[1].meta["author"] == "Bob Help"


def test_plain_text_is_preferred_and_html_becomes_markdown(tmp_path: Path) -> None:
    both = message("Plain.", ANN, id="a")
    both.add_alternative("<p>Rich.</p>", subtype="html")
    only = message("", ANN, id="b")
    only.set_content("<p>Only <b>rich</b>.</p>", subtype="html")
    parsed = mailbox(tmp_path, both, only, goal=Goal.VOICE)
    assert [r.content["body"] for r in parsed.records] == ["Plain.", "Only **rich**."]


def test_attachments_are_named_and_not_read(tmp_path: Path) -> None:
    with_file = message("See the picture.", ANN, id="a")
    with_file.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="one.png")
    alone = message("", ANN, id="b")
    alone.add_attachment(b"secret,words", maintype="text", subtype="csv", filename="two.csv")
    parsed = mailbox(tmp_path, with_file, alone, goal=Goal.VOICE)
    assert [r.meta["extra"] for r in parsed.records] == [{"attachments_not_read": ["one.png"]}]
    assert [(r.row, r.reason) for r in parsed.rejected] == [
        (2, "The message holds no text that is its own; attachments are not read (two.csv).")
    ]


@pytest.mark.parametrize(
    ("text", "own", "n_quoted"),
    [
        ("So.\n\nOn 2 Jan 2024 Ann wrote:\n> How?\n>\n> Yours", "So.", 4),
        ("So.\n\nAm 02.01.2024 um 10:00 schrieb\nAnn Ask <ann@example.org>:\n\n> How?", "So.", 3),
        ("So.\n\n-----Original Message-----\nFrom: Ann\nSent: Monday\n\nHow?", "So.", 4),
        ("> How?\n\nSo.\n\n> And?\n\nSo too.", "> How?\n\nSo.\n\n> And?\n\nSo too.", 0),
        ("Three things remain:\n\n1. one\n2. two", "Three things remain:\n\n1. one\n2. two", 0),
        ("> only quoted", "", 1),
    ],
)
def test_what_is_quoted_at_the_end_is_left_out_and_counted(text: str, own: str, n_quoted: int) -> None:
    assert without_quotation(text) == (own, n_quoted)


def test_left_out_quotations_are_noted_with_the_record(tmp_path: Path) -> None:
    parsed = mailbox(tmp_path, message("So.\n\nOn 2 Jan 2024 Ann wrote:\n> How?", BOB, id="a"), goal=Goal.VOICE)
    assert parsed.records[0].meta["extra"] == {"quoted_lines_left_out": 2}


def test_lines_that_flow_are_joined(tmp_path: Path) -> None:
    flowed = message("A sentence that \ngoes on.\n-- \nAnn", ANN, id="a")
    flowed.set_param("format", "flowed")
    assert mailbox(tmp_path, flowed, goal=Goal.VOICE).records[0].content["body"] == "A sentence that goes on.\n-- \nAnn"


def test_a_line_of_the_text_may_begin_with_from(tmp_path: Path) -> None:
    text = b"Subject: x\nMessage-ID: <a@b>\n\nHello.\n\n>From here on.\nFrom now on.\n\nFrom then on, too."
    parsed = mailbox(tmp_path, text, goal=Goal.VOICE)
    assert [r.content["body"] for r in parsed.records] == [
        "Hello.\n\nFrom here on.\nFrom now on.\n\nFrom then on, too."
    ]


def test_broken_messages_are_refused_one_by_one_with_their_place(tmp_path: Path) -> None:
    parsed = mailbox(
        tmp_path,
        message("One.", ANN, id="a"),
        b"no header at all",
        b"Subject: x\nContent-Type: text/plain; charset=no-such-thing\n\nabc",
        message("Away until Monday.", BOB, id="d", Auto_Submitted="auto-replied"),
        message("One.", ANN, id="a"),
        message("Two.", ANN, id="f"),
        goal=Goal.VOICE,
    )
    assert [r.row for r in parsed.records] == [1, 6]
    assert [(r.row, r.reason[:46]) for r in parsed.rejected] == [
        (2, "The message has no header lines. Export it aga"),
        (3, "The message cannot be read: unknown encoding: "),
        (4, "It was sent by a machine (Auto-Submitted: auto"),
        (5, "The message is there already, at place 1."),
    ]


def test_a_mailbox_without_an_ending_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "Inbox"
    path.write_bytes(b"From - Tue Jan  2 10:00:00 2024\n" + message("Hello.", ANN, id="a").as_bytes())
    assert [r.content for r in parse_file(path, "Inbox", Goal.VOICE, {}).records] == [{"body": "Hello."}]


def test_one_message_in_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(message("Grüße aus Köln.", ANN, id="a", subject="Grüße").as_bytes())
    (record,) = parse_file(path, "one.eml", Goal.VOICE, {}).records
    assert (record.title, record.content) == ("Grüße", {"body": "Grüße aus Köln."})


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("one.eml", b"just a text", "no e-mail message"),
        ("box.mbox", b"just a text", "no mailbox"),
        ("box.mbox", b"\n\n", "is empty"),
    ],
)
def test_files_that_hold_no_mail_are_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=words):
        parse_file(path, name, Goal.VOICE, {})

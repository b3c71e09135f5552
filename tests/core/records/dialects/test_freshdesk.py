"""Freshdesk's exports: tickets with public conversations become threads, private notes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import UnreadableFile
from core.nouns import RecordKind
from tests.core.records.dialects.exports import everything, read_csv, read_json, said_in

ASKER, AGENT = 3001, 77


def one(number: int, author: int | None, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "user_id": author, "body": f"<div>{text}</div>", "body_text": text, "incoming": author == ASKER,
        "private": False, "source": 0, "created_at": f"2024-05-02T09:{number:02}:00Z", "attachments": [],
    } | more  # fmt: skip


def ticket(*conversations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": 20, "subject": "Cannot log in", "description": "<div>The page says <b>error 7</b>.</div>",
        "description_text": "The page says error 7.", "status": 5, "priority": 3, "source": 2, "type": "Question",
        "requester_id": ASKER, "responder_id": AGENT, "company_id": 12, "cc_emails": [], "fr_escalated": False, "spam": False,
        "due_by": "2024-05-05T09:00:00Z", "is_escalated": False, "tags": ["login"], "custom_fields": {"cf_product": "Desk"},
        "created_at": "2024-05-02T09:00:00Z", "updated_at": "2024-05-03T09:00:00Z",
        "requester": {"id": ASKER, "name": "Ada Birk", "email": "ada@birk.example", "language": "de"},
        "stats": {
            "first_responded_at": "2024-05-02T09:02:00Z", "resolved_at": "2024-05-02T09:02:30Z", "reopened_at": None,
        },
        "conversations": list(conversations),
    } | more  # fmt: skip


CONVERSATIONS = (
    one(1, AGENT, "She is on the blocked list.", private=True, source=2),
    one(2, AGENT, "Reset it with the link below the form."),
    one(3, ASKER, "That did it."),
    one(4, AGENT, "Please rate us."),
)


def test_a_ticket_becomes_a_thread_with_its_facts_and_the_inferred_solution(tmp_path: Path) -> None:
    parsed = read_json(tmp_path, [ticket(*CONVERSATIONS)])
    (thread,) = parsed.records
    assert (thread.kind, thread.external_id, thread.title) == (RecordKind.THREAD, "20", "Cannot log in")
    assert thread.content["question"] == "The page says **error 7**."
    assert said_in(thread) == [
        ("Reset it with the link below the form.", False, True),
        ("That did it.", True, False),
        # After the ticket was resolved.
        ("Please rate us.", False, False),
    ]
    facts = (
        "customer",
        "category",
        "language",
        "status",
        "priority",
        "first_reply_at",
        "resolved_at",
        "reopened",
        "tags",
    )
    assert {name: thread.meta[name] for name in facts} == {
        "customer": "12", "category": "Question", "language": "de", "status": "closed", "priority": "high",
        "first_reply_at": "2024-05-02T09:02:00Z", "resolved_at": "2024-05-02T09:02:30Z", "reopened": False, "tags": ["login"],
    }  # fmt: skip
    assert thread.meta["extra"]["custom_fields"] == {"cf_product": "Desk"}
    assert parsed.notes[0] == "Freshdesk export: 1 ticket, 1 internal note left out."


def test_a_private_note_and_one_that_does_not_say_are_nowhere_in_what_is_stored(tmp_path: Path) -> None:
    silent = one(5, AGENT, "The owner owes us money.")
    del silent["private"]
    stored = everything(read_json(tmp_path, [ticket(*CONVERSATIONS, silent)]))
    assert "blocked list" not in stored
    assert "owes us" not in stored


def test_numbers_as_texts_and_nulls_are_understood(tmp_path: Path) -> None:
    odd = ticket(
        one(1, None, "Try again.", private="false", incoming="false", user_id="77.0"),
        id="20", status="4", priority="1", requester_id="3001", stats=None, requester=None, company_id=None, tags=None,
    )  # fmt: skip
    (thread,) = read_json(tmp_path, [odd]).records
    assert said_in(thread) == [("Try again.", False, True)]
    assert (thread.meta["status"], thread.meta["priority"], thread.content["asker"]) == ("resolved", "low", "3001")
    assert "reopened" not in thread.meta


def test_a_message_from_outside_is_never_the_solution(tmp_path: Path) -> None:
    copied = one(2, 9999, "Same here.", incoming=True)
    nobody = one(3, None, "From a deleted person.", incoming=None)
    (thread,) = read_json(tmp_path, [ticket(copied, nobody, stats=None)]).records
    assert [is_solution for _, _, is_solution in said_in(thread)] == [False, False]
    assert "solution_inferred" not in thread.meta


def test_spam_and_deleted_tickets_are_refused_with_the_reason(tmp_path: Path) -> None:
    parsed = read_json(tmp_path, [ticket(spam=True), ticket(id=21, deleted=True), ticket(*CONVERSATIONS, id=22)])
    assert [r.external_id for r in parsed.records] == ["22"]
    assert ["spam" in row.reason or "deleted" in row.reason for row in parsed.rejected] == [True, True]


def test_a_mail_that_the_team_sent_first_begins_with_the_first_answer_to_it(tmp_path: Path) -> None:
    sent = ticket(one(1, ASKER, "Which form?"), one(2, AGENT, "The blue one."), source=10, stats={})
    (thread,) = read_json(tmp_path, [sent, ticket(id=21, source=10)]).records
    assert thread.content["question"] == "Which form?"
    assert said_in(thread) == [("The blue one.", False, True)]


def test_an_attachment_alone_asks_in_its_subject(tmp_path: Path) -> None:
    (thread,) = read_json(tmp_path, [ticket(description="<div><img src='a.png'></div>", description_text="")]).records
    assert (thread.title, thread.content["question"]) == ("", "Cannot log in")


def test_tickets_without_conversations_are_questions_and_it_is_said(tmp_path: Path) -> None:
    bare = ticket()
    del bare["conversations"]
    parsed = read_json(tmp_path, [bare])
    assert said_in(parsed.records[0]) == []
    assert any("without an answer" in note for note in parsed.notes)


def test_a_list_as_csv_is_questions_without_answers(tmp_path: Path) -> None:
    header = "Ticket ID,Subject,Description,Status,Priority,Type,Created time,Resolved time,Tags,Full name,Email,Company Name,Agent interactions,Initial response time"
    row = '20,Cannot log in,"Error 7, ""again""",Closed,High,Question,2024-05-02 09:00:00,2024-05-03 09:00:00,"login,web",Ada Birk,ada@birk.example,Birk,2,2024-05-02 09:02:00'
    parsed = read_csv(tmp_path, f"{header}\r\n{row}\r\n", encoding="utf-8-sig")
    (thread,) = parsed.records
    assert (thread.content["question"], thread.content["messages"], thread.content["asker"]) == (
        'Error 7, "again"',
        [],
        "Ada Birk",
    )
    assert (thread.meta["customer"], thread.meta["tags"], thread.meta["status"]) == ("Birk", ["login", "web"], "closed")
    assert thread.meta["first_reply_at"] == "2024-05-02T09:02:00"
    assert parsed.notes[0] == "Freshdesk ticket list: 1 ticket."


def test_a_list_with_subjects_alone_is_refused_with_what_to_export(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="subjects alone"):
        read_csv(
            tmp_path, "Ticket ID,Subject,Status,Agent interactions,Resolution status\n20,Login,Closed,2,Within SLA\n"
        )

"""Intercom's conversations: what people wrote to each other becomes a thread, the team's notes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.core.records.dialects.exports import everything, read_json, read_lines, said_in

USER = {"type": "user", "id": "u1", "name": "Tarek Lunn", "email": "tarek@lunn.example"}
ADMIN = {"type": "admin", "id": "a1", "name": "Vera Stein"}
BOT = {"type": "bot", "id": "b1", "name": "Operator"}


def part(number: int, kind: str, author: dict[str, Any], body: str | None, **more: Any) -> dict[str, Any]:
    return {
        "type": "conversation_part", "id": str(number), "part_type": kind, "author": author, "body": body,
        "created_at": 1_709_287_200 + 60 * number, "attachments": [], "redacted": False,
    } | more  # fmt: skip


def conversation(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "conversation", "id": "215", "created_at": 1_709_287_200, "updated_at": 1_709_290_000, "title": None,
        "source": {
            "type": "conversation", "id": "9", "delivered_as": "customer_initiated", "subject": "", "author": USER,
            "body": "<p>How do I <b>export</b> my data?</p>", "attachments": [],
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c1"}]},
        "state": "closed", "open": False,
        "tags": {"type": "tag.list", "tags": [{"type": "tag", "id": "1", "name": "export"}]},
        "statistics": {"last_close_at": 1_709_287_200 + 600, "count_reopens": 0, "first_admin_reply_at": 1_709_287_320},
        "conversation_rating": {"rating": 5, "remark": "quick"},
        "custom_attributes": {"Language": "Dutch"},
        "conversation_parts": {
            "type": "conversation_part.list", "conversation_parts": list(parts), "total_count": len(parts),
        },
    } | more  # fmt: skip


PARTS = (
    part(1, "comment", BOT, "<p>The team replies in an hour.</p>"),
    part(2, "assignment", ADMIN, "<p>He is on the big plan, careful.</p>", assigned_to={"type": "team", "id": "7"}),
    part(3, "note", ADMIN, "<p>Told to leave in May: 1200 a year.</p>"),
    part(4, "comment", ADMIN, "<p>Settings, then <i>Export</i>.</p><ul><li>CSV</li></ul>"),
    part(5, "comment", USER, "<p>Thanks&nbsp;!</p>"),
    part(6, "close", ADMIN, None),
)


def test_a_conversation_becomes_a_thread_with_its_facts_and_the_inferred_solution(tmp_path: Path) -> None:
    parsed = read_json(tmp_path, conversation(*PARTS))
    (thread,) = parsed.records
    assert (thread.external_id, thread.content["question"], thread.content["asker"]) == (
        "215", "How do I **export** my data?", "Tarek Lunn",
    )  # fmt: skip
    assert said_in(thread) == [("Settings, then *Export*.\n\n- CSV", False, True), ("Thanks !", True, False)]
    facts = ("tags", "language", "status", "satisfaction", "created_at", "first_reply_at", "resolved_at", "reopened")
    assert {name: thread.meta[name] for name in facts} == {
        "tags": ["export"], "language": "Dutch", "status": "closed", "satisfaction": "5",
        "created_at": "2024-03-01T10:00:00Z", "first_reply_at": "2024-03-01T10:04:00Z",
        "resolved_at": "2024-03-01T10:10:00Z", "reopened": False,
    }  # fmt: skip
    assert thread.meta["solution_inferred"] is True
    assert parsed.notes[0] == (
        "Intercom export: 1 conversation, 2 internal notes left out, 1 automatic message left out."
    )


def test_notes_and_words_of_an_assignment_are_nowhere_in_what_is_stored(tmp_path: Path) -> None:
    stored = everything(read_json(tmp_path, conversation(*PARTS)))
    assert "1200 a year" not in stored
    assert "big plan" not in stored


def test_a_conversation_that_the_team_opened_begins_with_the_first_question(tmp_path: Path) -> None:
    opened = conversation(
        part(1, "comment", USER, "<p>Can I pay by invoice?</p>"),
        part(2, "comment", ADMIN, "<p>Yes, from ten seats.</p>"),
    )
    opened["source"] |= {"delivered_as": "admin_initiated", "author": ADMIN, "body": "<p>Hello there.</p>"}
    parsed = read_json(tmp_path, opened)
    (thread,) = parsed.records
    assert thread.content["question"] == "Can I pay by invoice?"
    assert said_in(thread) == [("Yes, from ten seats.", False, True)]
    assert "1 message before the question left out" in parsed.notes[0]


def test_a_message_to_all_that_nobody_answered_is_refused_with_the_reason(tmp_path: Path) -> None:
    news = conversation()
    news["source"] |= {"author": ADMIN, "body": "<p>We have news.</p>"}
    parsed = read_json(tmp_path, [news, conversation(*PARTS)])
    assert len(parsed.records) == 1
    assert "no question" in parsed.rejected[0].reason


def test_a_closed_conversation_whose_last_word_is_the_askers_takes_the_teams(tmp_path: Path) -> None:
    (thread,) = read_json(tmp_path, conversation(part(1, "comment", USER, "<p>Found it myself.</p>"))).records
    assert said_in(thread) == [("Found it myself.", True, False)]
    assert "solution_inferred" not in thread.meta


def test_a_reply_that_closes_is_said_to_the_asker(tmp_path: Path) -> None:
    (thread,) = read_json(tmp_path, conversation(part(1, "close", ADMIN, "<p>Done for you.</p>"))).records
    assert said_in(thread) == [("Done for you.", False, True)]


def test_an_open_conversation_has_no_solution(tmp_path: Path) -> None:
    (thread,) = read_json(tmp_path, conversation(*PARTS, state="open", open=True)).records
    assert not any(is_solution for _, _, is_solution in said_in(thread))


def test_the_bot_that_writes_as_a_teammate_is_no_teammate(tmp_path: Path) -> None:
    operator = {"type": "admin", "id": "a9", "name": "Operator", "email": "operator+ab12@intercom.io"}
    agent = ADMIN | {"from_ai_agent": True}
    parsed = read_json(
        tmp_path,
        conversation(part(1, "comment", operator, "<p>Rate us.</p>"), part(2, "comment", agent, "<p>See help.</p>")),
    )
    assert said_in(parsed.records[0]) == []
    assert "2 automatic messages left out" in parsed.notes[0]


def test_pages_one_after_another_and_shells_left_off_are_read(tmp_path: Path) -> None:
    bare = conversation(id=216, conversation_parts=list(PARTS), tags=None, contacts=None, statistics=None)
    page = {"type": "conversation.list", "conversations": [conversation(*PARTS), bare], "pages": {"type": "pages"}}
    parsed = read_lines(tmp_path, [page, page | {"conversations": [conversation(*PARTS, id=217)]}])
    assert [record.external_id for record in parsed.records] == ["215", "216", "217"]
    assert [len(record.content["messages"]) for record in parsed.records] == [2, 2, 2]


def test_deleted_people_and_pictures_alone_do_no_harm(tmp_path: Path) -> None:
    odd = conversation(
        part(1, "comment", {"type": None, "id": None, "name": None}, "<p>From nobody.</p>"),
        part(2, "comment", ADMIN, '<div class="intercom-container"><img src="x"></div>'),
        part(3, "comment", ADMIN, "<p>Gone.</p>", redacted=True),
    )
    (thread,) = read_json(tmp_path, odd).records
    assert said_in(thread) == [("From nobody.", False, False)]

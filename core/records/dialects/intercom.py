"""Intercom: conversations as its API gives them, alone, in a list, or in pages.

A conversation opens with its `source` and goes on with its parts. Parts that people write to each other
are comments, replies that close, and quick replies; notes stay inside the team, and are left out and
counted, as is what was written to whom a conversation was assigned. Bodies are HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.nouns import RejectedRow
from core.records.dialects.seam import NumberedRow, Row, RowsBeside, Tally
from core.records.dialects.threads import (
    Message,
    Side,
    first_by_asker,
    identity,
    in_order,
    listed,
    name_of,
    said,
    thread_row,
    time_of,
)
from core.records.markup import html_to_markdown
from core.records.values import as_flag, as_number, shown

# What a person outside the team can read; everything else with a text in it stays inside.
SAID_TO_EACH_OTHER = frozenset({"comment", "close", "open", "quick_reply"})
SIDES = {
    "user": Side.ASKER,
    "lead": Side.ASKER,
    "contact": Side.ASKER,
    "admin": Side.TEAM,
    "team": Side.MACHINE,
    "bot": Side.MACHINE,
}
USED = frozenset(
    {
        "id", "type", "source", "conversation_parts", "created_at", "updated_at", "state", "open", "title", "tags", "topics",
        "statistics", "conversation_rating", "contacts", "first_contact_reply", "ai_agent",
    }
)  # fmt: skip


class Intercom:
    """Conversations as JSON."""

    name = "Intercom export"

    def recognises(self, row: dict[str, Any]) -> bool:
        conversations = row.get("conversations")
        if isinstance(conversations, list):
            found = listed(conversations)
            return _is_conversation(found[0]) if found else row.get("type") == "conversation.list"
        return _is_conversation(row)

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        place = 0
        for number, row in rows:
            is_page = isinstance(row.get("conversations"), list)
            for conversation in listed(row["conversations"]) if is_page else [row]:
                place = place + 1 if is_page else number
                tally.met("conversation", "conversations")
                yield _thread(place, conversation, tally)


def _is_conversation(row: dict[str, Any]) -> bool:
    source = row.get("source")
    has_parts = isinstance(row.get("conversation_parts"), dict | list)
    return isinstance(source, dict) and "body" in source and (has_parts or row.get("type") == "conversation")


def _thread(number: int, conversation: dict[str, Any], tally: Tally) -> Row | RejectedRow:
    source = conversation["source"]
    opening = _message("source", source, said(conversation.get("created_at")))
    messages, n_notes = _messages(conversation)
    tally.left_out("internal note", "internal notes", n_notes)
    found = first_by_asker([opening, *messages], tally)
    if found is None:
        return RejectedRow(
            number,
            "Nobody but the team wrote in the conversation, so there is no question in it. It is left out.",
            shown(identity(conversation.get("id"))),
        )
    question, answers = found
    statistics = _dict(conversation.get("statistics"))
    is_closed = said(conversation.get("state")).lower() == "closed" or conversation.get("open") is False
    closed_at = time_of(statistics.get("last_close_at")) if is_closed else ""
    reopens = as_number(statistics.get("count_reopens"))
    attributes = _dict(conversation.get("custom_attributes"))
    contacts = listed(_list_in(conversation.get("contacts"), "contacts"))
    company = conversation.get("company") or next((c["company"] for c in contacts if c.get("company")), None)
    if not conversation.get("conversation_parts"):
        tally.say("Conversations without their parts are questions without an answer; fetch each one by itself.")
    return thread_row(
        number, question, answers, tally,
        fields={
            "id": identity(conversation.get("id")),
            "title": said(conversation.get("title")) or html_to_markdown(said(source.get("subject"))),
            "asker": question.author or next((name_of(contact) for contact in contacts), ""),
            "customer": name_of(company),
            "created_at": time_of(conversation.get("created_at")),
            "updated_at": time_of(conversation.get("updated_at")),
            "resolved_at": closed_at,
            "reopened": None if reopens is None else reopens > 0,
            "url": said(source.get("url")),
            "tags": [said(tag.get("name")) for tag in listed(_list_in(conversation.get("tags"), "tags"))],
            "category": next((name_of(t) for t in listed(_list_in(conversation.get("topics"), "topics"))), ""),
            "language": said(attributes.get("Language")) or said(attributes.get("language")),
        },
        facts={
            "status": said(conversation.get("state")),
            "satisfaction": said(_dict(conversation.get("conversation_rating")).get("rating")),
        },
        extra={key: value for key, value in conversation.items() if key not in USED},
        is_solved=is_closed, solved_at=closed_at, called="source.body",
    )  # fmt: skip


def _messages(conversation: dict[str, Any]) -> tuple[list[Message], int]:
    """What was said in public, oldest first, and how many parts with a text in them were not."""
    parts = listed(_list_in(conversation.get("conversation_parts"), "conversation_parts"))
    messages, n_notes = [], 0
    for number, part in enumerate(parts, start=1):
        if not said(part.get("body")) or as_flag(part.get("redacted")):
            continue
        if said(part.get("part_type")).lower() in SAID_TO_EACH_OTHER:
            messages.append(_message(str(number), part, ""))
        else:
            n_notes += 1
    return in_order(messages), n_notes


def _message(number: str, part: dict[str, Any], created_at: str) -> Message:
    author = _dict(part.get("author"))
    kind = said(author.get("type")).lower()
    return Message(
        id=identity(part.get("id")) or number,
        author=name_of(author),
        side=Side.MACHINE if _is_operator(author) else SIDES.get(kind, Side.OTHER if kind else Side.UNKNOWN),
        created_at=time_of(part.get("created_at") or created_at),
        text=said(part.get("body")),
        is_html=True,
    )


def _is_operator(author: dict[str, Any]) -> bool:
    """Whether Intercom's own bot wrote in the name of a teammate, or its agent did."""
    address = said(author.get("email")).lower()
    return as_flag(author.get("from_ai_agent")) or (
        address.startswith("operator+") and address.endswith("@intercom.io")
    )


def _list_in(value: Any, key: str) -> Any:
    """The list of `{"type": "tag.list", "tags": [...]}`, and of the list itself where an export leaves the shell off."""
    return value.get(key) if isinstance(value, dict) else value


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

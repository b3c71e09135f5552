"""Freshdesk: tickets with their conversations as its API gives them.

The description is the question. Conversations that are private are notes of the team: they are left
out and counted. People stand as ids, but for those that the export embeds.
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
    question_of,
    said,
    thread_row,
    time_of,
)
from core.records.values import as_flag, shown

STATUSES = {"2": "open", "3": "pending", "4": "resolved", "5": "closed"}
PRIORITIES = {"1": "low", "2": "medium", "3": "high", "4": "urgent"}
SOLVED = frozenset({"resolved", "closed"})
# A ticket whose first message went out to the customer.
OUTBOUND_EMAIL = "10"
MARKS = frozenset(
    {"responder_id", "fr_escalated", "description_text", "fr_due_by", "cc_emails", "email_config_id", "is_escalated", "due_by"}
)  # fmt: skip
MARKS_NEEDED = 3
USED = frozenset(
    {
        "id", "subject", "description", "description_text", "structured_description", "conversations", "requester", "company",
        "stats", "status", "priority", "tags", "type", "created_at", "updated_at", "requester_id", "company_id",
    }
)  # fmt: skip


class FreshdeskTickets:
    """Tickets as JSON."""

    name = "Freshdesk export"

    def recognises(self, row: dict[str, Any]) -> bool:
        if isinstance(row.get("tickets"), list):
            tickets = listed(row["tickets"])
            return bool(tickets) and self.recognises(tickets[0])
        return "subject" in row and "status" in row and len(MARKS & row.keys()) >= MARKS_NEEDED

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        place = 0
        for number, row in rows:
            is_page = isinstance(row.get("tickets"), list)
            for ticket in listed(row["tickets"]) if is_page else [row]:
                place = place + 1 if is_page else number
                tally.met("ticket", "tickets")
                yield _thread(place, ticket, tally)


def _thread(number: int, ticket: dict[str, Any], tally: Tally) -> Row | RejectedRow:
    ticket_id, subject = identity(ticket.get("id")), said(ticket.get("subject"))
    for mark, words in (("spam", "marked as spam"), ("deleted", "deleted")):
        if as_flag(ticket.get(mark)):
            return RejectedRow(number, f"The ticket was {words} in Freshdesk. It is left out.", shown(subject))
    status = said(ticket.get("status")).lower()
    status = STATUSES.get(status, status)
    messages, n_notes = _messages(ticket)
    tally.left_out("internal note", "internal notes", n_notes)
    opening: Message | None = _description(ticket)
    if said(ticket.get("source")) == OUTBOUND_EMAIL:
        found = first_by_asker(messages, tally)
        if found is None:
            reason = "The team wrote first, and nobody answered, so there is no question in the ticket. It is left out."
            return RejectedRow(number, reason, shown(subject))
        opening, messages = found
    asked = question_of(subject, opening)
    if asked is None:
        return RejectedRow(number, "The ticket has neither a subject nor a text. Leave it out.", shown(ticket_id))
    if "conversations" not in ticket:
        tally.say(
            "Tickets without their conversations are questions without an answer; export the conversations with them."
        )
    stats = _dict(ticket.get("stats"))
    solved_at = (time_of(stats.get("resolved_at")) or time_of(stats.get("closed_at"))) if status in SOLVED else ""
    requester = _dict(ticket.get("requester"))
    priority = said(ticket.get("priority")).lower()
    return thread_row(
        number, asked[1], messages, tally,
        fields={
            "id": ticket_id,
            "title": asked[0],
            "asker": name_of(requester) or identity(ticket.get("requester_id")),
            "customer": name_of(ticket.get("company")) or identity(ticket.get("company_id")),
            "created_at": ticket.get("created_at"),
            "updated_at": ticket.get("updated_at"),
            "first_reply_at": time_of(stats.get("first_responded_at")) or None,
            "resolved_at": solved_at,
            "reopened": bool(said(stats.get("reopened_at"))) if stats else None,
            "tags": ticket.get("tags"),
            "category": said(ticket.get("type")),
            "language": said(requester.get("language")) or said(ticket.get("language")),
        },
        facts={"status": status, "priority": PRIORITIES.get(priority, priority), "satisfaction": _rating(ticket)},
        extra={key: value for key, value in ticket.items() if key not in USED},
        is_solved=status in SOLVED, solved_at=solved_at, called="description",
    )  # fmt: skip


def _description(ticket: dict[str, Any]) -> Message:
    rich = said(ticket.get("description"))
    return Message(
        id="", author=name_of(ticket.get("requester")), side=Side.ASKER, created_at=time_of(ticket.get("created_at")),
        text=rich or said(ticket.get("description_text")), is_html=bool(rich),
    )  # fmt: skip


def _messages(ticket: dict[str, Any]) -> tuple[list[Message], int]:
    """The public conversations, oldest first, and how many are private."""
    people = {identity(ticket.get("requester_id")): _dict(ticket.get("requester"))}
    people |= {identity(ticket.get("responder_id")): _dict(ticket.get("responder"))}
    messages, n_notes = [], 0
    for number, one in enumerate(listed(ticket.get("conversations")), start=1):
        # One that does not say so is not taken to be public.
        if one.get("private") is None or as_flag(one["private"]):
            n_notes += 1
        elif not as_flag(one.get("deleted")):
            messages.append(_message(number, one, ticket, people))
    return in_order(messages), n_notes


def _message(number: int, one: dict[str, Any], ticket: dict[str, Any], people: dict[str, dict[str, Any]]) -> Message:
    author_id, asker = identity(one.get("user_id")), identity(ticket.get("requester_id"))
    rich = said(one.get("body"))
    return Message(
        id=identity(one.get("id")) or str(number),
        author=name_of(people.get(author_id) or one.get("user")) or author_id,
        side=_side(one, author_id, asker),
        created_at=time_of(one.get("created_at")),
        text=rich or said(one.get("body_text")),
        is_html=bool(rich),
    )


def _side(one: dict[str, Any], author_id: str, asker: str) -> Side:
    if author_id and author_id == asker:
        return Side.ASKER
    if as_flag(one.get("incoming")):
        # From outside: the asker from another address, or somebody in copy.
        return Side.OTHER if author_id and asker else Side.UNKNOWN
    if one.get("incoming") is None:
        return Side.UNKNOWN
    return Side.TEAM


def _rating(ticket: dict[str, Any]) -> str:
    found = ticket.get("satisfaction_rating") or ticket.get("survey_results")
    return said(_dict(found).get("rating")) if isinstance(found, dict) else said(found)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

"""Freshdesk: lists of tickets as CSV. They hold what was asked at best, and never an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.dialects.seam import NumberedRow, Row, RowsBeside, Tally
from core.records.dialects.threads import Message, Side, identity, question_of, said, thread_row, time_of
from core.records.dialects.zendesk_list import NO_ANSWERS
from core.records.field_names import simple_name

MARKS = frozenset(
    {
        "agent_interactions", "customer_interactions", "initial_response_time", "first_response_time_in_hrs",
        "resolution_time_in_hrs", "due_by_time", "survey_results", "last_update_time", "created_time", "resolved_time",
        "first_response_status", "resolution_status", "time_tracked", "every_response_status",
    }
)  # fmt: skip
MARKS_NEEDED = 2
USED = frozenset(
    {
        "ticket_id", "subject", "description", "status", "priority", "type", "tags", "full_name", "requester_name", "email",
        "company_name", "created_time", "last_update_time", "initial_response_time", "resolved_time", "survey_results",
        "requester_email", "contact_id",
    }
)  # fmt: skip


class FreshdeskList:
    """Tickets as CSV."""

    name = "Freshdesk ticket list"

    def recognises(self, row: dict[str, Any]) -> bool:
        names = {simple_name(column) for column in row}
        return {"ticket_id", "subject", "status"} <= names and len(MARKS & names) >= MARKS_NEEDED

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        tally.say(NO_ANSWERS)
        for number, row in rows:
            cells = {simple_name(column): value for column, value in row.items()}
            if "description" not in cells:
                raise UnreadableFile(
                    "It is a Freshdesk ticket list with subjects alone: neither what was asked nor what was answered.",
                    remedy="Fetch the tickets with their conversations as JSON.",
                )
            tally.met("ticket", "tickets")
            yield _ticket(number, cells, tally)


def _ticket(number: int, cells: dict[str, Any], tally: Tally) -> Row | RejectedRow:
    names = ("full_name", "requester_name", "email", "requester_email", "contact_id")
    asker = next((said(cells[name]) for name in names if said(cells.get(name))), "")
    asked = question_of(said(cells.get("subject")), Message("", asker, Side.ASKER, "", said(cells.get("description"))))
    if asked is None:
        return RejectedRow(number, "The ticket has neither a subject nor a description. Leave it out.")
    return thread_row(
        number, asked[1], [], tally,
        fields={
            "id": identity(cells.get("ticket_id")),
            "title": asked[0],
            "asker": asker,
            "customer": said(cells.get("company_name")),
            "created_at": time_of(cells.get("created_time")),
            "updated_at": time_of(cells.get("last_update_time")),
            "first_reply_at": time_of(cells.get("initial_response_time")) or None,
            "resolved_at": time_of(cells.get("resolved_time")),
            "tags": said(cells.get("tags")),
            "category": said(cells.get("type")),
        },
        facts={
            "status": said(cells.get("status")).lower(),
            "priority": said(cells.get("priority")).lower(),
            "satisfaction": said(cells.get("survey_results")),
        },
        extra={name: said(value) for name, value in cells.items() if name not in USED},
        is_solved=False, solved_at="", called="description",
    )  # fmt: skip

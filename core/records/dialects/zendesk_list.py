"""Zendesk: lists of tickets as CSV. They hold what was asked at best, and never an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from core.errors import UnreadableFile
from core.nouns import RejectedRow
from core.records.dialects.seam import NumberedRow, Row, RowsBeside, Tally
from core.records.dialects.threads import Message, Side, identity, question_of, said, thread_row, time_of
from core.records.dialects.zendesk import score_of
from core.records.field_names import simple_name
from core.records.values import as_number

MARKS = frozenset(
    {
        "summation_column", "satisfaction_score", "group_stations", "assignee_stations", "initially_assigned_at", "via",
        "requester_domain", "requester_email", "requester_id", "ticket_type", "submitter", "assigned_at", "reopens",
        "replies", "solved_at", "requester_updated", "assignee_updated",
    }
)  # fmt: skip
MARKS_NEEDED = 2
ANSWER_COLUMNS = frozenset(
    {"answer", "solution", "resolution", "reply", "answers", "comments", "messages", "conversation"}
)
USED = frozenset(
    {
        "id", "ticket_id", "subject", "status", "requester", "description", "organization", "created_at", "requested",
        "updated_at", "updated", "solved_at", "solved", "reopens", "tags", "group", "priority", "satisfaction_score",
    }
)  # fmt: skip
NO_ANSWERS = (
    "A list holds no answers: every ticket is a question without one. Export the tickets as JSON to learn from."
)


class ZendeskList:
    """Tickets as CSV."""

    name = "Zendesk ticket list"

    def recognises(self, row: dict[str, Any]) -> bool:
        names = {simple_name(column) for column in row}
        if not {"subject", "status"} <= names or not {"requester", "requester_id"} & names or ANSWER_COLUMNS & names:
            return False
        if any(isinstance(value, dict | list) for value in row.values()):
            return False
        return len(MARKS & names) >= MARKS_NEEDED or "description" in names

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        tally.say(NO_ANSWERS)
        for number, row in rows:
            cells = {simple_name(column): value for column, value in row.items()}
            if "description" not in cells:
                raise UnreadableFile(
                    "It is a Zendesk ticket list with subjects alone: neither what was asked nor what was answered.",
                    remedy="Export the tickets with their comments as JSON.",
                )
            tally.met("ticket", "tickets")
            yield _ticket(number, cells, tally)


def _ticket(number: int, cells: dict[str, Any], tally: Tally) -> Row | RejectedRow:
    asker = said(cells.get("requester")) or identity(cells.get("requester_id"))
    asked = question_of(said(cells.get("subject")), Message("", asker, Side.ASKER, "", said(cells.get("description"))))
    if asked is None:
        return RejectedRow(number, "The ticket has neither a subject nor a description. Leave it out.")
    reopens = as_number(cells.get("reopens"))
    return thread_row(
        number, asked[1], [], tally,
        fields={
            "id": identity(cells.get("id")) or identity(cells.get("ticket_id")),
            "title": asked[0],
            "asker": asker,
            "customer": said(cells.get("organization")),
            "created_at": time_of(cells.get("created_at")) or time_of(cells.get("requested")),
            "updated_at": time_of(cells.get("updated_at")) or time_of(cells.get("updated")),
            "resolved_at": time_of(cells.get("solved_at")) or time_of(cells.get("solved")),
            "reopened": None if reopens is None else reopens > 0,
            # Zendesk's tags hold no spaces, and stand with spaces between them.
            "tags": re.split(r"[\s,;]+", said(cells.get("tags"))),
            "category": said(cells.get("group")) or said(cells.get("ticket_type")) or said(cells.get("type")),
        },
        facts={
            "status": said(cells.get("status")).lower(),
            "satisfaction": score_of(cells.get("satisfaction_score")),
            "priority": said(cells.get("priority")),
        },
        extra={name: said(value) for name, value in cells.items() if name not in USED},
        is_solved=False, solved_at="", called="description",
    )  # fmt: skip

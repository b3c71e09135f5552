"""Zendesk: tickets with their comments as JSON: a list, pages of the API, or one ticket a line.

In JSON, people may stand inside a comment or beside the tickets of a page (side-loaded `users`,
`comments`, `metric_sets`, `organizations`, `groups`). Comments that are not public are internal notes:
they are left out and counted, also where the ticket's description is one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.nouns import RejectedRow
from core.records.dialects.seam import NumberedRow, Row, RowsBeside, Tally
from core.records.dialects.threads import (
    MARKUP,
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
)  # fmt: skip
from core.records.values import as_flag, as_number, shown

TICKET_MARKS = frozenset(
    {
        "raw_subject", "submitter_id", "metric_set", "has_incidents", "collaborator_ids", "satisfaction_rating", "is_public",
        "ticket_form_id", "brand_id", "sharing_agreement_ids", "follower_ids", "assignee_id", "organization_id",
    }
)  # fmt: skip
# Freshdesk's tickets have some of the same fields, and these besides.
OTHERS_MARKS = frozenset({"responder_id", "fr_escalated", "description_text", "conversations"})
MARKS_NEEDED = 3
SOLVED = frozenset({"solved", "closed"})
TEAM_ROLES = frozenset({"agent", "admin", "owner", "light agent"})
MERGED_TAG = "closed_by_merge"
MERGED_WORDS = re.compile(r"(?:closed and )?merged into (?:request|ticket) #?(\d+)", re.IGNORECASE)
USED = frozenset(
    {
        "id", "subject", "raw_subject", "description", "comments", "requester", "requester_id", "organization", "tags",
        "status", "created_at", "updated_at", "url", "users", "metric_set", "satisfaction_rating", "group", "priority",
    }
)  # fmt: skip
ALIKE_CHARACTERS = 200


@dataclass(slots=True)
class _Page:
    """What stands beside the tickets of one page, by id; empty where a ticket stands alone."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    comments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)


class ZendeskTickets:
    """Tickets as JSON."""

    name = "Zendesk export"

    def recognises(self, row: dict[str, Any]) -> bool:
        if isinstance(row.get("tickets"), list):
            tickets = listed(row["tickets"])
            return not tickets or self._is_ticket(_unwrapped(tickets[0]))
        return self._is_ticket(_unwrapped(row))

    def read(self, rows: Iterator[NumberedRow], tally: Tally, beside: RowsBeside) -> Iterator[Row | RejectedRow]:
        place = 0
        for number, row in rows:
            is_page = isinstance(row.get("tickets"), list)
            page = _page(row)
            for ticket in listed(row["tickets"]) if is_page else [row]:
                # Tickets of several pages are counted through; alone, a ticket has the number of its row.
                place = place + 1 if is_page else number
                tally.met("ticket", "tickets")
                yield _ticket(place, _unwrapped(ticket), page, tally)

    def _is_ticket(self, row: dict[str, Any]) -> bool:
        if OTHERS_MARKS & row.keys() or not ({"subject", "raw_subject"} & row.keys()) or "status" not in row:
            return False
        n_marks = len(TICKET_MARKS & row.keys()) + any("public" in comment for comment in listed(row.get("comments")))
        return n_marks + isinstance(row.get("requester"), dict) >= MARKS_NEEDED


def _ticket(number: int, ticket: dict[str, Any], page: _Page, tally: Tally) -> Row | RejectedRow:
    ticket_id = identity(ticket.get("id"))
    subject = said(ticket.get("subject")) or said(ticket.get("raw_subject"))
    status = said(ticket.get("status")).lower()
    if status == "deleted":
        return RejectedRow(number, "The ticket was deleted in Zendesk. It is left out.", shown(subject or ticket_id))
    comments = listed(ticket.get("comments")) or page.comments.get(ticket_id, [])
    public, n_notes = _public(comments, ticket, page)
    tally.left_out("internal note", "internal notes", n_notes)
    merged = _merged_into(ticket, public)
    if merged is not None:
        tally.left_out("merged ticket", "merged tickets")
        where = f"ticket {merged}" if merged else "another ticket"
        return RejectedRow(
            number, f"The ticket was merged into {where}, where the answer stands. It is left out.", shown(subject)
        )
    opened = _opened(ticket, comments, public, page, tally)
    if opened is None:
        reason = (
            "Nobody asked anything in public: there are internal notes or the team's messages alone. It is left out."
        )
        return RejectedRow(number, reason, shown(ticket_id))
    asked = question_of(subject, opened[0])
    if asked is None:
        return RejectedRow(number, "The ticket has neither a subject nor a text. Leave it out.", shown(ticket_id))
    if not comments:
        tally.say("Tickets without their comments are questions without an answer; export the comments with them.")
    metrics = _dict(ticket.get("metric_set")) or page.metrics.get(ticket_id, {})
    reopens = as_number(metrics.get("reopens"))
    requester = page.users.get(identity(ticket.get("requester_id")), {}) | _dict(ticket.get("requester"))
    solved_at = time_of(metrics.get("solved_at")) if status in SOLVED else ""
    organization = ticket.get("organization") or page.organizations.get(identity(ticket.get("organization_id")))
    return thread_row(
        number, asked[1], opened[1], tally,
        fields={
            "id": ticket_id,
            "title": asked[0],
            "asker": name_of(requester) or said(ticket.get("requester")) or identity(ticket.get("requester_id")),
            "customer": name_of(organization) or identity(ticket.get("organization_id")),
            "created_at": ticket.get("created_at"),
            "updated_at": ticket.get("updated_at"),
            "resolved_at": solved_at,
            "reopened": None if reopens is None else reopens > 0,
            "url": said(ticket.get("url")),
            "tags": ticket.get("tags"),
            "category": name_of(ticket.get("group")) or page.groups.get(identity(ticket.get("group_id")), "") or said(ticket.get("type")),
            "language": said(requester.get("locale")) or said(ticket.get("locale")),
        },
        facts={"status": status, "satisfaction": score_of(ticket.get("satisfaction_rating")), "priority": said(ticket.get("priority"))},
        extra={key: value for key, value in ticket.items() if key not in USED},
        is_solved=status in SOLVED, solved_at=solved_at, called="description",
    )  # fmt: skip


def _public(comments: list[dict[str, Any]], ticket: dict[str, Any], page: _Page) -> tuple[list[Message], int]:
    """The public comments as messages, oldest first, and how many are internal notes.

    A comment that does not say whether it is public is one only where the ticket does not deny it.
    """
    is_public_ticket = ticket.get("is_public") is None or as_flag(ticket["is_public"])
    is_public = [as_flag(c["public"]) if c.get("public") is not None else is_public_ticket for c in comments]
    people = page.users | _by_id(ticket.get("users"))
    asker = identity(ticket.get("requester_id")) or identity(_dict(ticket.get("requester")).get("id"))
    messages = [_message(i, c, asker, people) for i, c in enumerate(comments, start=1) if is_public[i - 1]]
    return in_order(messages), is_public.count(False)


def _message(number: int, comment: dict[str, Any], asker: str, people: dict[str, dict[str, Any]]) -> Message:
    author_id = identity(comment.get("author_id")) or identity(_dict(comment.get("author")).get("id"))
    author = people.get(author_id, {}) | _dict(comment.get("author"))
    rich = said(comment.get("html_body"))
    return Message(
        id=identity(comment.get("id")) or str(number),
        author=name_of(author) or author_id,
        side=_side(comment, author, author_id, asker),
        created_at=time_of(comment.get("created_at")),
        text=rich or said(comment.get("body")) or said(comment.get("plain_body")),
        is_html=bool(rich),
    )


def _side(comment: dict[str, Any], author: dict[str, Any], author_id: str, asker: str) -> Side:
    channel = said(_dict(comment.get("via")).get("channel")).lower()
    if said(comment.get("author_id")) == "-1" or channel in ("rule", "system"):
        return Side.MACHINE
    role = said(author.get("role")).lower()
    if author_id and author_id == asker:
        return Side.ASKER
    if role in TEAM_ROLES:
        return Side.TEAM
    if role or not author_id:
        return Side.OTHER if role else Side.UNKNOWN
    # Roles are told in the list of users alone. Who is not the asker answers, but for a ticket whose asker is unknown.
    return Side.TEAM if asker else Side.UNKNOWN


def _opened(
    ticket: dict[str, Any], comments: list[dict[str, Any]], public: list[Message], page: _Page, tally: Tally
) -> tuple[Message | None, list[Message]] | None:
    """The question and what follows it; None where the ticket is internal from end to end.

    The description is a copy of the first comment, which may be an internal note.
    """
    description = said(ticket.get("description"))
    if not comments:
        if ticket.get("is_public") is not None and not as_flag(ticket["is_public"]):
            tally.left_out("internal note", "internal notes", bool(description))
            return None
        return _described(description, ticket, page), []
    if not public:
        return None
    first = next((c for c in comments if _is_same(description, c)), None) if description else comments[0]
    if first is None:
        return _described(description, ticket, page), public
    first_id = identity(first.get("id")) or str(comments.index(first) + 1)
    if public[0].id == first_id and public[0].side is not Side.MACHINE:
        return public[0], public[1:]
    return first_by_asker(public, tally)


def _described(description: str, ticket: dict[str, Any], page: _Page) -> Message | None:
    requester = page.users.get(identity(ticket.get("requester_id")), {}) | _dict(ticket.get("requester"))
    return Message("", name_of(requester), Side.ASKER, time_of(ticket.get("created_at")), description)


def _is_same(description: str, comment: dict[str, Any]) -> bool:
    """Whether a comment is what the description was copied from, however either is written."""
    wanted = _bare(description)
    texts = [_bare(said(comment.get(key))) for key in ("body", "plain_body", "html_body")]
    return bool(wanted) and wanted in texts


def _bare(text: str) -> str:
    start = text[: 50 * ALIKE_CHARACTERS]
    return re.sub(r"[\W_]+", "", html.unescape(MARKUP.sub(" ", start)))[:ALIKE_CHARACTERS].lower()


def _merged_into(ticket: dict[str, Any], public: list[Message]) -> str | None:
    """The ticket that this one was merged into, nothing where it is not said; None where it was not merged."""
    tags = ticket.get("tags")
    words = next((found for m in public[-2:] if (found := MERGED_WORDS.search(m.text))), None)
    if MERGED_TAG in (tags if isinstance(tags, list) else said(tags).split()):
        return words.group(1) if words else ""
    return None


def score_of(value: Any) -> str:
    """good or bad; nothing where nobody was asked or answered."""
    score = said(value.get("score") if isinstance(value, dict) else value).lower()
    return "" if score in ("offered", "unoffered", "not offered") else score


def _page(row: dict[str, Any]) -> _Page:
    page = _Page(_by_id(row.get("users")))
    if not isinstance(row.get("tickets"), list):
        return page
    page.organizations = {identity(o.get("id")): name_of(o) for o in listed(row.get("organizations"))}
    page.groups = {identity(g.get("id")): name_of(g) for g in listed(row.get("groups"))}
    page.metrics = {identity(m.get("ticket_id")): m for m in listed(row.get("metric_sets"))}
    for comment in listed(row.get("comments")):
        page.comments.setdefault(identity(comment.get("ticket_id")), []).append(comment)
    return page


def _unwrapped(row: dict[str, Any]) -> dict[str, Any]:
    """The ticket of `{"ticket": {...}, "comments": [...]}`, as one that was fetched by itself comes."""
    ticket = row.get("ticket")
    if not isinstance(ticket, dict):
        return row
    return {name: value for name, value in row.items() if name in ("comments", "users") and value} | ticket


def _by_id(users: Any) -> dict[str, dict[str, Any]]:
    return {identity(user.get("id")): user for user in listed(users)}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

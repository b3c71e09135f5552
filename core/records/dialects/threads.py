"""What all help desks have in common: people, public messages, and which reply solved a ticket.

An export never says which message was the solution. It is taken to be the team's last public reply
before the ticket was solved, and the record says that this was inferred. The asker's own message,
a machine's, or one whose author nobody knows is never taken.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.nouns import RecordKind
from core.records.dialects.seam import Row, Tally
from core.records.values import as_text, as_time, storable

# A reply and the status that it sets are stored one after the other, within seconds.
SAME_MOMENT = timedelta(seconds=10)
# What an export of spreadsheets writes for nothing.
NOTHING = frozenset({"", "-", "null", "none", "nan"})
LONGEST_NOTHING = max(map(len, NOTHING))
MARKUP = re.compile(r"<[^>]*>")
INFERRED = "Where a ticket was solved, the team's last public reply before that is taken to be the solution."


class Side(StrEnum):
    """Who wrote a message: the person who asked, the team, a machine, somebody else, or nobody knows."""

    ASKER = "asker"
    TEAM = "team"
    MACHINE = "machine"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Message:
    """One public message. is_html, is_markdown: how its text is written; neither: as people type."""

    id: str
    author: str
    side: Side
    created_at: str
    text: str
    is_html: bool = False
    is_markdown: bool = False
    helpful: int = 0

    def has_words(self) -> bool:
        """Whether there is text in it, and not an attachment or a picture alone."""
        text = html.unescape(MARKUP.sub(" ", self.text)) if self.is_html else self.text
        return bool(text.strip("\u200b\ufeff \t\r\n\xa0"))

    def key(self) -> str:
        """The name by which the reader of rows tells how a text is written."""
        return "body_html" if self.is_html else "markdown" if self.is_markdown else "text"


def thread_row(
    number: int, question: Message, answers: Sequence[Message], tally: Tally, *, fields: dict[str, Any],
    facts: dict[str, Any], extra: dict[str, Any], is_solved: bool, solved_at: str, called: str,
) -> Row:  # fmt: skip
    """One ticket as a row. called: what the export calls the question."""
    by_people = [message for message in answers if message.side is not Side.MACHINE]
    tally.left_out("automatic message", "automatic messages", len(answers) - len(by_people))
    kept = [message for message in by_people if message.has_words()]
    tally.left_out("message without text", "messages without text", len(by_people) - len(kept))
    solution = inferred_solution(kept, solved_at) if is_solved else None
    if solution is not None:
        tally.say(INFERRED)
    first = min((m.created_at for m in kept if m.side is Side.TEAM and m.created_at), default="")
    # The mark in the name says how the text is written, as it does for any table.
    called += "_html" if question.is_html else "_markdown" if question.is_markdown else ""
    return Row(
        number,
        RecordKind.THREAD,
        {
            "first_reply_at": first,
            **{name: value for name, value in fields.items() if value not in (None, "")},
            "question": question.text,
            "answers": [_answer(message, is_solution=message is solution) for message in kept],
        },
        facts | {"solution_inferred": True if solution is not None else None},
        extra,
        {"question": called},
    )


def question_of(subject: str, opening: Message | None) -> tuple[str, Message] | None:
    """Title and question of a ticket; a mail with nothing but a subject asks in its subject. None where nothing is asked."""
    if opening is not None and opening.has_words():
        return subject, opening
    if not subject:
        return None
    author, created_at = (opening.author, opening.created_at) if opening is not None else ("", "")
    return "", Message("", author, Side.ASKER, created_at, subject)


def inferred_solution(messages: Sequence[Message], solved_at: str) -> Message | None:
    """The team's last reply up to the moment when the ticket was solved; none where there is none.

    solved_at: ISO 8601; nothing where only the status says that it was solved.
    """
    by_team = [m for m in messages if m.side is Side.TEAM and m.has_words()]
    limit = _moment(solved_at)
    if limit is not None:
        by_team = [m for m in by_team if (at := _moment(m.created_at)) is None or at <= limit + SAME_MOMENT]
    return by_team[-1] if by_team else None


def in_order(messages: list[Message]) -> list[Message]:
    """Oldest first, where every one has its time; else as they stand."""
    moments = [_moment(message.created_at) for message in messages]
    if any(moment is None for moment in moments):
        return messages
    return [message for _, message in sorted(zip(moments, messages, strict=True), key=lambda pair: pair[0])]  # type: ignore[arg-type,return-value]


def first_by_asker(messages: Sequence[Message], tally: Tally) -> tuple[Message, list[Message]] | None:
    """The first message by the person who asked, and those after it; none where that person never wrote.

    What the team or a machine said before is left out: it answers nothing.
    """
    for i, message in enumerate(messages):
        if message.side in (Side.ASKER, Side.UNKNOWN) and message.has_words():
            tally.left_out("message before the question", "messages before the question", i)
            return message, list(messages[i + 1 :])
    return None


def name_of(person: Any) -> str:
    """A person's name, else address or login, else id; nothing where nobody is known."""
    if not isinstance(person, dict):
        return said(person)
    for key in ("name", "display_name", "login", "email", "id"):
        if said(person.get(key)):
            return said(person[key])
    return ""


def said(value: Any) -> str:
    """A fact as text; nothing also where the export writes a dash or null for it."""
    if isinstance(value, dict | list):
        return ""
    # Most facts are plain words, and a large export has millions of them.
    is_plain = isinstance(value, str) and value.isascii() and "\x00" not in value
    text = value.strip() if is_plain else storable(as_text(value)).strip()
    return "" if len(text) <= LONGEST_NOTHING and text.lower() in NOTHING else text


def identity(value: Any) -> str:
    """An id as text: 42, 42.0 and "42" are one. Nothing for none, and for the -1 of the system itself."""
    text = said(value)
    return "" if text == "-1" else text.removesuffix(".0")


def listed(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def time_of(value: Any) -> str:
    """A point in time as ISO 8601; nothing where the export has a dash for it."""
    return as_time(said(value))


def _answer(message: Message, *, is_solution: bool) -> dict[str, Any]:
    return {
        "id": message.id,
        "author": message.author,
        "is_asker": message.side is Side.ASKER,
        "created_at": message.created_at,
        message.key(): message.text,
        "is_solution": is_solution,
        "helpful": message.helpful,
    }


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A day without its hour lasts to its end.
    return moment.replace(tzinfo=None) + (timedelta(days=1) if len(text) == len("2024-01-31") else timedelta())

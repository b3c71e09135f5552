"""Personal data in a text: its types, where it stands, and how findings that overlap become one.

Types carry Presidio's names where Presidio has one. The list only grows: stored spans, decisions and scripts go by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class PersonalType(StrEnum):
    """What kind of personal data a span is."""

    PERSON = "PERSON"
    TITLE = "TITLE"
    AGE = "AGE"
    NRP = "NRP"
    EMAIL_ADDRESS = "EMAIL_ADDRESS"
    PHONE_NUMBER = "PHONE_NUMBER"
    STREET_ADDRESS = "STREET_ADDRESS"
    LOCATION = "LOCATION"
    ORGANIZATION = "ORGANIZATION"
    DATE_TIME = "DATE_TIME"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    CREDIT_CARD = "CREDIT_CARD"
    BANK_ACCOUNT = "BANK_ACCOUNT"
    ACCOUNT_NUMBER = "ACCOUNT_NUMBER"
    ORDER_NUMBER = "ORDER_NUMBER"
    ID_NUMBER = "ID_NUMBER"
    LICENCE_PLATE = "LICENCE_PLATE"
    IP_ADDRESS = "IP_ADDRESS"
    URL = "URL"
    HANDLE = "HANDLE"
    SECRET = "SECRET"
    STATEMENT = "STATEMENT"

    @property
    def in_words(self) -> str:
        """As people read it, on the page and where a value was masked."""
        return _WORDS.get(self.value, self.value.lower().replace("_", " "))


_WORDS = {
    "NRP": "nationality, religion or politics", "DATE_TIME": "date or time", "ID_NUMBER": "identity number", "URL": "web address",
    "STATEMENT": "statement about a person",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """start, end: characters, end excluded. score: in [0, 1]. found_by: which recogniser, in a word."""

    start: int
    end: int
    type: PersonalType
    score: float
    found_by: str


def without_overlaps(spans: Iterable[PersonalSpan]) -> list[PersonalSpan]:
    """Spans in order, none over another: the surer one stays whole, and of the other what sticks out.

    One that lies within a longer one is part of it, unless it is much the surer: the name in a street's name. A rest that is a letter
    or two long says nothing, and goes.
    """
    found = set(spans)
    whole = [span for span in found if not any(_is_part(span, other) for other in found)]
    chosen: list[PersonalSpan] = []
    for span in sorted(whole, key=lambda s: (-s.score, s.start - s.end, s.start, s.type, s.found_by)):
        chosen += [
            PersonalSpan(start, end, span.type, span.score, span.found_by) for start, end in _left_free(span, chosen)
        ]
    return sorted(chosen, key=lambda s: s.start)


LEAST_REST = 3
MUCH_SURER = 0.25


def _is_part(span: PersonalSpan, other: PersonalSpan) -> bool:
    is_within = other.start <= span.start and span.end <= other.end and other.end - other.start > span.end - span.start
    return is_within and span.score - other.score < MUCH_SURER


def _left_free(span: PersonalSpan, taken: list[PersonalSpan]) -> list[tuple[int, int]]:
    """The stretches of a span that no span in taken covers."""
    free = [(span.start, span.end)]
    for other in taken:
        if other.end <= span.start or other.start >= span.end:
            continue
        free = [
            piece
            for start, end in free
            for piece in ((start, min(end, other.start)), (max(start, other.end), end))
            if piece[1] > piece[0]
        ]
    whole = len(free) == 1 and free[0] == (span.start, span.end)
    return free if whole else [(start, end) for start, end in free if end - start >= LEAST_REST]


def trimmed(text: str, span: PersonalSpan) -> PersonalSpan | None:
    """The span without spaces and punctuation at its ends; None where nothing is left."""
    value = text[span.start : span.end]
    start = span.start + len(value) - len(value.lstrip(" \t\r\n,;:|>*"))
    end = span.start + len(value.rstrip(" \t\r\n,;:|>*"))
    return PersonalSpan(start, end, span.type, span.score, span.found_by) if end > start else None

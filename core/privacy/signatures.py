"""Blocks of a person's particulars: a name, then what they do, for whom, where, and how to reach them, a line each.

A block is told by its way to be reached: an address, a number behind a word for a phone, an e-mail address. What stands above
that, in lines of a few words, is the name, the occupation and the organisation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from core.privacy.common_words import COMMON_WORDS
from core.privacy.spans import PersonalSpan, PersonalType

FOUND_BY = "signatures"
SCORE = 0.8
MOST_LINES, MOST_WORDS = 5, 6
LINE = regex.compile(r"[^\n]+")
MARKS = " \t>?*|-–—"
REACHED = regex.compile(
    r"(?i)^(?:mobile|cell(?: ?phone)?|tel(?:ephone)?|phone|fax|desk|direct|office|e-?mail|mail|web|www)\b\.?:? ?[+(\dA-Z]|@[\w-]+\.\w"
)
PERSON = regex.compile(r"\p{L}[\p{L}\p{M}'’-]*\.?(?: \p{L}[\p{L}\p{M}'’-]*\.?){1,3}\Z")
OCCUPATION = regex.compile(
    r"(?i)(?:er|or|ist|ian|ant|ent|man|woman|ee|ive|ician|smith|clerk|chief|head|lead|ceo|cto|cfo|president|partner|founder|aide|guard|nurse|chef|intern)\Z"
)
COMPANY = regex.compile(
    r"(?i)\b(?:inc|llc|ltd|gmbh|corp|group|company|co|partners|associates|systems|solutions|sons)\b\.?\Z|-|, "
)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str


def signatures(text: str, reached: Sequence[PersonalSpan]) -> list[PersonalSpan]:
    """Persons, occupations and organisations of blocks. reached: addresses and the like that were found in the text."""
    lines = [_line(m) for m in LINE.finditer(text)]
    found: list[PersonalSpan] = []
    for place, line in enumerate(lines):
        if _is_reached(line, reached):
            above: list[_Line] = []
            while (
                place - len(above) > 0 and len(above) < MOST_LINES and _is_short(lines[place - len(above) - 1], reached)
            ):
                above.insert(0, lines[place - len(above) - 1])
            found += _block(above)
    return found


def _line(match: regex.Match[str]) -> _Line:
    text = match.group()
    bare = text.lstrip(MARKS)
    return _Line(match.start() + len(text) - len(bare), bare.rstrip(" \t,|"))


def _is_reached(line: _Line, reached: Sequence[PersonalSpan]) -> bool:
    """Whether the line is nothing but a way to be reached: a phone number in a sentence stands under no signature."""
    if REACHED.search(line.text) and len(line.text.split()) <= MOST_WORDS + 2:
        return True
    end = line.start + len(line.text)
    return any(
        span.start <= line.start < span.end
        or (
            span.type is PersonalType.STREET_ADDRESS
            and span.end >= end - 1
            and _are_names(line.text[: max(0, span.start - line.start)])
        )
        for span in reached
        if span.end > line.start and span.start < end
    )


def _are_names(before: str) -> bool:
    """Whether nothing but a name or two stands there: the first street of a corner."""
    words = before.split()
    return len(words) <= 3 and all(word == "and" or word.lower() not in COMMON_WORDS for word in words)


def _is_short(line: _Line, reached: Sequence[PersonalSpan]) -> bool:
    words = line.text.split()
    if not words or len(words) > MOST_WORDS or _is_reached(line, reached):
        return False
    return not regex.search(
        r"[.!?:;]\Z|\d{3}|[=<>{}()]", line.text.removesuffix("Inc.").removesuffix("inc.")
    ) and not regex.match(r"(?i)(?:best|kind|regards|thanks|thank|sincerely|cheers|yours|hi|hello|dear)\b", line.text)


def _block(lines: Sequence[_Line]) -> Iterator[PersonalSpan]:
    first = next((n for n, line in enumerate(lines) if _is_person(line.text)), None)
    if first is None:
        return
    person = lines[first].text
    for line in lines[first:]:
        if line.text == person:
            kind = PersonalType.PERSON
        elif _is_occupation(line.text):
            kind = PersonalType.TITLE
        else:
            kind = PersonalType.ORGANIZATION
        yield PersonalSpan(line.start, line.start + len(line.text), kind, SCORE, FOUND_BY)


def _is_person(value: str) -> bool:
    is_cased = value == value.lower() or all(
        word[0].isupper() or word in ("van", "de", "der", "von", "ten", "da") for word in value.split()
    )
    return (
        bool(PERSON.match(value)) and is_cased and not {w.lower() for w in value.split() if len(w) > 1} & COMMON_WORDS
    )


def _is_occupation(value: str) -> bool:
    return " " in value and OCCUPATION.search(value) is not None and COMPANY.search(value) is None

"""Earlier messages that a reply carries along: quoted mail, forwarded headers, a forum's quotation of another post.

A line with `>` is no proof by itself: people quote an error or a rule, and that is part of what they say.
It goes where a line above says who wrote it, where it is nested, or where its words stand in an earlier
message of the same record. An answer point by point keeps its quotations. Under the header of a mail that was
answered everything goes; of a forwarded mail only the header lines, since what was forwarded is what the
writer wanted to show.

Not covered: quotations without any mark. Own code, as the libraries for mail replies tell no places and
know no code blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.curate.cleaning.changes import Around, Change
from core.curate.cleaning.lines import Line, lines_of, taken_out

# "On 3 May 2024, Ann wrote:" as mail programs of seven languages put it.
WROTE = re.compile(
    r"^\W*(?:on\b.{4,160}\bwrote|am\b.{4,160}\bschrieb\b.{0,80}|le\b.{4,160}\ba écrit|el\b.{4,160}\bescribió|"
    r"op\b.{4,160}\bschreef\b.{0,80}|il\b.{4,160}\bha scritto|em\b.{4,160}\bescreveu)\s*:\W*$",
    re.IGNORECASE,
)
# "Ann said" above a quotation, or a link to the post by whatever word: how forums put it. "The log said" is nobody.
SAID = re.compile(
    r"^\W*(?:[^\s].{0,80}?\[[^\]\n]{1,20}\]\(#[^)\n]{1,60}\)|"
    r"(?!(?:the|it|this|that|as|i|we|you|which|log|he|she|they)\b)[\w.@'’-]+(?: [\w.@'’-]+){0,2}\s+(?:said|wrote))\W*$",
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"^[\s>*]*-{3,}\s*(?:original message|original appointment|reply above this line)\s*-{3,}[\s*]*$", re.IGNORECASE
)
FORWARDED = re.compile(r"^[\s>*]*(?:-{3,}\s*forwarded message\s*-{3,}|begin forwarded message:)[\s*]*$", re.IGNORECASE)
HEADER = re.compile(r"^[\s>*_]*(from|to|cc|sent|date|subject|reply-to)\s*:[\s*_]*(?=\S)", re.IGNORECASE)
RULE = re.compile(r"^\s*_{10,}\s*$")
NESTED = re.compile(r"^\s*>\s*>")
WORD = re.compile(r"\w+")
MIN_HEADERS = 3
# A quotation is another message's when this share of its runs of words stands there.
SAME_SHARE = 0.6
RUN_WORDS = 4


def strip_quoted_replies(text: str, around: Around) -> list[Change]:
    lines = lines_of(text)
    changes: list[Change] = []
    quotations: list[tuple[int, int, str]] = []
    n = 0
    while n < len(lines):
        carried = _forwarded(lines, n) or _answered(lines, n)
        quoted = None if carried else _quoted(lines, n, around)
        if carried:
            changes.append(taken_out(lines, n, *carried))
        elif quoted:
            quotations.append((n, *quoted))
        n = max((found[0] for found in (carried, quoted) if found), default=n) + 1
    if _answers_point_by_point(lines, quotations):
        return changes
    return changes + [taken_out(lines, *quotation) for quotation in quotations]


def _answers_point_by_point(lines: Sequence[Line], quotations: Sequence[tuple[int, int, str]]) -> bool:
    """Whether two quotations or more are each followed by an answer, which would hang in the air without its question."""
    n_answered = 0
    for place, (_, last, _) in enumerate(quotations):
        end = quotations[place + 1][0] if place + 1 < len(quotations) else len(lines)
        n_answered += any(not line.is_blank for line in lines[last + 1 : end])
    return n_answered > 1


def _forwarded(lines: Sequence[Line], n: int) -> tuple[int, str] | None:
    """The last header line of a forwarded mail that begins here."""
    if lines[n].is_code or not FORWARDED.match(lines[n].text):
        return None
    last = n
    for place in range(n + 1, len(lines)):
        if lines[place].is_blank:
            continue
        if lines[place].is_code or not HEADER.match(lines[place].text):
            break
        last = place
    return last, "header of a forwarded mail"


def _answered(lines: Sequence[Line], n: int) -> tuple[int, str] | None:
    """The end of the text, where the mail that was answered begins here."""
    if lines[n].is_code:
        return None
    headers = n + 1 if RULE.match(lines[n].text) else n
    begins = ORIGINAL.match(lines[n].text) or (
        # A list of headers in the middle of a line of thought needs something above it to be an answer.
        any(not line.is_blank for line in lines[:n]) and _n_headers(lines[headers:]) >= MIN_HEADERS
    )
    return (len(lines) - 1, "the mail that was answered") if begins else None


def _n_headers(lines: Sequence[Line]) -> int:
    """How many different header lines stand here in a row, the sender's first; else none."""
    names: list[str] = []
    for line in lines:
        header = None if line.is_code else HEADER.match(line.text)
        if header is None:
            break
        names.append(header[1].lower())
    return len(set(names)) if names and names[0] == "from" and {"sent", "date"} & set(names) else 0


def _quoted(lines: Sequence[Line], n: int, around: Around) -> tuple[int, str] | None:
    """The last line of a quotation that begins here, with the line above it that says whose it is."""
    first = n
    if not lines[n].is_code and not _is_quoted(lines[n]):
        # The line that says who wrote it may be broken in two, and have a blank line below.
        for n_lines in (1, 2):
            if any(line.is_blank or line.is_code for line in lines[n : n + n_lines]):
                break
            said = " ".join(line.text for line in lines[n : n + n_lines])
            first = n + n_lines
            while first < len(lines) and lines[first].is_blank:
                first += 1
            if first < len(lines) and _is_quoted(lines[first]) and _says_who(said, first - n - n_lines):
                return _end_of_quotation(lines, first), "a quotation of another message"
        return None
    if not _is_quoted(lines[n]) or (n and _is_quoted(lines[n - 1])):
        return None
    last = _end_of_quotation(lines, first)
    block = [line.text for line in lines[first : last + 1]]
    if sum(bool(NESTED.match(line)) for line in block) >= 2:
        return last, "a quotation within a quotation"
    if _stands_in("\n".join(block), around.earlier):
        return last, "words of an earlier message"
    return None


def _says_who(line: str, n_blank: int) -> bool:
    return bool(WROTE.match(line)) or (not n_blank and bool(SAID.match(line)))


def _is_quoted(line: Line) -> bool:
    return not line.is_code and line.text.lstrip().startswith(">")


def _end_of_quotation(lines: Sequence[Line], first: int) -> int:
    last = first
    while last + 1 < len(lines) and _is_quoted(lines[last + 1]):
        last += 1
    return last


def _stands_in(quotation: str, earlier: Sequence[str]) -> bool:
    runs = _runs(quotation)
    if not runs:
        return False
    return any(len(runs & _runs(text)) >= SAME_SHARE * len(runs) for text in earlier)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [word.lower() for word in WORD.findall(text)]
    return set(zip(*(words[i:] for i in range(RUN_WORDS)), strict=False))

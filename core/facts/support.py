"""Numbers, amounts, dates, names and links of a draft that stand in no fact and no brief.

Exact by value, not by wording: 1,200 is 1200, twelve is 12, 3 May 2026 is 2026-05-03, and a link is the same with or without www. What a text
says in other words than figures and names is not looked at: "half of them" is no number here. English number words, English month names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class ValueKind(StrEnum):
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    NAME = "name"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a text. same: what is compared; two texts state the same where these are equal."""

    kind: ValueKind
    start: int
    end: int
    same: str


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DAY = r"(?P<d{0}>\d{{1,2}})(?:st|nd|rd|th)?"
DATE = re.compile(
    rf"\b(?:{_DAY.format(1)}(?: of)? (?P<m1>{_MONTH})\b\.?(?:,? (?P<y1>\d{{4}}))?"
    rf"|(?P<m2>{_MONTH})\b\.? {_DAY.format(2)}\b(?:,? (?P<y2>\d{{4}}))?"
    rf"|(?P<m3>{_MONTH})\b\.?,? (?P<y3>\d{{4}})"
    rf"|(?P<y4>\d{{4}})-(?P<m4>\d{{2}})-(?P<d4>\d{{2}}))(?!\w)",
    # Letters that fold to others, such as the long s, name no month.
    re.IGNORECASE | re.ASCII,
)
# Long runs are entered at their first sign and bounded: a text of dots or commas alone must not take a minute.
LINK = re.compile(
    r"(?:https?://|\bwww\.)[^\s<>()\[\]\"']{0,2000}[^\s<>()\[\]\"'.,;:!?*_]|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
    r"|(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,8}(?:com|org|net|io|eu|de|uk|fr|gov|edu|dev|app)\b(?:/[^\s<>()\[\]\"']{0,2000}[^\s<>()\[\]\"'.,;:!?*_])?",
    re.IGNORECASE,
)
# Thousands are parted by a comma, or by a space that does not break; after a plain space another number begins.
_FIGURE = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?(?![\d,])|\d{1,20}(?:[.,]\d{1,20}){0,8}"
AMOUNT = re.compile(
    rf"(?P<before>(?:US|CA|AU)?[$€£¥₹])\s?(?P<a>{_FIGURE})(?P<k>k\b|\s?(?:thousand|million|billion|m|bn)\b)?"
    rf"|(?<![\w.,])(?P<b>{_FIGURE})\s?(?P<after>€|£|%|percent\b|per cent\b|dollars?\b|euros?\b|pounds?\b|usd\b|eur\b|gbp\b|chf\b|cents?\b)",
    re.IGNORECASE | re.ASCII,
)
NUMBER = re.compile(rf"(?<![\w.,])(?:{_FIGURE})(?=\b|(?:st|nd|rd|th|x|k|kb|mb|gb|tb|ms|s|h|am|pm)\b)", re.ASCII)
LIST_MARK = re.compile(r"^[ \t]*\d{1,3}[.)](?=\s)", re.MULTILINE)
WORD = re.compile(r"[^\W\d_][\w'’&.-]*[^\W_]|[^\W\d_]")
_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
         "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
NUMBER_WORDS = (
    {word: n for n, word in enumerate(_ONES)}
    | _TENS
    | {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "dozen": 12}
)
CURRENCIES = {
    "$": "usd",
    "us$": "usd",
    "dollar": "usd",
    "€": "eur",
    "euro": "eur",
    "£": "gbp",
    "pound": "gbp",
    "per cent": "%",
    "percent": "%",
}
SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
# Written with a capital, and no names: days, months, the speaker, and what letters begin and end with.
_NO_NAMES = """
i i'm i've i'll i'd monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december ok okay faq pdf url html css ai it pc tv usa us uk eu english hi hello dear thanks thank best kind regards
sincerely yours cheers re fyi asap ps dm q a an the this that these those
"""
NO_NAMES = frozenset(_NO_NAMES.split())
SENTENCE_START = re.compile(r"(?:^|[.!?:…]['\"”’)\]*_]*\s+|\n\s*|^[#>*\-\s\d.)]+|[“\"‘(\[*_]+)\Z", re.MULTILINE)


def values_of(text: str) -> list[Value]:
    """The values of a text in order. Figures inside links, dates and amounts count as part of these; list numbers do not count."""
    found: list[Value] = []
    taken = [(mark.start(), mark.end()) for mark in LIST_MARK.finditer(text)]
    for values in (_links(text), _dates(text), _amounts(text), _numbers(text), _names(text)):
        fresh = [value for value in values if all(value.end <= a or value.start >= b for a, b in taken)]
        taken += [(value.start, value.end) for value in fresh]
        found += fresh
    return sorted(found, key=lambda value: value.start)


@lru_cache(maxsize=256)
def unsupported(draft: str, support: tuple[str, ...]) -> tuple[Value, ...]:
    """The values of a draft that none of the texts states, in order. support: the brief and the facts."""
    stated = _stated(support)
    return tuple(value for value in values_of(draft) if not _is_stated(value, stated))


@dataclass(frozen=True, slots=True)
class _Stated:
    values: frozenset[tuple[ValueKind, str]]
    figures: frozenset[str]
    dates: tuple[tuple[str, str, str], ...]
    words: frozenset[str]


def _stated(support: Sequence[str]) -> _Stated:
    found = [value for text in support for value in values_of(text)]
    figures = {_figure(figure.group()) for text in support for figure in re.finditer(_FIGURE, text)}
    figures |= {str(n) for text in support for n in _spelt_numbers(text)}
    figures |= {value.same.split(" ")[0] for value in found if value.kind is ValueKind.AMOUNT}
    words = {part for text in support for word in WORD.findall(text) for part in _word_forms(word)}
    dates = tuple(_date_parts(value.same) for value in found if value.kind is ValueKind.DATE)
    return _Stated(frozenset((value.kind, value.same) for value in found), frozenset(figures), dates, frozenset(words))


def _is_stated(value: Value, stated: _Stated) -> bool:
    match value.kind:
        case ValueKind.LINK | ValueKind.AMOUNT:
            return (value.kind, value.same) in stated.values
        case ValueKind.NUMBER:
            return value.same in stated.figures
        case ValueKind.DATE:
            # What the draft leaves out of a date, the fact may say.
            wanted = _date_parts(value.same)
            return any(all(w in ("", h) for w, h in zip(wanted, had, strict=True)) for had in stated.dates)
        case ValueKind.NAME:
            return all(word in stated.words for word in value.same.split())


def _links(text: str) -> Iterator[Value]:
    for found in LINK.finditer(text):
        same = re.sub(r"^(?:https?://)?(?:www\.)?", "", found.group().casefold()).rstrip("/")
        yield Value(ValueKind.LINK, found.start(), found.end(), same)


def _dates(text: str) -> Iterator[Value]:
    for found in DATE.finditer(text):
        part = {name[0]: value for name, value in found.groupdict().items() if value}
        month = part["m"] if part["m"].isdigit() else f"{MONTHS.index(part['m'][:3].lower()) + 1:02}"
        same = f"{part.get('y', '')}-{month}-{int(part['d']):02}" if "d" in part else f"{part.get('y', '')}-{month}-"
        yield Value(ValueKind.DATE, found.start(), found.end(), same)


def _date_parts(same: str) -> tuple[str, str, str]:
    year, month, day = same.split("-")
    return year, month, day


def _amounts(text: str) -> Iterator[Value]:
    for found in AMOUNT.finditer(text):
        figure = _figure(found["a"] or found["b"])
        if found["k"]:
            figure = f"{float(figure) * SCALES[found['k'].strip().lower()]:.10g}" if _is_plain(figure) else figure
        unit = (found["before"] or found["after"]).lower()
        unit = unit.rstrip("s") if unit not in ("us$",) else unit
        yield Value(ValueKind.AMOUNT, found.start(), found.end(), f"{figure} {CURRENCIES.get(unit, unit)}")


def _numbers(text: str) -> Iterator[Value]:
    for found in NUMBER.finditer(text):
        yield Value(ValueKind.NUMBER, found.start(), found.end(), _figure(found.group()))


def _names(text: str) -> Iterator[Value]:
    """Words with a capital that begin no sentence, neighbours together; in lower case elsewhere in the text they are no names."""
    small = {word for word in WORD.findall(text) if word == word.lower()}
    run: list[re.Match[str]] = []
    for found in [*WORD.finditer(text), None]:
        if found is not None and _may_be_name(found, text, small):
            if run and text[run[-1].end() : found.start()] != " ":
                yield _name(run)
                run = []
            run.append(found)
        elif run:
            yield _name(run)
            run = []


def _may_be_name(found: re.Match[str], text: str, small: set[str]) -> bool:
    word = found.group()
    bare = re.sub(r"['’]s$", "", word)
    if not any(letter.isupper() for letter in bare) or bare.lower() in NO_NAMES or bare.lower() in small:
        return False
    inside = any(letter.isupper() for letter in bare[1:])
    return inside or SENTENCE_START.search(text, max(0, found.start() - 40), found.start()) is None


def _name(run: list[re.Match[str]]) -> Value:
    words = [_word_forms(found.group())[-1] for found in run]
    return Value(ValueKind.NAME, run[0].start(), run[-1].end(), " ".join(words))


def _word_forms(word: str) -> tuple[str, ...]:
    """A word in small letters, and without its 's."""
    small = word.casefold().replace("’", "'").strip(".")
    return small, re.sub(r"'s?$", "", small)


def _figure(figure: str) -> str:
    """1,200 as 1200; 12.50 as 12.5; what has several points, such as a version, as it is."""
    bare = re.sub(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?:\D|$))", "", figure)
    return f"{float(bare):.10g}" if _is_plain(bare) else bare


def _is_plain(figure: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", figure) is not None


def _spelt_numbers(text: str) -> Iterator[int]:
    """Numbers in words: each by itself, and tens with ones (forty-two)."""
    words = [word for found in WORD.findall(text) for word in re.split(r"[-\s]", found.lower())]
    for at, word in enumerate(words):
        n = NUMBER_WORDS.get(word)
        if n is None:
            continue
        yield n
        after = NUMBER_WORDS.get(words[at + 1]) if at + 1 < len(words) else None
        if after is not None and word in _TENS and 0 < after < 10:
            yield n + after
        if after is not None and after >= 100:
            yield n * after

"""Towns and organisations that a word beside them makes known.

Not covered: a place or a company in running text with nothing of this beside it (the language model's part).
"""

from __future__ import annotations

from functools import cache

import regex

from core.privacy.common_words import COMMON_WORDS
from core.privacy.countries import COUNTRY
from core.privacy.names import NO_NAMES
from core.privacy.spans import PersonalSpan, PersonalType

FOUND_BY = "places"
SURE, LIKELY = 0.8, 0.65
_FORMS = (
    r"(?:(?:Inc|Ltd|Corp|Co|L\.L\.C|S\.A|B\.V)\b\.?|(?:LLC|Limited|GmbH|AG|KG|Corporation|Company|Group|Partners|Technologies|Solutions"
    r"|Associates|Systems|Labs|Holdings|PLC|Sons|Industries|Enterprises|Consulting|Foundation)\b)"
)
_LIVING = "live[sd]?|living|grew up|was born|were born|born|based|raised|resid(?:e[sd]?|ing)|home city|home town|hometown|offices?|branch|street"
_PLACES = "where|place|city|town|location|venue|country|hometown"


def _name(letter: str) -> str:
    word = rf"{letter}[\p{{L}}\p{{M}}'’∆.-]*[\p{{L}}\p{{M}}∆]"
    return rf"{word}(?: (?:(?:de|del|della|la|le|les|of|on|am|an|upon|y|do|da|dos|di|u|nad|v|{letter})\b ?)*{word})*"


@cache
def _towns(is_small: bool) -> tuple[regex.Pattern[str], ...]:
    town = _name(r"\p{L}" if is_small else r"\p{Lu}")
    code = r"\d{4,5}|\d{3} \d{2}|\d{4}-\d{3,4}"
    return (
        regex.compile(rf"(?i:\b(?:in|at|from|near)) (?P<name>{town})(?=,? (?!(?:19|20)\d\d\b)(?:{code})(?![\w.:%-]))"),
        regex.compile(rf"(?i:\b(?:{_LIVING}) (?:in|to|from|at|near)) (?:the )?(?P<name>{town})"),
        regex.compile(rf"(?im:^[> \t]*(?:{_PLACES})):[ \t]+(?P<name>{town})"),
        regex.compile(rf"(?i:\b(?:home city|home town|hometown)) (?P<name>{town})"),
    )


_CAPITAL = _name(r"\p{Lu}")
COMPANIES = (
    (regex.compile(rf"(?<![\p{{L}}])(?P<name>(?:{_CAPITAL},? (?:and |& )?){{1,3}}{_FORMS})"), SURE),
    (regex.compile(rf"\b(?:The|the) (?P<name>{_CAPITAL}(?:, {_CAPITAL} and {_CAPITAL})?) (?i:offices?|headquarters|orchestra|branch|company|factory|store)\b"), LIKELY),
    (regex.compile(rf"(?i:\b(?:address|offices?|headquarters|employees?|founder|ceo|director|customers?) of) (?P<name>{_CAPITAL}(?:(?:, | and ){_CAPITAL})*) (?i:is|are|was)\b"), LIKELY),
    (regex.compile(rf"(?i:\b(?:(?:works?|worked|working|employed|interned) at|employed by)) (?P<name>{_CAPITAL})"), LIKELY),
    (regex.compile(rf"(?P<name>{_CAPITAL}(?:, {_CAPITAL})+ and {_CAPITAL})(?= (?i:is|are|was|were) (?:the )?(?i:brainchild|a company|an? \w+ company)\b)"), LIKELY),
)  # fmt: skip
# A postcode behind a town, and a town's country.
AFTER_TOWN = regex.compile(
    r",? (?P<code>(?!(?:19|20)\d\d\b)\d{4,5}(?:-\d{3,4})?|\d{3} \d{2}|\p{Lu}{1,2}\d{1,2}\p{Lu}? \d\p{Lu}{2})(?![\w.-])"
)


def places(text: str) -> list[PersonalSpan]:
    """Towns, countries and organisations, overlaps and all."""
    is_small = text == text.lower()
    found = [
        _span(m.span(), PersonalType.LOCATION, SURE)
        for m in COUNTRY.finditer(text)
        if is_small or m.group()[0].isupper()
    ]
    for pattern in _towns(is_small):
        for match in pattern.finditer(text):
            place = _named(text, *match.span("name"))
            if place:
                found.append(_span(place, PersonalType.LOCATION, LIKELY))
    for pattern, score in COMPANIES:
        for match in pattern.finditer(text):
            place = _named(text, *match.span("name"), whole=True)
            if place:
                found.append(_span(place, PersonalType.ORGANIZATION, score))
    return found


def postcodes(text: str, towns: list[PersonalSpan]) -> list[PersonalSpan]:
    """Postcodes right behind towns that were found."""
    found = []
    for town in towns:
        match = AFTER_TOWN.match(text, town.end) if town.type is PersonalType.LOCATION else None
        if match:
            found.append(_span(match.span("code"), PersonalType.STREET_ADDRESS, LIKELY))
    return found


def _span(place: tuple[int, int], kind: PersonalType, score: float) -> PersonalSpan:
    return PersonalSpan(*place, kind, score, FOUND_BY)


def _named(text: str, start: int, end: int, *, whole: bool = False) -> tuple[int, int] | None:
    """The words up to the first that names nothing. whole: an organisation's name may hold common words, and not begin with one."""
    stop = begin = start
    for word in regex.finditer(r"\S+", text[start:end]):
        bare = word.group().strip(".,'’").lower()
        is_common = (bare in COMMON_WORDS or bare in NO_NAMES) and bare not in ("of", "on")
        if is_common and whole and stop == begin:
            stop = begin = start + word.end() + 1
            continue
        if is_common and not whole:
            break
        stop = start + word.end()
    return (begin, stop) if stop - begin > 2 else None

"""Names of persons, and their titles, that a word beside them makes known.

A greeting, a signature, a speaker before what is said, an introduction, a relative, a title: there a name stands
that a language model overlooks, above all a rare one or one written small. In a text without any capital, words that
are no common ones may be names.

Not covered: a name in running text with nothing of this beside it (the language model's part).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import regex

from core.privacy.common_words import COMMON_WORDS
from core.privacy.spans import PersonalSpan, PersonalType

FOUND_BY = "names"
SURE, LIKELY = 0.88, 0.75

# Written where a name could stand, and none.
_NO_NAMES_AS_TEXT = """
all there team everyone everybody support sir madam folks guys customer friends community admin administrator moderator service
colleagues friend gentlemen ladies reader readers group list sales user users owner member note warning error thunderbird firefox mozilla
windows google microsoft apple outlook gmail yahoo linux android internet email regards thanks best kind mobile phone fax tel desk cell
web bot devil god jesus christ sorry happy not just so very sure glad new able here trying using having getting going ok okay
anyway btw re fyi fwd lastly finally hopefully unfortunately actually basically additionally alternatively otherwise meanwhile however cmd ctrl
alt shift ps edit update yep nope yeah sure great perfect correct right done solved frankly further alternately
moderators ah oh outbound inbound
"""
NO_NAMES = frozenset(_NO_NAMES_AS_TEXT.split())
_RELATIVES = (
    "kid|son|daughter|child|wife|husband|partner|mother|father|mum|mom|dad|brother|sister|grandson|granddaughter|grandmother|grandfather|"
    "nephew|niece|uncle|aunt|cousin|boss|manager|colleague|co-worker|coworker|assistant|friend|neighbou?r|doctor|teacher|boyfriend|girlfriend|fiancée?"
)
_TITLES = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Lady|Rev|Herr|Frau|Mme|Mlle|Sra?|Señora?|Sig(?:nora)?)\b\.?"
_CLOSINGS = (
    r"(?:(?:best|kind|warm|kindest|warmest|many)(?: regards| wishes| thanks)?|regards|cheers|thanks(?: again| so much| a lot| in advance)?|thank you"
    r"|sincerely(?: yours)?|yours(?: sincerely| truly| faithfully)?|respectfully|mit freundlichen grüßen|viele grüße|cordialement|saludos)"
)
_GREETINGS = (
    r"(?:hi|hello|hey|dear|hallo|bonjour|hola|good (?:morning|afternoon|evening)|thanks|thank you|cheers|welcome)"
)
_WRITTEN = "directed|written|posted|signed|reviewed|created|sent|submitted|reported|authored|approved|edited|translated|produced|answered|filed|opened"
_FIELDS = (
    "from|to|cc|author|name|full name|contact|customer|client|attn|attention|reviewer|assignee|signed-off-by|co-authored-by|reported-by"
    "|tested-by|reviewed-by|best regards|caller|patient|employee|manager"
)
_ACTS = (
    "lives|lived|works|worked|wrote|said|says|told|asked|listed|thinks|believes|wants|joined|married|was born|grew up|had given|gave"
    "|will be (?:talking|speaking)|spoke|called|replied|answered|explained|added|lives"
)
_GROUPS = "founders|authors|members|attendees|participants|reviewers|speakers|contributors|owners|colleagues|guests|witnesses|directors"


@dataclass(frozen=True, slots=True)
class _Cue:
    pattern: regex.Pattern[str]
    score: float


@cache
def _cues(is_small: bool) -> tuple[_Cue, ...]:
    """Patterns whose groups are names. is_small: for a text without capitals."""
    letter = r"\p{L}" if is_small else r"\p{Lu}"
    word = rf"{letter}[\p{{L}}\p{{M}}'’-]*[\p{{L}}\p{{M}}](?<!['’]s)"
    name = (
        rf"{word}(?: (?:{letter}\.?|van|de|der|den|von|da|di|del|la|le|el|al|bin|ibn|{word})(?![\p{{L}}'’]))*(?<![ .])"
    )
    one = rf"(?P<name>{name})"
    ends = r"(?=\s*(?:[,.!?;:\n)–—-]|\Z))"
    patterns = (
        (rf"(?im:^[> \t]*{_GREETINGS}),? (?:{_TITLES} )?{one}{ends}", SURE),
        (rf"(?i:\b{_CLOSINGS})[,.!]?[ \t]*\n[> \t\n]*[-–— ]*{one}(?=[ \t.]*(?:\n|\Z))", SURE),
        (rf"(?m:^-- ?\n){one}(?=[ \t]*(?:\n|\Z))", SURE),
        (rf"(?m:^[> \t]*){one}: ?(?=[\"“”«„'’])", SURE),
        (rf"(?i:\b(?:my name is|my name's|call me|calls? me|called me|named (?:him|her|them|it)|known as|i am called|name of)) {one}", SURE),
        (rf"(?i:\b(?:i am|i['’]m|this is|it['’]s)) {one}(?=['’]s\b|[,.\n]| (?:from|here|at|and|with)\b|\Z)", LIKELY),
        (rf"(?i:\b(?:my|our|his|her|your|their) (?:late |ex-|elder |younger |old |little )?(?:{_RELATIVES}),?) {one}", SURE),
        (rf"{one}['’]s (?i:{_RELATIVES})\b", SURE),
        (rf"(?m:^[> \t]*){one}, (?i:can|could|please|would|will|may|do|did|are you|is there|thank|you|i)\b", LIKELY),
        (rf"(?i:\b(?:{_WRITTEN}) by):?\s+{one}", SURE),
        (rf"(?im:^[> \t]*(?:{_FIELDS})):[ \t]+{one}(?=[ \t]*(?:[<,(\n]|\Z))", SURE),
        (rf"(?m:(?:^|(?<=[.!?] ))){one} (?i:{_ACTS})\b", LIKELY),
        (rf"(?i:\b(?:{_GROUPS}))\b[^.:\n]{{0,20}}: {one}(?:, (?P<name>{name}))*,? and (?P<name>{name})", SURE),
        (rf"(?i:\bheard|\bsays|\bsaid|\bgiven|\bmet) {one}(?= (?i:speak|talk|say|sing|his|her|their|the|in)\b|[,.\n]|\Z)", LIKELY),
    )  # fmt: skip
    return tuple(_Cue(regex.compile(pattern), score) for pattern, score in patterns)


@cache
def _titled(is_small: bool) -> regex.Pattern[str]:
    letter = r"\p{L}" if is_small else r"\p{Lu}"
    word = rf"{letter}[\p{{L}}\p{{M}}'’-]*[\p{{L}}\p{{M}}](?<!['’]s)"
    flags = "(?i)" if is_small else ""
    return regex.compile(rf"{flags}(?<!\w)(?P<title>{_TITLES}) (?P<name>{word}(?: {letter}\.?(?=\s))?(?: {word})?)")


AGE = regex.compile(r"(?i)\b(?P<age>\d{1,3})(?:[ -]years?[ -]old|[ -]?yrs?[ -]old| ?y/?o\b)|\baged (?P<age>\d{1,3})\b")
LEAST_OF_ANOTHER = 3


def names(text: str) -> list[PersonalSpan]:
    """Persons, titles and ages, overlaps and all."""
    is_small = text == text.lower()
    found = [_span(m.span("age"), PersonalType.AGE, SURE) for m in AGE.finditer(text)]
    found += _titles(text, is_small)
    for cue in _cues(is_small):
        for match in cue.pattern.finditer(text):
            found += [_span(span, PersonalType.PERSON, cue.score) for span in _checked(text, match.spans("name"))]
    return found


def named_again(text: str, found: list[PersonalSpan]) -> Iterator[PersonalSpan]:
    """Other places of the names in found: of a whole one, and of each of its words with a capital."""
    words: dict[str, float] = {}
    for span in found:
        if span.type is not PersonalType.PERSON:
            continue
        value = text[span.start : span.end]
        for part in {value, *value.split()}:
            is_name = (
                len(part) >= LEAST_OF_ANOTHER and part[0].isupper() and part.lower() not in COMMON_WORDS | NO_NAMES
            )
            if is_name:
                words[part] = max(span.score, words.get(part, 0.0))
    for word, score in words.items():
        for match in regex.finditer(rf"(?<![\w@.-]){regex.escape(word)}(?![\w@-])", text):
            yield PersonalSpan(match.start(), match.end(), PersonalType.PERSON, round(score * 0.9, 2), "named again")


def _span(place: tuple[int, int], kind: PersonalType, score: float) -> PersonalSpan:
    return PersonalSpan(place[0], place[1], kind, score, FOUND_BY)


def _titles(text: str, is_small: bool) -> Iterator[PersonalSpan]:
    for match in _titled(is_small).finditer(text):
        for place in _checked(text, [match.span("name")]):
            yield _span(match.span("title"), PersonalType.TITLE, SURE)
            yield _span(place, PersonalType.PERSON, SURE)


def _checked(text: str, places: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The places whose words may be a name: up to the first that none is."""
    for start, end in places:
        stop = start
        for word in regex.finditer(r"\S+", text[start:end]):
            bare = word.group().strip(".,'’").lower()
            if len(bare) > 1 and (bare in NO_NAMES or (bare in COMMON_WORDS and bare not in MAY_BE_NAMES)):
                break
            stop = start + word.end()
        if stop - start > 1:
            yield start, stop


_MAY_BE_NAMES_AS_TEXT = "mark may april june august will grant rose art drew"
MAY_BE_NAMES = frozenset(_MAY_BE_NAMES_AS_TEXT.split())

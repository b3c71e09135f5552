"""One person in texts: every way in which their names, addresses, ids and handles may be written, and what is only alike.

A name is found whatever its case, accents, punctuation and order: "Ana Lima", "LIMA, Ána", "A. Lima", "ana.lima". Everything else (an
address, a handle, a number) is found as it is, but for case and the marks between its parts. What is only alike, by the ratio of rapidfuzz
or because it is a surname alone, is a possible find: it may be somebody else, so nothing is done with it unless a person chose it. A name within which a code stands (an entity, an escape, a tag) is found by `Person.anyhow` alone.

Not covered: nicknames and relations ("my wife") that nobody named, pictures, base64.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from core.errors import Invalid
from core.privacy.coded_texts import readings

ALIKE_FROM = 0.88
# A surname has to be as much alike before the words beside it are looked at.
SURNAME_ALIKE_FROM = 0.75
LEAST_CHARACTERS = 3
MOST_SPELLINGS = 50
# Between the parts of a name or of an address: a space, a dot, a comma and a space, nothing.
BETWEEN = r"[\W_]{0,3}"
NO_LETTER_BEFORE, NO_LETTER_AFTER = r"(?<![^\W\d_])", r"(?![^\W\d_])"
NOTHING_BEFORE, NOTHING_AFTER = r"(?<![^\W_])", r"(?![^\W_])"
SPECIAL = {
    "ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th",
    "Þ": "th", "ı": "i",
}  # fmt: skip
# Markdown's, which may stand within a name: a part of it was bold where it came from.
EMPHASIS = "*"
TWO_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
WORD = re.compile(r"[^\W\d_]+")
PART = re.compile(r"[^\W_]+")
ERASED = "[erased]"
# A name that is coded stands in a few parts between blanks, one of which has a sign of a code.
NO_BLANKS, HAS_CODE, MOST_PARTS = re.compile(r"\S+"), re.compile(r"[\\&%=<]"), 6
# Of so many parts in one line all of it is taken.
LINE, MOST_LOOKED_AT, AROUND = re.compile(r"[^\n]*\n?"), 20_000, 400


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text. how: name, initials, literal, coded; or surname, account and alike, which are possible alone."""

    start: int
    end: int
    is_certain: bool
    how: str


@dataclass(frozen=True, slots=True)
class Person:
    """names: as written in full. literals: addresses, handles, ids and numbers. alike_from: the least ratio, in [0, 1], of what is only alike."""

    names: tuple[str, ...]
    literals: tuple[str, ...] = ()
    alike_from: float = ALIKE_FROM
    _finder: list[_Finder] = field(default_factory=list, compare=False, repr=False)

    @property
    def spellings(self) -> tuple[str, ...]:
        return (*self.names, *self.literals)

    def mentions(self, text: str) -> list[Mention]:
        """Where the person stands in a text, in order and without overlaps: what is certain before what is possible."""
        return self._found().mentions(text)

    def anyhow(self, text: str) -> list[Mention]:
        """Mentions as the text stands, and with them those that show once it is decoded: where an entity, an escape or a tag stands in the name.

        They end at blanks, so that nothing is left of the code; where that does not help, all of the text is one.
        """
        plain = self.mentions(text)
        if not self._shows(text):
            return plain
        coded = list(self._coded(text))
        return _without_overlaps([*plain, *coded]) if coded else [Mention(0, len(text), True, "coded")]

    def _coded(self, text: str) -> Iterator[Mention]:
        """Looked for line by line and over the end of each, and closely where one reads so alone."""
        lines = [line.span() for line in LINE.finditer(text)]
        end = 0
        for (start, stop), (_, next_stop) in itertools.zip_longest(lines, lines[1:], fillvalue=(len(text), len(text))):
            for first, until in ((start, stop), (max(start, stop - AROUND), min(next_stop, stop + AROUND))):
                begin = max(first, end)
                if begin < until and self._shows(text[begin:until]):
                    for one in self._closely(text, begin, until):
                        end = one.end
                        yield one

    def _closely(self, text: str, begin: int, until: int) -> Iterator[Mention]:
        parts = [part.span() for part in NO_BLANKS.finditer(text, begin, until)]
        if len(parts) > MOST_LOOKED_AT:
            yield Mention(begin, until, True, "coded")
            return
        end = begin
        for last, (_, stop) in enumerate(parts):
            # The shortest that reads so: from its last part backwards.
            for first in range(last, max(-1, last - MOST_PARTS), -1):
                start = parts[first][0]
                if start < end:
                    break
                if self._shows(text[start:stop]):
                    end = stop
                    yield Mention(start, stop, True, "coded")
                    break

    def _shows(self, stretch: str) -> bool:
        """Whether the person is there once the stretch is decoded, and oftener than as it stands."""
        if HAS_CODE.search(stretch) is None:
            return False
        n_plain = len(self.certain(stretch))
        return any(len(self.certain(read)) > n_plain for _, read in readings(stretch))

    def certain(self, text: str) -> list[Mention]:
        """Those of the mentions that are certain, told without a look at every word."""
        return self._found().mentions(text, certain_alone=True)

    def _found(self) -> _Finder:
        if not self._finder:
            self._finder.append(_Finder(self))
        return self._finder[0]

    def anchors(self) -> tuple[bytes, ...]:
        """Small-letter bytes of which one stands wherever a certain mention does, in UTF-8 and UTF-16: a quick look through large files."""
        return self._found().byte_anchors


def person_of(name: str, also: Iterable[str] = (), *, alike_from: float = ALIKE_FROM) -> Person:
    """The person who is called so and is also written as that. Raises Invalid for what is too short to be looked for."""
    cleaned = [" ".join(one.split()) for one in (name, *also)]
    spellings = list(dict.fromkeys(one for one in cleaned if one))
    if not spellings or len(spellings) > MOST_SPELLINGS:
        raise Invalid("Nobody is named.", remedy=f"Name the person, and up to {MOST_SPELLINGS - 1} other spellings.")
    for one in spellings:
        if len("".join(PART.findall(fold(one)[0]))) < LEAST_CHARACTERS:
            raise Invalid(
                f"{one!r} is too short to be looked for: it would be found in other words.",
                remedy=f"Write at least {LEAST_CHARACTERS} letters or digits.",
            )
    if not 0.5 <= alike_from <= 1:
        raise Invalid(f"The ratio {alike_from:g} is not possible.", remedy="Choose one from 0.5 to 1.")
    names = tuple(one for one in spellings if is_name(one))
    return Person(names, tuple(one for one in spellings if one not in names), alike_from)


def is_name(spelling: str) -> bool:
    """Whether it is read as a person's name: words of letters. All else is looked for as it is."""
    return not re.search(r"[\d@_/#:+\\]", spelling) and bool(WORD.search(spelling))


def fold(text: str) -> tuple[str, list[int] | None]:
    """Small letters without accents, and of each the place that it has in the text; None where the places are the same."""
    return folded(text), _places(text)


def folded(text: str) -> str:
    """Small letters without accents, and without what is not seen or only sets letters off."""
    return text.lower() if text.isascii() and EMPHASIS not in text else text.translate(FOLDS)


def _places(text: str) -> list[int] | None:
    if all(len(FOLDS[ord(character)]) == 1 for character in set(text)):
        return None
    places: list[int] = []
    for place, character in enumerate(text):
        places += [place] * len(FOLDS[ord(character)])
    return [*places, len(text)]


def masked(text: str, mentions: Sequence[Mention], *, whole: str) -> str:
    """The text with ERASED where the mentions stand; `whole` where one is all of it, so that a name stays one name wherever it stands alone."""
    if len(mentions) == 1 and not PART.search(text[: mentions[0].start] + text[mentions[0].end :]):
        return whole
    pieces, end = [], 0
    for one in mentions:
        pieces += [text[end : one.start], ERASED]
        end = one.end
    return "".join([*pieces, text[end:]])


def masked_value(value: Any, person: Person, *, whole: str, takes_possible: bool = False) -> Any:
    """A value of JSON with every text in it masked, names of fields too."""
    if isinstance(value, str):
        found = [one for one in person.anyhow(value) if one.is_certain or takes_possible]
        return masked(value, found, whole=whole) if found else value
    if isinstance(value, list | tuple):
        return [masked_value(one, person, whole=whole, takes_possible=takes_possible) for one in value]
    if isinstance(value, dict):
        return {
            masked_value(key, person, whole=whole, takes_possible=takes_possible): masked_value(
                one, person, whole=whole, takes_possible=takes_possible
            )
            for key, one in value.items()
        }
    return value


class _Folds(dict[int, str]):
    """What a character becomes, by its number; kept for as many as writing uses."""

    def __missing__(self, number: int) -> str:
        found = _folded(chr(number))
        if len(self) < MOST_FOLDS:
            self[number] = found
        return found


FOLDS, MOST_FOLDS = _Folds(), 8_192


def _folded(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if character == EMPHASIS:
        return ""
    plain = unicodedata.normalize("NFKD", character)
    # Marks of accents, and characters that are not seen: a soft hyphen, a joiner of width zero.
    return "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf")).casefold()


class _Finder:
    """The patterns of a person, made once."""

    def __init__(self, person: Person) -> None:
        names = [_words_of(name) for name in person.names]
        self._alike_from = person.alike_from
        self._names = [
            (" ".join(fold(w)[0] for w in words), [fold(w)[0] for w in words]) for words in names if len(words) > 1
        ]
        certain = [("literal", _literal(one)) for one in person.literals]
        possible: list[tuple[str, str]] = []
        for words in names:
            certain += [("name", one) for one in _as_names(words)]
            if len(words) > 1:
                certain += [("initials", one) for one in _as_initials(words)]
                possible += _possible(words)
        self._certain = [(how, re.compile(pattern)) for how, pattern in certain]
        self._possible = [(how, re.compile(pattern)) for how, pattern in possible]
        self._anchors = {one for words in names for one in _forms(words[-1])}
        self._anchors |= {max(PART.findall(fold(one)[0]), key=len) for one in person.literals if not _is_number(one)}
        self._has_numbers = any(_is_number(one) for one in person.literals)
        self.byte_anchors = _byte_anchors([words[-1] for words in names], person.literals, self._anchors)
        self._alike: dict[str, bool] = {}

    def mentions(self, text: str, *, certain_alone: bool = False) -> list[Mention]:
        small = folded(text)
        found: list[Mention] = []
        if self._has_numbers or any(anchor in small for anchor in self._anchors):
            for how, pattern in self._certain:
                found += [Mention(*match.span(), True, how) for match in pattern.finditer(small)]
            for how, pattern in () if certain_alone else self._possible:
                found += [Mention(*match.span(), False, how) for match in pattern.finditer(small)]
        if not certain_alone:
            found += self._alike_ones(small)
        chosen = _without_overlaps(found)
        # Most texts hold nobody, and need not be told letter by letter.
        places = _places(text) if chosen else None
        if places is None:
            return chosen
        return [Mention(places[one.start], places[one.end - 1] + 1, one.is_certain, one.how) for one in chosen]

    def _alike_ones(self, small: str) -> list[Mention]:
        # Most texts hold no such word, and are done with before it is asked where each word stands.
        if not self._names or not any(map(self._is_like_a_surname, WORD.findall(small))):
            return []
        words = list(WORD.finditer(small))
        found = []
        for place, word in enumerate(words):
            if not self._is_like_a_surname(word.group()):
                continue
            for name, parts in self._names:
                n = len(parts) - 1
                for first, last, order in (
                    (place - n, place, parts),
                    (place, place + n, [parts[-1], *parts[:-1]]),
                    (place - 1, place, [parts[0], parts[-1]]),
                ):
                    if first < 0 or last >= len(words) or words[last].end() - words[first].start() > 2 * len(name) + 3:
                        continue
                    read = " ".join(one.group() for one in words[first : last + 1])
                    if fuzz.ratio(read, " ".join(order)) >= 100 * self._alike_from:
                        found.append(Mention(words[first].start(), words[last].end(), False, "alike"))
        return found

    def _is_like_a_surname(self, word: str) -> bool:
        known = self._alike.get(word)
        if known is None:
            known = any(fuzz.ratio(word, parts[-1]) >= 100 * SURNAME_ALIKE_FROM for _, parts in self._names)
            if len(self._alike) < 500_000:
                self._alike[word] = known
        return known


def _words_of(name: str) -> list[str]:
    """The words of a name, the surname last: a comma says that it stands first."""
    surname, comma, rest = name.partition(",")
    return WORD.findall(unicodedata.normalize("NFC", f"{rest} {surname}" if comma else name))


def _forms(word: str) -> list[str]:
    """A word without accents, and as it is written where there are none: Müller, Muller, Mueller."""
    small = word.casefold()
    spelled = "".join(TWO_LETTERS.get(c, c) for c in small)
    shortened = re.sub(r"(?<=[aou])e", "", small)
    return list(dict.fromkeys([fold(small)[0], fold(spelled)[0], fold(shortened)[0]]))


def _any_form(word: str) -> str:
    forms = [re.escape(one) for one in _forms(word)]
    return forms[0] if len(forms) == 1 else "(?:" + "|".join(sorted(forms, key=len, reverse=True)) + ")"


def _as_names(words: list[str]) -> list[str]:
    forms = [_any_form(word) for word in words]
    if len(forms) == 1:
        return [NO_LETTER_BEFORE + forms[0] + NO_LETTER_AFTER]
    first, last = forms[0], forms[-1]
    orders = [forms, [last, *forms[:-1]], [first, last], [last, first]]
    made = [BETWEEN.join(one) for one in orders] + [rf"{first}[\W_]{{1,3}}(?:[^\W\d_]\.?[\W_]{{1,2}}){{1,2}}{last}"]
    return [NO_LETTER_BEFORE + one + NO_LETTER_AFTER for one in dict.fromkeys(made)]


def _as_initials(words: list[str]) -> list[str]:
    """An initial with its dot before the surname, or behind it after a comma or with a dot: "a Smith" is no Adam."""
    initial, last = fold(words[0])[0][0], _any_form(words[-1])
    more = r"(?:[^\W\d_]\.\s{0,2}){0,2}"
    return [
        rf"{NO_LETTER_BEFORE}{initial}\.[\s-]{{0,2}}{more}{last}{NO_LETTER_AFTER}",
        rf"{NO_LETTER_BEFORE}{last},\s{{0,2}}{initial}{NO_LETTER_AFTER}\.?",
        rf"{NO_LETTER_BEFORE}{last}\s{{1,2}}{initial}\.",
    ]


def _possible(words: list[str]) -> list[tuple[str, str]]:
    initial, last = fold(words[0])[0][0], _any_form(words[-1])
    found = [
        ("initials", rf"{NO_LETTER_BEFORE}{initial}[\s_-]{{1,2}}{last}{NO_LETTER_AFTER}"),
        ("account", rf"{NO_LETTER_BEFORE}{initial}{last}{NO_LETTER_AFTER}"),
    ]
    if len(words[-1]) >= LEAST_CHARACTERS:
        found.append(("surname", rf"{NO_LETTER_BEFORE}{last}{NO_LETTER_AFTER}"))
    return found


def _is_number(literal: str) -> bool:
    return not WORD.search(literal)


def _literal(literal: str) -> str:
    small = fold(unicodedata.normalize("NFC", literal))[0]
    if _is_number(literal):
        digits = "".join(re.findall(r"\d", small))
        return NOTHING_BEFORE + r"[\s().\-/]{0,2}".join(digits) + NOTHING_AFTER
    parts = BETWEEN.join(re.escape(part) for part in PART.findall(small))
    # Another person's longer address may end like this one.
    is_address = "@" in small[1:]
    return NOTHING_BEFORE + (r"(?<![^\W_][.+-])" if is_address else "") + parts + NOTHING_AFTER


def _without_overlaps(found: list[Mention]) -> list[Mention]:
    chosen: list[Mention] = []
    for one in sorted(found, key=lambda m: (not m.is_certain, m.start - m.end, m.start)):
        if all(one.end <= other.start or one.start >= other.end for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda m: m.start)


def _byte_anchors(surnames: list[str], literals: Iterable[str], folded: set[str]) -> tuple[bytes, ...]:
    """Of an accented name both of its cases: a small letter of bytes is one of ASCII alone."""
    written = set(folded)
    for word in surnames:
        for form in ("NFC", "NFD"):
            whole = unicodedata.normalize(form, word)
            written |= {whole.lower(), whole.upper()}
    # Whatever letter has an accent, half of the name has none.
    written |= {
        half for one in folded if len(one) > LEAST_CHARACTERS for half in (one[: len(one) // 2], one[len(one) // 2 :])
    }
    # The first two digits of a number, whatever stands between the rest.
    written |= {"".join(re.findall(r"\d", one))[:2] for one in literals if _is_number(one)}
    made = {one.encode(code).lower() for one in written for code in ("utf-8", "latin-1") if _fits(one, code)}
    # Of letters of one byte each the zeros between them stand in either order of UTF-16.
    made |= {one.encode("utf-16-le").lower()[:-1] for one in written if _fits(one, "latin-1")}
    made |= {
        one.encode(code).lower() for one in written for code in ("utf-16-le", "utf-16-be") if not _fits(one, "latin-1")
    }
    # One that has another in it finds nothing more.
    return tuple(sorted(one for one in made if not any(other != one and other in one for other in made)))


def _fits(text: str, code: str) -> bool:
    try:
        text.encode(code)
    except UnicodeEncodeError:
        return False
    return True

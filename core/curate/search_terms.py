"""Words as the search index knows them, and what a person typed, as what is looked for.

A term is a word without case and accents. An identifier gives itself and its parts (getUserName: getusername,
get, user, name); scripts that write no spaces give pairs of letters. Not covered: word stems, other than that a
typed word also finds longer ones that begin with it (price: prices).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARACTERS = 100
# A typed word shorter than this finds only itself: `a` would find half of all words.
MIN_PREFIX = 3
_MARKS = "".join(chr(c) for c in range(0x0300, 0xFE30) if unicodedata.category(chr(c)) in ("Mn", "Mc"))
_WORD = re.compile(rf"[\w{_MARKS}]+")
# Han, kana and Thai: sentences without spaces.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_BOUNDARY = re.compile(r"_|[a-z0-9][A-Z]|[A-Z]{2}[a-z]")
_PART = re.compile(rf"[A-Z]+(?![a-z])|[A-Z]?(?:[^\W_A-Z]|[{_MARKS}])+|[A-Z]")
_PHRASE = re.compile(r'"([^"]*)"?')


@dataclass(frozen=True, slots=True)
class Term:
    """start, end: characters of the text that the term stands for."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that was typed: all its terms, one after another. The last also finds longer words, if `is_open`.

    whole: an identifier as one term, which counts as well.
    """

    terms: tuple[str, ...]
    is_open: bool
    whole: str = ""


def terms_of(text: str) -> Iterator[Term]:
    """The terms of a text in their order."""
    for found in _WORD.finditer(text):
        yield from _terms_in(found[0], found.start())


def index_form(text: str) -> str:
    """The terms of a text with a space between them, as an index reads them."""
    return " ".join(form for word in _WORD.findall(text) if (form := _form(word)))


def wanted(words: str) -> list[Wanted]:
    """What the words ask for; every one of them has to be found. In quotes: a phrase, of whole words."""
    found = []
    for phrase in _PHRASE.findall(words):
        terms = tuple(term.text for term in terms_of(phrase))
        if terms:
            found.append(Wanted(terms, is_open=False))
    rest = _PHRASE.sub(" ", words)
    for word in _WORD.findall(rest):
        found.append(_wanted_word(word))
    return [one for one in dict.fromkeys(found) if one.terms]


def _wanted_word(word: str) -> Wanted:
    terms = tuple(term.text for term in _terms_in(word, 0))
    if not terms or len(terms) == 1:
        return Wanted(terms, is_open=bool(terms) and len(terms[0]) >= MIN_PREFIX and not _UNSPACED.search(word))
    if _UNSPACED.search(word):
        return Wanted(terms, is_open=False)
    # Its parts, wherever they stand in this order, or the identifier itself.
    return Wanted(terms[1:], is_open=True, whole=terms[0])


def _terms_in(word: str, start: int) -> Iterator[Term]:
    if _UNSPACED.search(word):
        yield from _pairs(word, start)
        return
    core = word.strip("_")
    offset = start + word.index(core) if core else start
    if not core:
        return
    yield Term(_folded(core), offset, offset + len(core))
    if _BOUNDARY.search(core):
        parts = list(_PART.finditer(core))
        if len(parts) > 1:
            for part in parts:
                yield Term(_folded(part[0]), offset + part.start(), offset + part.end())


def _pairs(word: str, start: int) -> Iterator[Term]:
    """Pairs of letters of the unspaced stretches, words of what lies between them."""
    place = 0
    for found in _UNSPACED.finditer(word):
        if found.start() > place:
            yield from _terms_in(word[place : found.start()], start + place)
        run, at = found[0], start + found.start()
        for i in range(max(1, len(run) - 1)):
            yield Term(_folded(run[i : i + 2]), at + i, at + min(i + 2, len(run)))
        place = found.end()
    if place < len(word):
        yield from _terms_in(word[place:], start + place)


@lru_cache(maxsize=50_000)
def _form(word: str) -> str:
    return " ".join(term.text for term in _terms_in(word, 0))


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    word = word[:MAX_CHARACTERS]
    if word.isascii():
        return word.lower()
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare)

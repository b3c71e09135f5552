"""What stands in the place of personal data: a placeholder, or a pseudonym of the same form.

A pseudonym follows from the value and a key alone: the same person has the same name in every record of a project, a name's words
each keep theirs (Anna Smith and Anna share one), digits become digits, an e-mail address stays one on a reserved domain. Who has the key
and the values can tell which pseudonym stands for which, and so can who has a version and the records that it was made of. Who has a version alone cannot.

Two values may get one pseudonym, seldom: names come from some 300,000 words that are made up of syllables.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable

import regex

from core.privacy.spans import PersonalType

# Of these a made-up value would say something else, or nothing: they are kept or masked.
NOT_REPLACED = frozenset(
    {PersonalType.DATE_TIME, PersonalType.DATE_OF_BIRTH, PersonalType.AGE, PersonalType.NRP, PersonalType.TITLE, PersonalType.SECRET, PersonalType.STATEMENT}
)  # fmt: skip
BEGINNINGS = ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v"]
VOWELS = ["a", "e", "i", "o", "u"]
ENDINGS = ["n", "r", "s", "l", ""]
# Words of a name that are nobody's, and forms of companies.
_LEFT_AS_TEXT = "van der den von de da di del la le el al bin ibn and of the inc llc ltd gmbh corp ag co group street road st rd ave avenue apt suite"
LEFT = frozenset(_LEFT_AS_TEXT.split())
WORD = regex.compile(r"[\p{L}\p{M}]+")
DIGIT_OR_LETTER = regex.compile(r"\d|\p{L}")
MACHINES_FOR_EXAMPLES = ["192.0.2", "198.51.100", "203.0.113"]


def placeholder(kind: PersonalType) -> str:
    """The kind in brackets: [phone number]."""
    return f"[{kind.in_words}]"


def pseudonym(value: str, kind: PersonalType, key: bytes) -> str:
    """A value of the same form; a placeholder for a kind that is not replaced."""
    if kind in NOT_REPLACED:
        return placeholder(kind)
    if kind is PersonalType.EMAIL_ADDRESS:
        local, _, domain = value.partition("@")
        return f"{_named(local, key)}@{_name(domain.lower(), key)}.example.org"
    if kind is PersonalType.IP_ADDRESS:
        return _machine(value, key)
    if kind is PersonalType.URL:
        return f"https://{_name(value.lower(), key)}.example.org"
    if kind in (PersonalType.PERSON, PersonalType.LOCATION, PersonalType.ORGANIZATION):
        return _named(value, key)
    if kind in (PersonalType.STREET_ADDRESS, PersonalType.HANDLE):
        return _numbered(_named(value, key), value, key)
    return _numbered(value, value, key)


def known_as(values: Iterable[tuple[str, PersonalType]], key: bytes) -> Callable[[str], list[str]]:
    """Gives back, for a pseudonym, the values that it may stand for. values: all that may have been replaced."""
    by_pseudonym: dict[str, list[str]] = {}
    for value, kind in values:
        known = by_pseudonym.setdefault(pseudonym(value, kind, key), [])
        if value not in known:
            known.append(value)
    return lambda given: by_pseudonym.get(given, [])


def _digest(said: str, key: bytes) -> bytes:
    return hmac.new(key, said.encode(), hashlib.sha256).digest()


def _name(word: str, key: bytes) -> str:
    """Two or three syllables, small. word: small, so that a name at the start of a sentence is the same."""
    digest = _digest(f"word:{word}", key)
    n_syllables = 2 if len(word) < 5 else 3
    syllables = [
        BEGINNINGS[digest[2 * n] % len(BEGINNINGS)] + VOWELS[digest[2 * n + 1] % len(VOWELS)]
        for n in range(n_syllables)
    ]
    return "".join(syllables) + ENDINGS[digest[30] % len(ENDINGS)]


def _named(value: str, key: bytes) -> str:
    """Every word another, in the case that it had; an initial stays one."""

    def other(match: regex.Match[str]) -> str:
        word = match.group()
        if word.lower() in LEFT:
            return word
        if len(word) == 1:
            letter = BEGINNINGS[_digest(f"initial:{word.lower()}", key)[0] % len(BEGINNINGS)]
            return letter.upper() if word.isupper() else letter
        name = _name(word.lower(), key)
        return name.upper() if word.isupper() else name.capitalize() if word[0].isupper() else name

    return WORD.sub(other, value)


def _numbered(given: str, value: str, key: bytes) -> str:
    """Every digit another; in a number letters, too, where given is the value itself. A number is the same however it is spaced."""
    bare = regex.sub(r"[^\p{L}\d]", "", value).lower()
    stream = _digest(f"number:{bare}", key) + _digest(f"number on:{bare}", key)
    place = 0

    def other(match: regex.Match[str]) -> str:
        nonlocal place
        one, byte = match.group(), stream[place % len(stream)]
        place += 1
        if one.isdigit():
            return str(byte % 10)
        if given is not value:
            return one
        letter = chr(ord("a") + byte % 26)
        return letter.upper() if one.isupper() else letter

    return DIGIT_OR_LETTER.sub(other, given)


def _machine(value: str, key: bytes) -> str:
    """An address that is kept for examples."""
    digest = _digest(f"machine:{value.lower()}", key)
    if "." in value:
        return f"{MACHINES_FOR_EXAMPLES[digest[0] % 3]}.{digest[1] % 254 + 1}"
    return f"2001:db8::{digest[:2].hex()}"

"""Finds the personal data in texts: Presidio and the recognisers of this folder, joined.

Loaded by workers alone. Where findings overlap the surer one stays; what has check digits or a word beside it is surer than
what the language model guesses. A name that was found once in a text is looked for in the rest of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import regex

from core.privacy.addresses import addresses
from core.privacy.common_words import COMMON_WORDS
from core.privacy.handles import handles
from core.privacy.names import NO_NAMES, named_again, names
from core.privacy.numbers import numbers
from core.privacy.places import places, postcodes
from core.privacy.presidio import MODEL_TYPES, found_by_presidio
from core.privacy.secrets import secrets
from core.privacy.signatures import signatures
from core.privacy.spans import PersonalSpan, PersonalType, trimmed, without_overlaps

BATCH = 32
# The language model reads a text whole; a longer one is cut where a line ends.
LONGEST_PIECE = 20_000
REACHED = frozenset({PersonalType.STREET_ADDRESS, PersonalType.PHONE_NUMBER, PersonalType.EMAIL_ADDRESS})
# What the language model guesses stands below what a word beside it makes known.
GUESSED = 0.6
HAS_DIGIT = regex.compile(r"\d")
OPENING = regex.compile(r"(?:[\"“”'‘’«»()\[\]]|(?i:the|a|an)(?= ))+ *")
LETTERS = regex.compile(r"\p{L}{2}")


def find_personal_data(texts: Sequence[str], told: Callable[[int], None] = lambda n: None) -> list[list[PersonalSpan]]:
    """Of each text its spans, in order and without overlaps. told: called with the number of texts done."""
    found: list[list[PersonalSpan]] = []
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        guessed = _guessed(batch)
        found += [_joined(text, spans) for text, spans in zip(batch, guessed, strict=True)]
        told(len(found))
    return found


def _guessed(texts: Sequence[str]) -> list[list[PersonalSpan]]:
    """What Presidio tells of each text, piece by piece."""
    pieces = [(place, start, piece) for place, text in enumerate(texts) for start, piece in _pieces(text)]
    found: list[list[PersonalSpan]] = [[] for _ in texts]
    read = found_by_presidio([piece for _, _, piece in pieces])
    for (place, start, _), spans in zip(pieces, read, strict=True):
        found[place] += [PersonalSpan(start + s.start, start + s.end, s.type, s.score, s.found_by) for s in spans]
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while len(text) - start > LONGEST_PIECE:
        stop = text.rfind("\n", start + LONGEST_PIECE // 2, start + LONGEST_PIECE) + 1 or start + LONGEST_PIECE
        yield start, text[start:stop]
        start = stop
    if start < len(text) or not text:
        yield start, text[start:]


def _joined(text: str, guessed: Sequence[PersonalSpan]) -> list[PersonalSpan]:
    read = [part for span in guessed for part in _believed(text, span)]
    told = names(text) + addresses(text) + places(text) + numbers(text) + handles(text) + secrets(text)
    told += signatures(text, [span for span in told + read if span.type in REACHED])
    persons = [span for span in told + read if span.type is PersonalType.PERSON]
    told += named_again(text, persons)
    told += postcodes(text, [span for span in told + read if span.type is PersonalType.LOCATION])
    kept = (trimmed(text, span) for span in without_overlaps([*told, *read]))
    return [span for span in kept if span is not None]


def _believed(text: str, span: PersonalSpan) -> Iterator[PersonalSpan]:
    """A finding of Presidio's, a line at a time where the language model ran over the end of one; nothing where it names nothing."""
    if span.type not in MODEL_TYPES:
        yield span
        return
    for line in regex.finditer(r"[^\n]+", text[span.start : span.end]):
        opening = OPENING.match(line.group())
        skipped = opening.end() if opening else 0
        value = line.group()[skipped:]
        if _names_something(value, span.type):
            start = span.start + line.start() + skipped
            yield PersonalSpan(start, start + len(value), span.type, min(span.score, GUESSED), span.found_by)


def _names_something(value: str, kind: PersonalType) -> bool:
    """Whether what the language model took for a name holds a word that may be one."""
    words = [regex.split("['’]", word.strip(".,:;!?'’\"()"))[0].lower() for word in value.split()]
    is_common = all(word in COMMON_WORDS or word in NO_NAMES or not word for word in words)
    is_number = kind is PersonalType.PERSON and HAS_DIGIT.search(value) is not None
    # Peoples and faiths are written small as well; a name that is holds no name.
    is_small = kind is not PersonalType.NRP and value == value.lower()
    return LETTERS.search(value) is not None and not (is_common or is_number or is_small)

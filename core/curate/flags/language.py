"""The language of a text, and letters garbled by a wrong encoding.

A text in the project's main language is known by the project's own commonest words, which a few lines of
log or menu names do not hide; only what lacks them is given to the language identifier. Another script than
most of the project's needs no words at all. Encodings are judged paragraph by paragraph (`encodings.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.curate.flags.encodings import garbled_stretches
from core.curate.flags.view import URL, WORD, View, blanked, plain_words
from core.nouns import Flag, RecordKind

if TYPE_CHECKING:
    from core.curate.flags.corpus import Corpus

LANGUAGE_CHARACTERS = 1_000
LEAST_LETTERS = 20
LEAST_CONFIDENCE = 0.8
# Above this share of the project's commonest words a text is in its language, whatever else stands in it.
COMMON_SHARE = 0.25
LEAST_WORDS = 5
OTHER_SCRIPT_SHARE = 0.5
# Addresses, numbers, paths and file names are written alike in every language.
NO_PROSE = re.compile(r"\S*[@\d/\\_]\S*")


def flags(view: View, corpus: Corpus) -> Iterator[Flag]:
    yield from _language_flag(view, corpus)
    yield from _mojibake_flag(view)


def language_of(text: str) -> str:
    """Two-letter code of the text's language; empty when it is too short or the guess is unsure."""
    return identify(text)


def identify(text: str) -> str:
    prose = prose_for_language(text)
    if sum(c.isalpha() for c in prose) < LEAST_LETTERS:
        return ""
    code, confidence = _identifier().classify(prose)
    return str(code) if confidence >= LEAST_CONFIDENCE else ""


def main_script(text: str) -> str:
    """The script of most letters, as Unicode names it: LATIN, CYRILLIC, CJK; empty without letters."""
    letters = [c for c in text[:LANGUAGE_CHARACTERS] if c.isalpha()]
    if not letters:
        return ""
    counts = Counter(map(_script, letters))
    return counts.most_common(1)[0][0]


def prose_for_language(text: str) -> str:
    """Running text alone: no code, links, quotes of other mail, paths, addresses, and nothing in capitals."""
    # More than is read, since what is left out makes it shorter.
    lines = [
        line
        for line in blanked(text[: 3 * LANGUAGE_CHARACTERS]).split("\n")
        if not line.lstrip().startswith((">", "|"))
    ]
    prose = NO_PROSE.sub(" ", URL.sub(" ", "\n".join(lines)))
    # Names of menus and products are capitals in any language, and mostly English ones.
    return " ".join(w for w in prose.split() if not w.isupper())[:LANGUAGE_CHARACTERS]


def _language_flag(view: View, corpus: Corpus) -> Iterator[Flag]:
    declared = view.record.language.split("-")[0].lower()
    if declared and corpus.declared and declared != corpus.declared:
        yield Flag(
            "wrong_language", f"Its source says that it is in {declared}; most records are in {corpus.declared}."
        )
        return
    parts = [(view.taught, view.place(0, len(view.taught)))]
    if view.record.kind is RecordKind.THREAD:
        parts.append((f"{view.record.title}\n{view.question}", (0, -1)))
    for text, place in parts:
        found = other_language(text, corpus)
        if found:
            evidence = f"Reads as {found}; most of the project is in {corpus.language or corpus.script.lower()}."
            yield Flag("wrong_language", evidence, *(place if place[1] > 0 else (-1, -1)))
            return


def other_language(text: str, corpus: Corpus) -> str:
    """The code (or script) of a text that is not in the main language; empty where it is, or cannot be told."""
    prose = prose_for_language(text)
    letters = [c for c in prose if c.isalpha()]
    if len(letters) < LEAST_LETTERS:
        return ""
    if corpus.script:
        foreign = [c for c in letters if ord(c) > 0x24F and _script(c) != corpus.script]
        if len(foreign) / len(letters) > OTHER_SCRIPT_SHARE:
            code, _ = _identifier().classify(prose)
            return str(code) if code != corpus.language else main_script(prose).lower()
    words = [w for w in plain_words(prose) if w[0].isalpha()]
    if not corpus.language or len(words) < LEAST_WORDS:
        return ""
    if corpus.common_words and sum(w in corpus.common_words for w in words) / len(words) >= COMMON_SHARE:
        return ""
    code, confidence = _identifier().classify(prose)
    return str(code) if code != corpus.language and confidence >= LEAST_CONFIDENCE else ""


def _mojibake_flag(view: View) -> Iterator[Flag]:
    # A whole record is judged: a garbled question is as bad an example as a garbled answer.
    spans = list(garbled_stretches(view.record.text))
    if spans:
        n = len(spans)
        evidence = f"Garbled letters in {n} paragraph{'s' if n > 1 else ''}."
        yield Flag("mojibake", evidence, *spans[0], value=n, limit=0)


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split(" ")[0]


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


__all__ = ["WORD", "flags", "identify", "language_of", "main_script", "other_language"]

"""What a brief asks of a draft that can be seen in the text itself: its length, the facts it must use, the words it must not say.

Facts are held against the text by value, as core.facts.support does: "costs $12" is used where $12 stands, whatever the wording. A fact
without a figure, date, name or link is not checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.facts.support import unsupported
from core.review.briefs import Length
from core.review.edits import words


class Asked(StrEnum):
    LENGTH = "length"
    FACTS = "facts"
    MUST_NOT_SAY = "must_not_say"


@dataclass(frozen=True, slots=True)
class BriefNote:
    """Something that the brief asks for and the draft does not keep, in a sentence."""

    asked: Asked
    message: str


def check_brief(
    text: str, *, length: Length | None = None, facts: Sequence[str] = (), must_not_say: Sequence[str] = ()
) -> list[BriefNote]:
    """What the draft does not keep, in the order length, facts, words. Empty where it keeps all that can be checked."""
    notes = []
    n_words = len(words(text))
    if length and not length.lowest <= n_words <= length.highest:
        notes.append(BriefNote(Asked.LENGTH, f"{n_words:,} words; the brief asks for {length}."))
    for fact in facts:
        missing = list(dict.fromkeys(fact[value.start : value.end] for value in unsupported(fact, (text,))))
        if missing:
            notes.append(BriefNote(Asked.FACTS, f"Not used: {', '.join(missing)} ({fact})"))
    notes += [
        BriefNote(Asked.MUST_NOT_SAY, f"The brief says not to say “{said}”.")
        for said in must_not_say
        if _says(text, said)
    ]
    return notes


def _says(text: str, words_of_it: str) -> bool:
    """Whether the words stand in the text, in any case, with any white space between them, and not inside longer words."""
    parts = [re.escape(part) for part in words_of_it.split()]
    return bool(parts) and re.search(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)", text, re.IGNORECASE) is not None

"""How much a reviewer changed: word edits, their share, and what class of verdict follows.

Words are compared without regard to white space, Markdown marks and the shape of quotation marks:
formatting is no rewriting. Distance: Levenshtein over words (rapidfuzz).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz.distance import Levenshtein

from core.nouns import ReviewClass, ReviewDecision

LIGHT_EDIT_LIMIT = 0.10

WORD = re.compile(r"\w+(?:['’.,:/-]\w+)*|[^\w\s]", re.UNICODE)
PIECE = re.compile(r"\s+|\w+(?:['’.,:/-]\w+)*|[^\w\s]", re.UNICODE)
SHAPES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "."})
MARKS = frozenset("*_`#>~\"'-.,;:!?()[]")


@dataclass(frozen=True, slots=True)
class DiffSpan:
    """A run of text. kind: same, added or removed."""

    kind: str
    text: str


def words(text: str) -> list[str]:
    """The words that count: punctuation and marks of formatting do not."""
    tokens = (token.translate(SHAPES) for token in WORD.findall(text))
    return [token for token in tokens if token not in MARKS]


def edit_ratio(draft: str, final: str) -> float:
    """Word edits / max(words of draft, words of final text), in [0, 1]."""
    before, after = words(draft), words(final)
    longest = max(len(before), len(after))
    return Levenshtein.distance(before, after) / longest if longest else 0.0


def classify(
    decision: ReviewDecision,
    ratio: float,
    *,
    light_edit_limit: float = LIGHT_EDIT_LIMIT,
    is_critical_fail: bool = False,
) -> ReviewClass:
    """The class of a verdict; it follows from the decision and the edit, and from a critical criterion that the draft failed."""
    if decision is ReviewDecision.REJECT:
        return ReviewClass.REJECTED
    if is_critical_fail:
        return ReviewClass.CRITICAL_FAIL
    if ratio == 0.0:
        return ReviewClass.AS_IS
    return ReviewClass.LIGHT_EDIT if ratio <= light_edit_limit else ReviewClass.REWRITTEN


def word_difference(a: str, b: str) -> list[DiffSpan]:
    """Spans that, without the added ones, give a and, without the removed ones, give b, to the letter."""
    left, right = PIECE.findall(a), PIECE.findall(b)
    spans: list[DiffSpan] = []
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            spans.append(DiffSpan("same", "".join(left[a1:a2])))
            continue
        if a1 < a2:
            spans.append(DiffSpan("removed", "".join(left[a1:a2])))
        if b1 < b2:
            spans.append(DiffSpan("added", "".join(right[b1:b2])))
    return spans

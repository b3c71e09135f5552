"""The place in a text where most of what was looked for stands, with the finds marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.curate.search_terms import Term, Wanted, terms_of

WIDTH = 240
# Where a record is very long, finds beyond this many characters are not looked for.
MAX_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the snippet. is_find: whether it is what was looked for."""

    text: str
    is_find: bool


def snippet(text: str, looked_for: Sequence[Wanted], *, width: int = WIDTH) -> list[Piece]:
    """At most about `width` characters around the densest finds; the text's opening where there are none."""
    text = text[:MAX_CHARACTERS]
    finds = find_all(text, looked_for)
    start = _densest(finds, width)
    end = min(len(text), start + width)
    start, end = _at_word(text, start, -1), _at_word(text, end, 1)
    pieces, place = [], start
    for left, right in finds:
        if left >= place and right <= end:
            pieces += [Piece(text[place:left], False), Piece(text[left:right], True)]
            place = right
    pieces.append(Piece(text[place:end], False))
    if start > 0:
        pieces.insert(0, Piece("… ", False))
    if end < len(text):
        pieces.append(Piece(" …", False))
    return [Piece(" ".join(p.text.split(" ")), p.is_find) for p in pieces if p.text]


def find_all(text: str, looked_for: Sequence[Wanted]) -> list[tuple[int, int]]:
    """(start, end) of every find, in order, none inside another."""
    terms = list(terms_of(text))
    finds = {span for one in looked_for for span in _spans(terms, one)}
    kept: list[tuple[int, int]] = []
    for start, end in sorted(finds, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _spans(terms: Sequence[Term], one: Wanted) -> list[tuple[int, int]]:
    n = len(one.terms)
    spans = [(t.start, t.end) for t in terms if one.whole and t.text == one.whole]
    for i in range(len(terms) - n + 1):
        last = terms[i + n - 1]
        fits_last = last.text.startswith(one.terms[-1]) if one.is_open else last.text == one.terms[-1]
        if fits_last and all(terms[i + k].text == one.terms[k] for k in range(n - 1)):
            spans.append((min(terms[i].start, last.start), max(t.end for t in terms[i : i + n])))
    return spans


def _densest(finds: Sequence[tuple[int, int]], width: int) -> int:
    """Where the stretch of `width` characters with the most finds begins, with a little room before it."""
    if not finds:
        return 0
    lead = width // 6
    starts = [start for start, _ in finds]
    best = max(range(len(starts)), key=lambda i: (sum(starts[i] <= s < starts[i] + width - lead for s in starts), -i))
    return max(0, starts[best] - lead)


def _at_word(text: str, place: int, step: int) -> int:
    """The nearest gap between words, not more than twenty characters away."""
    for _ in range(20):
        if place <= 0 or place >= len(text) or text[place - 1 if step < 0 else place].isspace():
            break
        place += step
    return max(0, min(len(text), place))

"""Whether two nearly equal texts speak of different things: another order number, version, product or name.

Texts are aligned word by word. A swap is a short stretch that was replaced by another short one. Swapped
numbers and names make two tickets two cases, however alike the rest is; so does any swapped word where the
texts are otherwise the same. A mended spelling, and words that were only added or left out, do not.

Not covered: an entity that stands in the one text and is missing in the other.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

# A stroke joins the parts of a date or a number; between words it parts two of them.
TOKEN = re.compile(r"\w+(?:(?:[.,:@+'’-]|/(?=\d))\w+)*", re.UNICODE)
# A number with what its words leave out: its sign, its currency, its point.
AMOUNT = re.compile(r"(?:(?<!\w)[-+−])?[$€£¥]?\d+(?:[.,]\d+)*(?:\s?[%$€£¥])?")
LONGEST_SWAP = 4
# As many other changes as make a text a new wording of its own, in which a number was mended beside the rest.
OTHER_CHANGES = 3
SHORT_WORDS = 150
SAME_SPELLING = 70
MOST_WORDS = 4_000


@dataclass(frozen=True, slots=True)
class Swap:
    """Words of the one text that stand in the place of words of the other."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def is_number(self) -> bool:
        return _digits(self.before) != _digits(self.after) and bool(_digits(self.before)) and bool(_digits(self.after))

    @property
    def is_name(self) -> bool:
        # Several capitals in a row are somebody shouting, or a heading; the words must differ beyond that.
        return _has_name(self.before) and _has_name(self.after) and not self.is_respelt

    @property
    def is_respelt(self) -> bool:
        return fuzz.ratio("".join(self.before).lower(), "".join(self.after).lower()) >= SAME_SPELLING

    def __str__(self) -> str:
        return f"{' '.join(self.before)} / {' '.join(self.after)}"


def swapped_entity(a: str, b: str) -> str:
    """The first swap that tells the texts apart, as `4411 / 4412`; empty when there is none.

    Texts of over 4,000 words are compared in their first 4,000.
    """
    first, second = TOKEN.findall(a)[:MOST_WORDS], TOKEN.findall(b)[:MOST_WORDS]
    swaps, n_other = _changes(first, second)
    telling = [swap for swap in swaps if swap.is_number or swap.is_name]
    is_short = min(len(first), len(second)) < SHORT_WORDS
    if telling and (is_short or n_other <= OTHER_CHANGES):
        return str(telling[0])
    # One text made from the other by filling in other words: a template, however many places it has.
    words = [swap for swap in swaps if not swap.is_respelt]
    if words and n_other == 0:
        return str(words[0])
    return ""


def changed_amount(a: str, b: str) -> str:
    """Of texts with the same words, the first number that is another by its sign, currency or point, as `$5 / €5`; else empty."""
    first, second = AMOUNT.findall(a), AMOUNT.findall(b)
    differing = (
        f"{one} / {other}" for one, other in itertools.zip_longest(first, second, fillvalue="—") if one != other
    )
    return next(differing, "")


def _changes(a: list[str], b: list[str]) -> tuple[list[Swap], int]:
    """Swaps of at most LONGEST_SWAP words, and how many other changes there are."""
    lower_a, lower_b = [w.lower() for w in a], [w.lower() for w in b]
    blocks: list[tuple[int, int, int, int]] = []
    for op in Levenshtein.opcodes(lower_a, lower_b):
        if op.tag == "equal":
            continue
        span = (op.src_start, op.src_end, op.dest_start, op.dest_end)
        if blocks and blocks[-1][1] == span[0] and blocks[-1][3] == span[2]:
            span = (blocks[-1][0], span[1], blocks[-1][2], span[3])
            blocks.pop()
        blocks.append(span)
    swaps, n_other = [], 0
    for start, stop, begin, until in blocks:
        swap = Swap(tuple(a[start:stop]), tuple(b[begin:until]))
        # A word on both sides was moved, not swapped: the stretch was written anew.
        is_rewritten = bool(set(lower_a[start:stop]) & set(lower_b[begin:until]))
        if swap.before and swap.after and not is_rewritten and max(len(swap.before), len(swap.after)) <= LONGEST_SWAP:
            swaps.append(swap)
        else:
            n_other += 1
    return swaps, n_other


def _digits(words: tuple[str, ...]) -> str:
    return "".join(c for word in words for c in word if c.isdigit())


def _has_name(words: tuple[str, ...]) -> bool:
    return any(word[:1].isupper() and not (word.isupper() and len(word) > 4) for word in words)

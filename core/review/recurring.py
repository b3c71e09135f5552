"""Edits that come again: a word, a few words or a mark that reviewers take out, and what they write instead.

Only small changes count: up to four words that go, or up to three that are replaced. An edit has taken a wording out when it does so
somewhere and the final text holds it at most half as often. Not covered: a change of the order, or of whole sentences.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from core.review.edits import MARKS, SHAPES, WORD

# Fewer edits than this are no habit, nor is what is taken out of less than half of the drafts that hold it.
LEAST_EDITS, LEAST_SHARE = 3, 0.5
MOST_TAKEN_OUT, MOST_REPLACED = 4, 3
# Marks that are a matter of style; of others nobody would make a rule.
STYLE_MARKS = {"!": "an exclamation mark", ";": "a semicolon", "—": "a long dash", "…": "three dots"}


@dataclass(frozen=True, slots=True)
class RecurringEdit:
    """removed: the wording that goes, in small letters. added: what mostly comes instead; empty where nothing does.

    n: edits that did it. n_drafts: edited drafts that held it. n_edits: all edited drafts.
    """

    removed: str
    added: str
    n: int
    n_drafts: int
    n_edits: int

    @property
    def in_words(self) -> str:
        if self.removed in STYLE_MARKS:
            did = f"remove {STYLE_MARKS[self.removed]}"
        elif self.added:
            did = f"replace “{self.removed}” by “{self.added}”"
        else:
            did = f"remove “{self.removed}”"
        return f"{self.n:,} of {self.n_edits:,} edits {did} ({self.n_drafts:,} of the edited drafts held it)"


def recurring_edits(edits: Sequence[tuple[str, str]], *, most: int = 8) -> list[RecurringEdit]:
    """The most frequent first. edits: (draft, final) of drafts that were signed off with other words or marks."""
    taken_out: Counter[str] = Counter()
    instead: dict[str, Counter[str]] = defaultdict(Counter)
    for draft, final in edits:
        changes = _changes(draft, final)
        taken_out.update({removed for removed, _ in changes})
        for removed, added in changes:
            instead[removed][added] += 1
    held = [_joined(tokens(draft)) for draft, _ in edits]
    found = []
    for removed, n in taken_out.items():
        if n < LEAST_EDITS:
            continue
        n_drafts = sum(_joined(removed.split()) in text for text in held)
        if n >= LEAST_SHARE * n_drafts:
            added, n_added = instead[removed].most_common(1)[0]
            found.append(RecurringEdit(removed, added if 2 * n_added >= n else "", n, n_drafts, len(edits)))
    return sorted(found, key=lambda edit: (-edit.n, edit.removed))[:most]


def tokens(text: str) -> list[str]:
    """Words in small letters and marks of style; other marks and formatting are left out."""
    found = []
    for token in WORD.findall(text):
        same = token.translate(SHAPES)
        if token in STYLE_MARKS:
            found.append(token)
        elif same not in MARKS:
            found.append(same.lower())
    return found


@lru_cache(maxsize=4_096)
def _changes(draft: str, final: str) -> frozenset[tuple[str, str]]:
    """Pairs of what the edit took out and what it put there."""
    before, after = tokens(draft), tokens(final)
    held, left = _joined(before), _joined(after)
    found = set()
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in ("delete", "replace"):
            found |= set(_pairs(before[a1:a2], after[b1:b2]))
    return frozenset(
        (removed, added)
        for removed, added in found
        if removed != added and 2 * left.count(wording := _joined(removed.split())) <= held.count(wording)
    )


def _pairs(gone: list[str], come: list[str]) -> Iterator[tuple[str, str]]:
    yield from ((mark, "") for mark in gone if mark in STYLE_MARKS)
    words, new = ([token for token in side if token not in STYLE_MARKS] for side in (gone, come))
    if not words:
        return
    if not new and len(words) <= MOST_TAKEN_OUT:
        yield " ".join(words), ""
    elif 0 < len(new) <= MOST_REPLACED and len(words) <= MOST_REPLACED:
        yield " ".join(words), " ".join(new)
        if len(words) == len(new) > 1:
            yield from zip(words, new, strict=True)


def _joined(found: list[str]) -> str:
    # Two spaces between two: the same word twice in a row is found twice.
    return " " + "  ".join(found) + " "

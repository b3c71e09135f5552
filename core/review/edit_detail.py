"""What an edit was, beside how much: sentences left alone, figures and names that changed, or formatting alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from core.facts.support import Value, values_of
from core.review.edits import edit_ratio, words
from core.review.guide.parts import parts_of
from core.review.guide.rules import Scope


@dataclass(frozen=True, slots=True)
class EditDetail:
    """n_sentences: of the draft; n_untouched: of these, how many the final text holds with the same words.

    dropped, added: figures, amounts, dates, names and links, as they were written, that the edit took out and put in; by value, so that
    1,200 for 1200 is no change. is_formatting_only: the words are the same and something else is not, which does not count as an edit.
    """

    n_sentences: int
    n_untouched: int
    dropped: tuple[str, ...]
    added: tuple[str, ...]
    is_formatting_only: bool

    @property
    def changes_facts(self) -> bool:
        return bool(self.dropped or self.added)


@lru_cache(maxsize=1_024)
def edit_detail(draft: str, final: str) -> EditDetail:
    before, after = _sentences(draft), Counter(_sentences(final))
    n_untouched = 0
    for sentence in before:
        if after[sentence]:
            after[sentence] -= 1
            n_untouched += 1
    left, right = values_of(draft), values_of(final)
    return EditDetail(
        n_sentences=len(before),
        n_untouched=n_untouched,
        dropped=_without(draft, left, right),
        added=_without(final, right, left),
        is_formatting_only=draft.strip() != final.strip() and edit_ratio(draft, final) == 0.0,
    )


def _sentences(text: str) -> list[tuple[str, ...]]:
    """The words of each heading, list item's and paragraph's sentence; one without words is none."""
    parts = parts_of(text)
    found = sorted([*parts.in_scope(Scope.SENTENCE), *parts.in_scope(Scope.HEADING)], key=lambda part: part.start)
    # Words of the text itself: the parts have code and addresses blanked out.
    return [said for part in found if (said := tuple(words(text[part.start : part.end])))]


def _without(text: str, values: list[Value], others: list[Value]) -> tuple[str, ...]:
    """Values of a text that the others do not hold as often, as they are written."""
    left = Counter((value.kind, value.same) for value in others)
    found = []
    for value in values:
        if left[value.kind, value.same]:
            left[value.kind, value.same] -= 1
        else:
            found.append(text[value.start : value.end])
    return tuple(found)

"""The passages of the team's own writing that are nearest to a draft, with the words that both share in a row.

Texts come with the nearest ones first, told apart by what they are about as a whole. Of their passages those that share most of the
draft's rarer words are embedded, and the nearest of these by cosine are told. Not covered: a passage copied out of a text that is about
something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.facts.passages import passages_of
from core.review.edits import words
from core.training.nearest_passages import nearest_passages

N_TOLD = 3
MOST_EMBEDDED = 24
MAX_WORDS = 120

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OwnText:
    """A record as it reads now. source: the name of its source."""

    record_id: str
    title: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class OwnPassage:
    """cosine: to the draft, in [-1, 1]. shared: the longest stretch of words that the draft has too, as the draft has it; empty for under five."""

    record_id: str
    title: str
    source: str
    passage: str
    cosine: float
    shared: str
    n_shared_words: int


def nearest_own_passages(
    draft: str, texts: Sequence[OwnText], embed: Callable[[Sequence[str]], Vectors], *, limit: int = N_TOLD
) -> list[OwnPassage]:
    """Nearest first. embed: texts to vectors of length one; called once."""
    passages = [(text, one.text) for text in texts for one in passages_of(text.text, max_words=MAX_WORDS)]
    chosen = _sharing_most(draft, passages)[:MOST_EMBEDDED]
    if not chosen:
        return []
    vectors = embed([draft, *(passage for _, passage in chosen)])
    cosines = vectors[1:] @ vectors[0]
    best = sorted(range(len(chosen)), key=lambda at: (-float(cosines[at]), at))[:limit]
    return [_told(draft, *chosen[at], cosine=float(cosines[at])) for at in best]


def _sharing_most(draft: str, passages: Sequence[tuple[OwnText, str]]) -> list[tuple[OwnText, str]]:
    """Those that share most words with the draft first; a word counts less the more passages have it."""
    sets = [{word.lower() for word in words(passage)} for _, passage in passages]
    in_passages = Counter(word for found in sets for word in found)
    asked = {word.lower() for word in words(draft)}
    weight = [sum(1 / in_passages[word] for word in found & asked) / (len(found) or 1) ** 0.5 for found in sets]
    return [passages[at] for at in sorted(range(len(passages)), key=lambda at: (-weight[at], at))]


def _told(draft: str, text: OwnText, passage: str, *, cosine: float) -> OwnPassage:
    (stretch,) = nearest_passages([draft], [(text.record_id, passage)])
    shared, n_words = (stretch.passage, stretch.n_words) if stretch else ("", 0)
    return OwnPassage(text.record_id, text.title, text.source, passage, cosine, shared, n_words)

"""Can a classifier tell who wrote a draft from what a reviewer receives before the verdict?

Which machine: the share of drafts guessed right in briefs that it did not learn from, against the same with the systems dealt
anew among the drafts of each brief. If what is received does not depend on the system, every such dealing was as likely as the
true one, so the probability is exact. Human or not: each draft is the human text with one known chance whatever was received
before, so among the first guesses of a classifier that learnt from other sessions the hits are binomial, exactly.

A find among two hundred dealings comes about once in a hundred times by chance alone; it is to be looked for in fresh data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from zlib import crc32

import numpy as np
from scipy.stats import binomtest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import GroupKFold

from core.nouns import System
from core.review.controls import HUMAN_SHARE

FOLDS = 3
TREES = 10
ALPHA = 0.01
# So many of the drafts are guessed to be the human text: the first that look like one. Far fewer than are, so that even where few
# of the drafts that set the limit are human texts, it lies among these.
GUESSED = 0.05
# Among so many the words of what is received are dealt by their hash, so that one that goes with a system shows in the count of its place.
WORD_PLACES = 64
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Received:
    """What was received of one draft until its verdict, as figures by name, and what is to be guessed from them.

    session: one reviewer in one studio. draft, brief: unique over all sessions' studios.
    """

    session: str
    draft: str
    brief: str
    system: System
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Guess:
    """right: share of the guesses. by_chance: the same on average where nothing can be known. p: of as many by chance."""

    n: int
    right: float
    by_chance: float
    p: float

    @property
    def is_find(self) -> bool:
        return self.p <= ALPHA


def guess_machine(received: Sequence[Received], *, n_dealings: int = 99) -> Guess:
    """How well the machine systems are told apart, by cross-validation over briefs."""
    rows = [one for one in received if one.system is not System.HUMAN]
    figures, draw = _matrix(rows), Random(7)
    folds = list(GroupKFold(FOLDS).split(figures, groups=[one.brief for one in rows]))
    true = _share_right(figures, [one.system for one in rows], folds)
    dealt = [_share_right(figures, _dealt_anew(rows, draw), folds) for _ in range(n_dealings)]
    p = (1 + sum(share >= true for share in dealt)) / (n_dealings + 1)
    return Guess(len(rows), true, sum(dealt) / len(dealt), p)


def guess_human(received: Sequence[Received], *, share: float = HUMAN_SHARE) -> Guess:
    """How often a draft that looks like a human text is one: learnt in a third of the sessions, guessed in another.

    received: in the order in which each session got them. share: how often a draft is the human text.
    """
    sessions = sorted({one.session for one in received})
    Random(7).shuffle(sessions)
    learnt, looked_at, guessed = ([one for one in received if one.session in sessions[third::3]] for third in range(3))
    model = _trees(leaf=10, class_weight="balanced")
    model.fit(_matrix(learnt, received), [one.system is System.HUMAN for one in learnt])
    # The limit comes from sessions of its own, so that each guess follows from what came before it.
    limit = np.quantile(_looks_human(model, looked_at, received), 1 - GUESSED)
    scores = _looks_human(model, guessed, received)
    hits = [one.system is System.HUMAN for one, score in zip(guessed, scores, strict=True) if score >= limit]
    hits = hits[: max(1, round(GUESSED * len(guessed)))] or [False]
    found = binomtest(sum(hits), len(hits), share, alternative="greater")
    return Guess(len(hits), sum(hits) / len(hits), share, float(found.pvalue))


def is_told(collected: Callable[[], Sequence[Received]], guess: Callable[[Sequence[Received]], Guess]) -> Guess | None:
    """The find, where there is one in what was collected and again in what is collected then."""
    return found if guess(collected()).is_find and (found := guess(collected())).is_find else None


def with_planted(received: Sequence[Received], plant: Callable[[Received], dict[str, float]]) -> list[Received]:
    """The same with more figures, or other ones: a leak that a test puts there to see that it is found."""
    return [replace(one, figures=one.figures | plant(one)) for one in received]


def figures_of_id(item: str) -> dict[str, float]:
    """Each character of an item's id, and its length."""
    return {"id_length": float(len(item))} | {f"id_{place}": float(ord(letter)) for place, letter in enumerate(item)}


def figures_of_words(kind: str, received: str) -> dict[str, float]:
    """How many of its words fall on each place: names of classes, attributes and files, values, and what is written. kind: of what it is."""
    found = [0.0] * WORD_PLACES
    for word in WORD.findall(received):
        found[crc32(word.encode()) % WORD_PLACES] += 1.0
    return {f"{kind}_words_{place}": n for place, n in enumerate(found)}


def _share_right(
    figures: np.ndarray, systems: Sequence[System], folds: Sequence[tuple[np.ndarray, np.ndarray]]
) -> float:
    labels, n_right = np.array([system.value for system in systems]), 0
    for learnt, guessed in folds:
        n_right += int(
            (_trees(leaf=3).fit(figures[learnt], labels[learnt]).predict(figures[guessed]) == labels[guessed]).sum()
        )
    return n_right / len(labels)


def _dealt_anew(rows: Sequence[Received], draw: Random) -> list[System]:
    of_brief: dict[str, dict[str, System]] = {}
    for one in rows:
        of_brief.setdefault(one.brief, {})[one.draft] = one.system
    dealt: dict[str, System] = {}
    for drafts in of_brief.values():
        systems = list(drafts.values())
        draw.shuffle(systems)
        dealt |= dict(zip(drafts, systems, strict=True))
    return [dealt[one.draft] for one in rows]


def _trees(*, leaf: int, class_weight: str | None = None) -> ExtraTreesClassifier:
    return ExtraTreesClassifier(
        TREES, min_samples_leaf=leaf, max_features=None, class_weight=class_weight, random_state=0
    )


def _looks_human(model: ExtraTreesClassifier, rows: Sequence[Received], received: Sequence[Received]) -> np.ndarray:
    return np.asarray(model.predict_proba(_matrix(rows, received))[:, list(model.classes_).index(True)])


def _matrix(rows: Sequence[Received], named_by: Sequence[Received] | None = None) -> np.ndarray:
    names = sorted({name for one in named_by or rows for name in one.figures})
    return np.array([[one.figures.get(name, -1.0) for name in names] for one in rows], dtype=np.float32)

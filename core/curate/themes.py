"""Themes: groups of records alike in meaning, each named by the words that set it apart.

Groups by k-means on the vectors; names by class-based TF-IDF (a word counts for a group by the share of its records
that use it, and the less the more it is used elsewhere; Grootendorst 2022). A theme is a way to find records, not a
judgement on them. Loaded by workers alone: scikit-learn is heavy.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.curate.encoder import Vectors
from core.curate.stop_words import STOP_WORDS

MAX_THEMES = 20
RECORDS_A_THEME = 4
N_WORDS, WORDS_IN_NAME = 8, 3
MIN_LETTERS = 3
# A word in more than this share of all records says nothing of one group.
COMMON_SHARE = 0.3
# A word has to stand in this share of the group's records to name it.
LEAST_SHARE = 0.04
CHARACTERS_READ = 4_000
_NOISE = re.compile(r"```.*?```|`[^`]*`|https?://\S+|\S+@\S+|&\w+;|<[^>]*>", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Theme:
    """number: from 0, the largest first. words: those that set it apart, the strongest first."""

    number: int
    name: str
    words: tuple[str, ...]


def find_themes(vectors: Vectors, texts: Sequence[str], *, seed: int = 0) -> tuple[list[Theme], npt.NDArray[np.int64]]:
    """Themes, and the number of each record's. vectors: (n, d) of length one, one for each text."""
    if not len(vectors):
        return [], np.zeros(0, dtype=np.int64)
    groups = _groups(vectors, how_many(len(vectors)), seed)
    words = [_words_of(text) for text in texts]
    ranked = _words_by_group(words, groups)
    themes: list[Theme] = []
    taken: set[str] = set()
    for number, found in enumerate(ranked):
        name = _name(found, taken)
        taken.add(name)
        themes.append(Theme(number, name, tuple(found[:N_WORDS])))
    return themes, groups


def how_many(n: int) -> int:
    """Themes for n records: half the square root, at most twenty, and never groups of a few."""
    return max(1, min(MAX_THEMES, round(math.sqrt(n) / 2), n // RECORDS_A_THEME))


def _groups(vectors: Vectors, n_themes: int, seed: int) -> npt.NDArray[np.int64]:
    from sklearn.cluster import KMeans

    labels = KMeans(n_themes, n_init=4, random_state=seed).fit_predict(vectors.astype(np.float64))
    sizes = np.bincount(labels, minlength=n_themes)
    order = np.argsort(-sizes, kind="stable")
    numbers = np.empty(n_themes, dtype=np.int64)
    numbers[order] = np.arange(n_themes)
    return np.asarray(numbers[labels], dtype=np.int64)


def _words_of(text: str) -> frozenset[str]:
    plain = _NOISE.sub(" ", text[:CHARACTERS_READ])
    return frozenset(w for w in _WORD.findall(plain.lower()) if len(w) >= MIN_LETTERS and w not in STOP_WORDS)


def _words_by_group(words: Sequence[frozenset[str]], groups: npt.NDArray[np.int64]) -> list[list[str]]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    everywhere = Counter(word for one in words for word in one)
    n_groups = int(groups.max()) + 1
    # Where there are few themes, a word that stands in all of one is common, and still its name.
    limit = max(COMMON_SHARE, 1.5 / n_groups) * len(words)
    counts = [Counter[str]() for _ in range(n_groups)]
    for one, group in zip(words, groups, strict=True):
        counts[group].update(one)
    sizes = np.bincount(groups, minlength=n_groups)
    mean = sum(everywhere.values()) / max(1, n_groups)
    ranked = []
    for count, size in zip(counts, sizes, strict=True):
        weights = {
            word: n / size * math.log(1 + mean / everywhere[word])
            for word, n in count.items()
            if everywhere[word] <= limit and word not in ENGLISH_STOP_WORDS
        }
        shared = {word: weight for word, weight in weights.items() if count[word] >= max(2.0, LEAST_SHARE * size)}
        ranked.append(_unlike(sorted(shared or weights, key=lambda word: (-weights[word], word))))
    return ranked


def _unlike(words: Sequence[str]) -> list[str]:
    """Without the further forms of a word that is in already (mail, mails); as many as are kept."""
    kept: list[str] = []
    for word in words:
        if not any(_same_stem(word, other) for other in kept):
            kept.append(word)
        if len(kept) == 2 * N_WORDS:
            break
    return kept


def _same_stem(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    n_shared = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return n_shared >= max(4, len(short) - 2) and len(long) - n_shared <= 4


def _name(words: Sequence[str], taken: set[str]) -> str:
    """Three words; a fourth, or a number, where another theme has the same three."""
    if not words:
        name = "no words"
    else:
        name = ", ".join(words[:WORDS_IN_NAME])
        if name in taken:
            name = ", ".join(words[: WORDS_IN_NAME + 1])
    number, unique = 2, name
    while unique in taken:
        unique = f"{name} ({number})"
        number += 1
    return unique

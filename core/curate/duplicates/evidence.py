"""What two texts have in common, measured exactly, for many pairs at once.

Weights: a word counts by how few records hold it, log(1 + records / records with it), so that sharing
"IMAP" says more than sharing "the"; the weight is never nought, and in a project of two records all
words count alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.curate.duplicates.candidates import Pairs
from core.curate.duplicates.phrases import Phrases
from core.curate.encoder import Vectors

PAIRS_AT_ONCE = 20_000
# The encoder reads about this many words of a text; the cosine of longer ones speaks of their openings alone.
WORDS_READ = 190
USUAL_COSINE = 0.8

Measures = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value a pair, each in [0, 1] but the cosine, in [-1, 1].

    words: weighted share of common words (Jaccard). couples: the same of runs of two words.
    phrases: share of common 5-word phrases (Jaccard), boilerplate left out. containment: of the shorter one's
    phrases, the share that stands in the longer one. length_ratio: words of the shorter over those of the longer.
    share_read: how much of the longer one the encoder has read. n_shared: phrases in common.
    """

    words: Measures
    couples: Measures
    phrases: Measures
    containment: Measures
    cosine: Measures
    length_ratio: Measures
    share_read: Measures
    n_shared: Measures


def measure(
    pairs: Pairs,
    *,
    words: Phrases,
    couples: Phrases,
    phrases: Phrases,
    n_words: npt.NDArray[np.int64],
    vectors: Vectors | None,
) -> Evidence:
    """Evidence for each pair of row numbers. phrases: distinctive ones. n_words: of each text.

    Without vectors the cosine is taken to be what texts that share phrases usually have.
    """
    left, right = pairs[:, 0], pairs[:, 1]
    n_shared = _shared(phrases, pairs, np.ones(len(phrases.n_texts)))
    sizes = phrases.sizes.astype(np.float64)
    longer, shorter = np.maximum(sizes[left], sizes[right]), np.minimum(sizes[left], sizes[right])
    lengths = np.asarray(n_words, dtype=np.float64)
    most, least = np.maximum(lengths[left], lengths[right]), np.minimum(lengths[left], lengths[right])
    return Evidence(
        words=_weighted_jaccard(words, pairs),
        couples=_weighted_jaccard(couples, pairs),
        phrases=n_shared / np.maximum(1.0, longer + shorter - n_shared),
        containment=n_shared / np.maximum(1.0, shorter),
        cosine=np.full(len(pairs), USUAL_COSINE) if vectors is None else np.clip(_row_products(vectors, pairs), -1.0, 1.0),
        length_ratio=least / np.maximum(1.0, most),
        share_read=np.minimum(1.0, WORDS_READ / np.maximum(1.0, most)),
        n_shared=n_shared,
    )  # fmt: skip


def _weighted_jaccard(phrases: Phrases, pairs: Pairs) -> Measures:
    weights = np.log(1.0 + phrases.matrix.shape[0] / np.maximum(1, phrases.n_texts))
    totals = phrases.matrix @ weights
    shared = _shared(phrases, pairs, weights)
    union = totals[pairs[:, 0]] + totals[pairs[:, 1]] - shared
    return np.asarray(shared / np.maximum(1e-9, union), dtype=np.float64)


def _shared(phrases: Phrases, pairs: Pairs, weights: Measures) -> Measures:
    """Weight of what each pair has in common."""
    shared = np.zeros(len(pairs))
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        shared[start : start + len(some)] = phrases.matrix[some[:, 0]].multiply(phrases.matrix[some[:, 1]]) @ weights
    return shared


def _row_products(vectors: Vectors, pairs: Pairs) -> Measures:
    products = np.zeros(len(pairs))
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        products[start : start + len(some)] = np.einsum("ij,ij->i", vectors[some[:, 0]], vectors[some[:, 1]])
    return products

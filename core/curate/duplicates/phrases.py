"""Words and phrases of texts as sparse matrices: one row a text, one column a phrase, each counted once.

A phrase (shingle) is a run of words, known by a 64-bit hash that is the same in every process, so that a
sample of phrases by smallest hash is the same sample next time. Texts shorter than a phrase are one phrase.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse

WORD = re.compile(r"\w+", re.UNICODE)
# An odd multiplier with well-mixed bits; the sum over a phrase depends on the order of its words.
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Hashes = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Words:
    """All texts' words in a row. hashes: of each word. starts: where text i begins; one more than there are texts."""

    hashes: Hashes
    starts: npt.NDArray[np.int64]

    @property
    def n_texts(self) -> int:
        return len(self.starts) - 1

    @property
    def n_words(self) -> npt.NDArray[np.int64]:
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True)
class Phrases:
    """matrix: (texts, distinct phrases) of ones. hashes: of each column. n_texts: how many texts hold it, by column."""

    matrix: sparse.csr_matrix
    hashes: Hashes
    n_texts: npt.NDArray[np.int64]

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Distinct phrases of each text."""
        return np.diff(self.matrix.indptr)

    def among(self, is_wanted: npt.NDArray[np.bool_]) -> Phrases:
        """The same without the columns that are not wanted."""
        columns = np.flatnonzero(is_wanted)
        return Phrases(self.matrix[:, columns].tocsr(), self.hashes[columns], self.n_texts[columns])


def words_of(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def read_words(texts: Sequence[Sequence[str]]) -> Words:
    """Hash every word of texts that are lists of words; a word is hashed once however often it comes."""
    known: dict[str, int] = {}
    hashes: list[int] = []
    starts = [0]
    for words in texts:
        for word in words:
            value = known.get(word)
            if value is None:
                value = known[word] = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
            hashes.append(value)
        starts.append(len(hashes))
    return Words(np.asarray(hashes, dtype=np.uint64), np.asarray(starts, dtype=np.int64))


def phrases_of(words: Words, n_words: int) -> Phrases:
    """Every run of `n_words` words of every text, each once a text."""
    rows, hashes = _runs(words, n_words)
    distinct, columns = np.unique(hashes, return_inverse=True)
    shape = (words.n_texts, len(distinct))
    matrix = sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    counts = np.bincount(matrix.indices, minlength=len(distinct)).astype(np.int64)
    return Phrases(matrix, distinct, counts)


def _runs(words: Words, n_words: int) -> tuple[npt.NDArray[np.int64], Hashes]:
    """(text, hash) of every run, those that reach over the end of a text left out, then the short texts as one run each."""
    lengths = words.n_words
    owner = np.repeat(np.arange(words.n_texts), lengths)
    n_runs = max(0, len(words.hashes) - n_words + 1)
    hashes = np.zeros(n_runs, dtype=np.uint64)
    for k in range(n_words):
        hashes = (hashes * MULTIPLIER) + _mixed(words.hashes[k : k + n_runs])
    is_inside = owner[:n_runs] == owner[n_words - 1 : n_words - 1 + n_runs]
    rows, hashes = owner[:n_runs][is_inside], _mixed(hashes[is_inside])
    short = np.flatnonzero((lengths > 0) & (lengths < n_words))
    whole = np.zeros(len(short), dtype=np.uint64)
    for place, text in enumerate(short):
        for word in words.hashes[words.starts[text] : words.starts[text + 1]]:
            whole[place] = whole[place] * MULTIPLIER + _mixed(np.asarray([word]))[0]
    return np.concatenate([rows, short]), np.concatenate([hashes, _mixed(whole)])


def _mixed(values: Hashes) -> Hashes:
    """Each value with its high bits folded into its low ones, so that sums of products do not cancel."""
    values = values ^ (values >> np.uint64(31))
    return values * MULTIPLIER ^ (values >> np.uint64(17))

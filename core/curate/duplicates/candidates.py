"""Pairs worth a close look: those that share phrases, and those that are near in meaning.

Up to 20,000 records both searches are exact, in blocks. Above that a text's phrases are sampled by their
smallest hashes (bottom-k sketch, Broder 1997) and vectors are searched in an inverted-file index (faiss,
IVF), which may miss a pair. Each search gives a record its strongest partners, so that a template used in
thousands of tickets makes a chain of pairs and not millions of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse

from core.curate.duplicates.phrases import Phrases
from core.curate.encoder import Vectors

EXACT_UP_TO = 20_000
BLOCK = 1_024
PARTNERS = 24
# Phrases in this share of the records are boilerplate, and no evidence that two of them are alike.
COMMON_SHARE = 0.2
COMMON_AT_LEAST = 10
SHARED_JACCARD, SHARED_CONTAINMENT = 0.03, 0.2
LEAST_COSINE = 0.6
SKETCH = 64
SKETCH_COMMON_AT_MOST = 200
INDEX_PROBES = 12

Pairs = npt.NDArray[np.int64]
Told = Callable[[int], None]


def is_distinctive(phrases: Phrases) -> npt.NDArray[np.bool_]:
    """Which phrases say something: all but those that stand in a great part of the records."""
    limit = max(COMMON_AT_LEAST, COMMON_SHARE * phrases.matrix.shape[0])
    return np.asarray(phrases.n_texts <= limit)


def candidate_pairs(phrases: Phrases, vectors: Vectors | None, told: Told = lambda n: None) -> Pairs:
    """(n, 2) of row numbers, the smaller first, each pair once, sorted. phrases: distinctive ones. vectors: where known."""
    found = sharing_phrases(phrases, told)
    if vectors is not None:
        found = np.concatenate([found, near_in_meaning(vectors, told)])
    return np.unique(np.sort(found, axis=1), axis=0) if len(found) else found


def sharing_phrases(phrases: Phrases, told: Told = lambda n: None) -> Pairs:
    """Pairs that share phrases, for each record the ones with most in common."""
    n = phrases.matrix.shape[0]
    sizes = np.maximum(1, phrases.sizes)
    searched = phrases.among(phrases.n_texts > 1)
    if n > EXACT_UP_TO:
        searched = _sketched(searched)
        sizes = np.maximum(1, searched.sizes)
    transposed = searched.matrix.T.tocsr()
    found = []
    for start in range(0, n, BLOCK):
        shared = (searched.matrix[start : start + BLOCK] @ transposed).tocoo()
        rows, columns, n_shared = shared.row + start, shared.col, shared.data
        smaller, larger = np.minimum(sizes[rows], sizes[columns]), np.maximum(sizes[rows], sizes[columns])
        jaccard = n_shared / (smaller + larger - n_shared)
        is_wanted = (rows != columns) & ((jaccard >= SHARED_JACCARD) | (n_shared / smaller >= SHARED_CONTAINMENT))
        found.append(_strongest(rows[is_wanted], columns[is_wanted], jaccard[is_wanted]))
        told(min(start + BLOCK, n))
    return np.concatenate(found) if found else _none()


def near_in_meaning(vectors: Vectors, told: Told = lambda n: None) -> Pairs:
    """Pairs whose vectors are near, for each record the nearest ones. vectors: (n, d), rows of length one."""
    if len(vectors) < 2:
        return _none()
    cosines, neighbours = nearest_rows(vectors, PARTNERS, told)
    rows = np.repeat(np.arange(len(vectors)), neighbours.shape[1])
    columns, values = neighbours.ravel(), cosines.ravel()
    is_wanted = (values >= LEAST_COSINE) & (columns >= 0) & (columns != rows)
    return np.column_stack([rows[is_wanted], columns[is_wanted]]).astype(np.int64)


def nearest_rows(
    vectors: Vectors, n: int, told: Told = lambda n: None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Cosines and row numbers of each vector's n nearest others, nearest first; -1 where the index found fewer."""
    n = min(n, len(vectors) - 1)
    return _exact_rows(vectors, n, told) if len(vectors) <= EXACT_UP_TO else _indexed_rows(vectors, n, told)


def _exact_rows(vectors: Vectors, n: int, told: Told) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    cosines, places = np.zeros((len(vectors), n), np.float32), np.zeros((len(vectors), n), np.int64)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK] @ vectors.T
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -2.0
        top = np.argpartition(-block, n - 1, axis=1)[:, :n]
        values = np.take_along_axis(block, top, axis=1)
        # By cosine, then by place: equal cosines must not depend on how the partition fell.
        order = np.lexsort((top, -values), axis=1)
        cosines[start : start + BLOCK] = np.take_along_axis(values, order, axis=1)
        places[start : start + BLOCK] = np.take_along_axis(top, order, axis=1)
        told(min(start + BLOCK, len(vectors)))
    return cosines, places


def _indexed_rows(vectors: Vectors, n: int, told: Told) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    import faiss

    n_lists = int(4 * np.sqrt(len(vectors)))
    index = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], n_lists, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.seed, index.cp.niter, index.nprobe = 17, 8, INDEX_PROBES
    index.train(vectors)
    index.add(vectors)
    cosines, places = np.full((len(vectors), n), -2.0, np.float32), np.full((len(vectors), n), -1, np.int64)
    for start in range(0, len(vectors), BLOCK):
        stop = min(start + BLOCK, len(vectors))
        values, found = index.search(vectors[start:stop], n + 1)
        for row in range(stop - start):
            others = found[row] != start + row
            cosines[start + row] = values[row][others][:n]
            places[start + row] = found[row][others][:n]
        told(stop)
    return cosines, places


def _sketched(phrases: Phrases) -> Phrases:
    """Of each text the phrases with the smallest hashes, of those that few texts hold: a fair sample of what texts share."""
    phrases = phrases.among(phrases.n_texts <= SKETCH_COMMON_AT_MOST)
    matrix = phrases.matrix
    # Columns are sorted by hash, and so are the indices of a row: its first ones are its smallest hashes.
    matrix.sort_indices()
    sizes = np.diff(matrix.indptr)
    place = np.arange(len(matrix.indices)) - np.repeat(matrix.indptr[:-1], sizes)
    is_taken = place < SKETCH
    starts = np.concatenate([[0], np.cumsum(np.minimum(sizes, SKETCH))])
    sketch = sparse.csr_matrix((matrix.data[is_taken], matrix.indices[is_taken], starts), shape=matrix.shape)
    return Phrases(sketch, phrases.hashes, np.bincount(sketch.indices, minlength=matrix.shape[1]).astype(np.int64))


def _strongest(rows: Pairs, columns: Pairs, strength: npt.NDArray[np.float64]) -> Pairs:
    """The PARTNERS strongest pairs of each row."""
    order = np.lexsort((columns, -strength, rows))
    rows, columns = rows[order], columns[order]
    is_first = np.concatenate([[True], rows[1:] != rows[:-1]]) if len(rows) else np.zeros(0, bool)
    starts = np.flatnonzero(is_first)
    place = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    return np.column_stack([rows[place < PARTNERS], columns[place < PARTNERS]]).astype(np.int64)


def _none() -> Pairs:
    return np.zeros((0, 2), dtype=np.int64)

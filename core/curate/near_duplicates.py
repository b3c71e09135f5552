"""Near-duplicate pairs with the evidence. Clusters of them are made in clusters.py.

Candidates come from shared word 5-shingles and from sentence embeddings; a pair is scored by
exact shingle Jaccard, containment and cosine. Cosine alone never merges: two tickets that differ
only in an order number are alike to an encoder, and are asked about at most.

Exact up to 20,000 records, in blocks. Not covered: translations, and more records than that.
Cut-offs were read off real revisions of posts and real double posts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sparse

from core.curate.encoder import Vectors
from core.curate.records_in import RecordIn
from core.nouns import Band, ScoredPair

SHINGLE_WORDS = 5
BLOCK = 1_024
# Merge: most shingles shared, either way round. Ask: a third shared, or a meaning that is hard to tell apart.
MERGE_JACCARD = 0.7
MERGE_CONTAINMENT = 0.9
ASK_JACCARD = 0.3
ASK_CONTAINMENT = 0.6
ASK_COSINE = 0.88
# A shared opening of a few words says nothing: below this many shingles containment does not count.
MIN_CONTAINED_SHINGLES = 20
# Shingles in this share of records are boilerplate, and no evidence that two of them are alike.
COMMON_SHARE = 0.2
WORD = re.compile(r"\w+", re.UNICODE)
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def words_of(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def shingles(words: Sequence[str], size: int = SHINGLE_WORDS) -> set[int]:
    """Hashes of every run of `size` words; a text shorter than that is one shingle."""
    if len(words) <= size:
        return {hash(tuple(words))} if words else set()
    return {hash(tuple(words[i : i + size])) for i in range(len(words) - size + 1)}


def find_near_duplicates(records: Sequence[RecordIn], vectors: Vectors) -> list[ScoredPair]:
    """Every pair in the merge or ask band, sorted by ids. vectors: (n records, d), rows of length one."""
    if len(records) < 2:
        return []
    texts = [record.comparison_text for record in records]
    words = [words_of(text) for text in texts]
    matrix, sizes = _shingle_matrix(words)
    numbers = [frozenset(NUMBER.findall(text)) for text in texts]
    normal = [" ".join(w) for w in words]
    pairs = []
    for start in range(0, len(records), BLOCK):
        stop = min(start + BLOCK, len(records))
        shared = (matrix[start:stop] @ matrix.T).tocoo()
        cosines = vectors[start:stop] @ vectors.T
        overlap = {(int(i) + start, int(j)): int(n) for i, j, n in zip(shared.row, shared.col, shared.data, strict=True)
                   if int(i) + start < j}  # fmt: skip
        close = {
            (int(i) + start, int(j)) for i, j in zip(*np.nonzero(cosines >= ASK_COSINE), strict=True) if i + start < j
        }
        for i, j in sorted(overlap.keys() | close):
            pair = _scored(records[i].id, records[j].id, overlap.get((i, j), 0), sizes[i], sizes[j],
                           float(cosines[i - start, j]), numbers[i] == numbers[j], normal[i] == normal[j] != "")  # fmt: skip
            if pair.band is not Band.LEAVE:
                pairs.append(pair)
    return sorted(pairs, key=lambda p: (p.a, p.b))


def _shingle_matrix(words: Sequence[Sequence[str]]) -> tuple[sparse.csr_matrix, list[int]]:
    """(records, distinct shingles) of ones without the common ones, and each record's own count."""
    sets = [shingles(w) for w in words]
    counts: dict[int, int] = {}
    for one in sets:
        for shingle in one:
            counts[shingle] = counts.get(shingle, 0) + 1
    limit = max(10, COMMON_SHARE * len(words))
    columns = {s: i for i, s in enumerate(s for s, n in counts.items() if 1 < n <= limit)}
    rows, cols = [], []
    for row, one in enumerate(sets):
        for shingle in one:
            column = columns.get(shingle)
            if column is not None:
                rows.append(row)
                cols.append(column)
    sizes = [sum(counts[s] <= limit for s in one) for one in sets]
    shape = (len(words), max(1, len(columns)))
    return sparse.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, cols)), shape=shape), sizes


def _scored(
    a: str, b: str, n_shared: int, n_a: int, n_b: int, cosine: float, same_numbers: bool, same_words: bool
) -> ScoredPair:
    jaccard = n_shared / max(1, n_a + n_b - n_shared)
    containment = n_shared / max(1, min(n_a, n_b))
    if same_words:
        jaccard = containment = 1.0
    is_contained = containment >= MERGE_CONTAINMENT and n_shared >= MIN_CONTAINED_SHINGLES
    if same_words:
        method, band = "exact", Band.MERGE
    elif jaccard >= MERGE_JACCARD or is_contained:
        method, band = "shingles", Band.MERGE if same_numbers or not _short(n_a, n_b) else Band.ASK
    elif jaccard >= ASK_JACCARD or (containment >= ASK_CONTAINMENT and n_shared >= MIN_CONTAINED_SHINGLES):
        method, band = "shingles", Band.ASK
    elif cosine >= ASK_COSINE:
        method, band = "meaning", Band.ASK
    else:
        method, band = "none", Band.LEAVE
    score = 1.0 if same_words else max(0.0, min(1.0, 0.5 * jaccard + 0.25 * containment + 0.25 * cosine))
    first, second = (a, b) if a < b else (b, a)
    return ScoredPair(first, second, method, jaccard, containment, max(-1.0, min(1.0, cosine)), score, band)


def _short(n_a: int, n_b: int) -> bool:
    """Short texts with other numbers in them are about another order; a long post may mend a date."""
    return min(n_a, n_b) < 150


def nearest(vectors: Vectors, ids: Sequence[str], *, n: int = 2) -> list[tuple[str, str, int, float]]:
    """(record, neighbour, place from 1, cosine) of each record's n nearest others."""
    rows = []
    for start in range(0, len(ids), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors.T
        for i, row in enumerate(cosines):
            row[start + i] = -2.0
            for place, j in enumerate(np.argsort(-row, kind="stable")[: min(n, len(ids) - 1)], start=1):
                rows.append((ids[start + i], ids[int(j)], place, float(row[j])))
    return rows

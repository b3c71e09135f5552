"""Near-duplicate pairs of a project's records, with the evidence for each.

Candidates come from shared phrases and from nearness in meaning; each is measured exactly and given the
probability that the two say the same. A pair that differs in an entity (an order number, a product, a name) keeps
its probability, and names what was swapped: it is never merged without a person.

Not covered: translations. Bands and clusters are made of the stored pairs, so that another threshold needs
no new search.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.curate.duplicates.candidates import candidate_pairs, is_distinctive, nearest_rows
from core.curate.duplicates.entities import changed_amount, swapped_entity
from core.curate.duplicates.evidence import Evidence, measure
from core.curate.duplicates.likelihood import has_merging_words, probabilities
from core.curate.duplicates.phrases import phrases_of, read_words, words_of
from core.curate.encoder import Vectors
from core.curate.records_in import RecordIn
from core.nouns import ScoredPair

PHRASE_WORDS = 5
# Less likely pairs are not stored: no threshold that a person may set reaches below.
STORED_FROM = 0.05
# Below this a pair is not merged whatever it swaps, so the alignment of its texts is spared.
ALIGNED_FROM = 0.5


def find_near_duplicates(
    records: Sequence[RecordIn], vectors: Vectors | None, told: Callable[[int], None] = lambda n: None
) -> list[ScoredPair]:
    """Every pair that may say the same, sorted by ids.

    vectors: (n records, d), rows of length one. None where meaning is not known: then only shared phrases make candidates.
    """
    if len(records) < 2:
        return []
    texts = [record.comparison_text for record in records]
    spoken = [words_of(text) for text in texts]
    words = read_words(spoken)
    phrases = phrases_of(words, PHRASE_WORDS)
    phrases = phrases.among(is_distinctive(phrases))
    pairs = candidate_pairs(phrases, vectors, told)
    if not len(pairs):
        return []
    evidence = measure(
        pairs, words=phrases_of(words, 1), couples=phrases_of(words, 2), phrases=phrases, n_words=words.n_words,
        vectors=vectors,
    )  # fmt: skip
    likely, may_merge = probabilities(evidence), has_merging_words(evidence)
    found = []
    for place, (i, j) in enumerate(pairs):
        one, other = (i, j) if records[i].id < records[j].id else (j, i)
        is_same = spoken[i] == spoken[j] != []
        amount = changed_amount(texts[one], texts[other]) if is_same else ""
        if is_same and not amount:
            found.append(_exact(records[one].id, records[other].id, float(evidence.cosine[place])))
        elif likely[place] >= STORED_FROM:
            swap = amount or (swapped_entity(texts[one], texts[other]) if likely[place] >= ALIGNED_FROM else "")
            found.append(
                ScoredPair(
                    records[one].id,
                    records[other].id,
                    _method(evidence, place),
                    words=min(1.0, float(evidence.words[place])),
                    jaccard=float(evidence.phrases[place]),
                    containment=float(evidence.containment[place]),
                    cosine=float(evidence.cosine[place]),
                    length_ratio=float(evidence.length_ratio[place]),
                    score=float(likely[place]),
                    swapped=swap,
                    is_mergeable=bool(may_merge[place]) and not swap,
                )
            )
    return sorted(found, key=lambda pair: (pair.a, pair.b))


def nearest(vectors: Vectors, ids: Sequence[str], *, n: int = 2) -> list[tuple[str, str, int, float]]:
    """(record, neighbour, place from 1, cosine) of each record's n nearest others."""
    if len(ids) < 2:
        return []
    cosines, rows = nearest_rows(vectors, n)
    return [
        (ids[i], ids[int(row)], place, float(cosine))
        for i in range(len(ids))
        for place, (row, cosine) in enumerate(zip(rows[i], cosines[i], strict=True), start=1)
        if row >= 0
    ]


def _exact(a: str, b: str, cosine: float) -> ScoredPair:
    return ScoredPair(
        a, b, "exact", words=1.0, jaccard=1.0, containment=1.0, cosine=cosine, length_ratio=1.0, score=1.0
    )


def _method(evidence: Evidence, place: int) -> str:
    """What speaks for the pair most: phrases that stand in both, else words, else the meaning."""
    if evidence.phrases[place] >= 0.3 or (evidence.containment[place] >= 0.6 and evidence.n_shared[place] >= 20):
        return "shingles"
    return "words" if evidence.words[place] >= 0.3 else "meaning"

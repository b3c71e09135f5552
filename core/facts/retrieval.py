"""Finds passages for a request by words and by meaning together.

By words: BM25 over all words of the request but the smallest, by tantivy in memory. By meaning: the cosine of the encoder's vectors. A passage's
score is its cosine, and a fifth of its BM25 score against that of the best passage. Rank fusion was measured beside it: among the first
five it finds less than the cosine alone (tests/benchmarks/retrieval.py). Nothing here loads the encoder; the request's vector comes from whoever has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy

from core.curate.search_terms import index_form
from core.facts.small_words import SMALL_WORDS

# So many of the best by words get a share of their score for it.
DEPTH = 1_000
# Chosen on one half of the questions of the benchmark, reported on the other.
WORD_WEIGHT = 0.2
MAX_QUERY_TERMS = 400

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage by its place in the list it was built from; cosine: of its vector and the request's."""

    place: int
    cosine: float


class PassageIndex:
    """Searches a fixed list of passages. texts: as `searched_text` gives them; vectors: theirs, of length one."""

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        assert len(texts) == len(vectors), "every passage has a vector"
        self._vectors = vectors
        self._n = len(texts)
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("place", stored=False, indexed=False, fast=True)
        builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
        self._schema: Any = builder.build()
        index = tantivy.Index(self._schema)
        writer = index.writer(heap_size=32_000_000, num_threads=1)
        for place, text in enumerate(texts):
            document = tantivy.Document()
            document.add_unsigned("place", place)
            document.add_text("text", index_form(text))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher: Any = index.searcher()

    def by_words(self, request: str, *, limit: int = DEPTH) -> list[tuple[int, float]]:
        """Places with their BM25 scores, the best first; those that share no word with the request are left out."""
        terms = list(dict.fromkeys(term for term in index_form(request).split() if term not in SMALL_WORDS))
        if not terms or not self._n:
            return []
        either = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "text", term, "freq"))
            for term in terms[:MAX_QUERY_TERMS]
        ]
        hits = self._searcher.search(tantivy.Query.boolean_query(either), limit=limit, count=False).hits
        places = self._searcher.fast_field_values("place", [address for _, address in hits])
        found = [(int(place), float(score)) for place, (score, _) in zip(places, hits, strict=True)]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def search(self, request: str, vector: Vectors, *, limit: int) -> list[Hit]:
        """The best by meaning and words together; of equals the earlier place first."""
        if not self._n:
            return []
        cosines = self._vectors @ vector
        scores = cosines.astype(np.float64)
        by_words = self.by_words(request)
        for place, score in by_words:
            scores[place] += WORD_WEIGHT * score / by_words[0][1]
        best = np.argsort(-scores, kind="stable")[:limit]
        return [Hit(int(place), float(cosines[place])) for place in best]

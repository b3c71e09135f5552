"""Finds passages for a request by words and by meaning together.

By words: BM25 over all words of the request, by tantivy in memory. By meaning: the cosine of the encoder's vectors. The two orders are
fused by reciprocal rank. A worker's tool: nothing here loads the encoder, but the request's vector comes from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy

from core.curate.fusion import fuse
from core.curate.search_terms import index_form

# Beyond this place a passage adds nothing to the fused order that anybody reads.
DEPTH = 100
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

    def by_words(self, request: str, *, limit: int = DEPTH) -> list[int]:
        """Places by BM25, the best first; those that share no word with the request are left out."""
        terms = list(dict.fromkeys(index_form(request).split()))
        if not terms or not self._n:
            return []
        either = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "text", term, "freq"))
            for term in terms[:MAX_QUERY_TERMS]
        ]
        hits = self._searcher.search(tantivy.Query.boolean_query(either), limit=limit, count=False).hits
        places = self._searcher.fast_field_values("place", [address for _, address in hits])
        return [int(place) for _, place in sorted(zip((-score for score, _ in hits), places, strict=True))]

    def by_meaning(self, vector: Vectors, *, limit: int = DEPTH) -> list[int]:
        """Places by cosine, the best first."""
        cosines = self._vectors @ vector
        return [int(place) for place in np.argsort(-cosines, kind="stable")[:limit]]

    def search(self, request: str, vector: Vectors, *, limit: int) -> list[Hit]:
        """The best of both, fused."""
        orders = ([str(place) for place in order] for order in (self.by_words(request), self.by_meaning(vector)))
        cosines = self._vectors @ vector
        return [Hit(int(place), float(cosines[int(place)])) for place in fuse(*orders)[:limit]]

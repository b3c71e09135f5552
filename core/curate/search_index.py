"""A word index on disk: BM25 over the records' current texts, with phrases, by tantivy.

It can be rebuilt from the database at any time and is never part of it. A record that is taken out is only
marked as such in the files until segments are merged; where it has to be gone for good, delete the folder and
build anew. Loads no model; opening takes a millisecond, since files are mapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tantivy

from core.curate.search_terms import Wanted, index_form

TEXT, NUMBER = "text", "number"
BUILD_MEMORY_BYTES, UPDATE_MEMORY_BYTES = 64_000_000, 15_000_000
# A longer word that begins with the typed one counts, but less than the word itself.
PREFIX_WEIGHT = 0.4
_ID = re.compile(r"r_[0-9a-f]{16}")


class SearchIndex:
    """An index in a folder. Readers are cheap to open; there is one writer at a time."""

    def __init__(self, folder: Path) -> None:
        """Open what is there. Raises ValueError when it is no index that this program can read."""
        self._index = tantivy.Index.open(str(folder))
        self._searcher = self._index.searcher()

    @staticmethod
    def build(folder: Path, texts: Iterable[tuple[str, str]]) -> None:
        """Write a new index of (record id, text) into a folder that exists and is empty."""
        index = tantivy.Index(_schema(), path=str(folder))
        writer = index.writer(heap_size=BUILD_MEMORY_BYTES, num_threads=1)
        for record_id, text in texts:
            writer.add_document(_document(record_id, text))
        writer.commit()
        writer.wait_merging_threads()

    def update(self, changed: Iterable[tuple[str, str]], gone: Iterable[str]) -> None:
        """Put changed texts in the place of the old ones, and take records out; all at once."""
        writer = self._index.writer(heap_size=UPDATE_MEMORY_BYTES, num_threads=1)
        for record_id in gone:
            writer.delete_documents_by_query(self._is(record_id))
        for record_id, text in changed:
            writer.delete_documents_by_query(self._is(record_id))
            writer.add_document(_document(record_id, text))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    @property
    def n_records(self) -> int:
        return int(self._searcher.num_docs)

    def search(self, looked_for: Sequence[Wanted]) -> list[str]:
        """Every record in which all of it is found, best first by BM25; of equals the lower id first."""
        if not looked_for or not self.n_records:
            return []
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, self._query(one)) for one in looked_for])
        hits = self._searcher.search(query, limit=self.n_records, count=False).hits
        numbers = self._searcher.fast_field_values(NUMBER, [address for _, address in hits])
        ranked = sorted(zip((-score for score, _ in hits), numbers, strict=True))
        return [f"r_{number:016x}" for _, number in ranked]

    def _is(self, record_id: str) -> Any:
        return tantivy.Query.term_query(self._index.schema, NUMBER, _number(record_id))

    def _query(self, one: Wanted) -> Any:
        schema: Any = self._index.schema
        terms: list[Any] = list(one.terms)
        if len(terms) > 1:
            exact = tantivy.Query.phrase_query(schema, TEXT, terms)
            longer = tantivy.Query.phrase_prefix_query(schema, TEXT, terms) if one.is_open else None
        else:
            exact = tantivy.Query.term_query(schema, TEXT, terms[0])
            longer = tantivy.Query.regex_query(schema, TEXT, re.escape(terms[0]) + ".+") if one.is_open else None
        either = [exact]
        if longer is not None:
            either.append(tantivy.Query.boost_query(longer, PREFIX_WEIGHT))
        if one.whole:
            either.append(tantivy.Query.term_query(schema, TEXT, one.whole))
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in either])


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(NUMBER, stored=False, indexed=True, fast=True)
    # The terms come ready made, with one space between them; the text itself is not kept.
    builder.add_text_field(TEXT, stored=False, tokenizer_name="whitespace", index_option="position")
    return builder.build()


def _document(record_id: str, text: str) -> Any:
    document = tantivy.Document()
    document.add_unsigned(NUMBER, _number(record_id))
    document.add_text(TEXT, index_form(text))
    return document


def _number(record_id: str) -> int:
    assert _ID.fullmatch(record_id), f"{record_id} is no record's id"
    return int(record_id[2:], 16)

"""Looks up facts for briefs: what a draft's request is given beside what the brief says itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.curate.encoder import MiniLMEncoder
from core.facts.budget import within_budget
from core.facts.reranking import CrossEncoder, reordered, reranker_folder
from core.facts.retrieval import PassageIndex, Vectors
from core.facts.store_files import KnownFact, read_known, write_vectors
from core.jobs.context import JobContext
from core.review.requests import request_of
from core.training.chat_format import ChatFormat


def look_up(context: JobContext, known: Path, briefs: list[dict[str, Any]], form: ChatFormat) -> list[list[KnownFact]]:
    """The facts for each brief, best first. Vectors that were missing are written to vectors.parquet."""
    encoder = MiniLMEncoder()

    def embed(texts: Sequence[str]) -> Vectors:
        return encoder.encode(texts, lambda n: context.report(phase="Embedding facts", done=n, total=len(texts)))

    facts, vectors, missing = read_known(known, embed, today=datetime.now(UTC).date())
    if missing:
        write_vectors(context.out / "vectors.parquet", [facts[at].id for at in missing], vectors[missing])
    requests = [request_of(b) for b in briefs]
    context.report(phase="Looking up facts", done=0, total=len(requests))
    asked = encoder.encode(requests, lambda _: None)
    index = PassageIndex([fact.searched for fact in facts], vectors)
    passages = [fact.told for fact in facts]
    folder = reranker_folder()
    cross_encoder = CrossEncoder(folder) if folder else None
    found = []
    for place, (request, vector) in enumerate(zip(requests, asked, strict=True)):
        hits = index.search(request, vector, limit=50)
        if cross_encoder:
            context.report(phase="Reading what was found", done=place, total=len(requests))
            hits = reordered(hits, passages, request, cross_encoder.scores)
        found.append([facts[at] for at in within_budget(hits, passages, form.count_text_tokens)])
    return found

"""Does a question find its own answer among all answers: by words, by meaning, by both.

All answers of the support set that somebody of the team wrote and the asker accepted are cut into passages and indexed. Each question (title and
body) asks for its own answer: recall@1 and @5, with 95 % Wilson intervals. An answer stands where its best passage does. The weight of words beside
meaning was chosen on the questions at even places, and the figures are of the others. Rank fusion stands beside it; the peer is bm25s, a kept BM25
library, with its defaults on the same passages. The order that the studio uses is compared with each other one question by question.

    .venv/bin/python -m tests.benchmarks.retrieval
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.curate.encoder import loaded_encoder
from core.curate.fusion import fuse
from core.curate.records_in import RecordIn
from core.facts.passages import passages_of, searched_text
from core.facts.retrieval import PassageIndex
from core.records.text import accepted_answer
from core.review.paired import compare_pairs
from core.review.statistics import wilson_interval
from tests.benchmarks.machine import circumstances
from tests.benchmarks.planted.bases import threads

RESULT = Path(__file__).with_suffix(".json")
PEERS = Path(__file__).resolve().parent / ".peers"
AT = (1, 5)
SEARCHED = 100
# A question's place to passages, the best first.
Order = Callable[[int], list[int]]


def main() -> None:
    records = [record for record in threads("resolved_en") if is_accepted(record)]
    questions = [f"{record.title}\n{record.content['question']}" for record in records]
    answers = [str((accepted_answer(record.content) or {})["text"]) for record in records]
    passages = [(place, passage) for place, answer in enumerate(answers) for passage in passages_of(answer)]
    texts = [searched_text("", passage) for _, passage in passages]
    owner = np.array([place for place, _ in passages])
    encoder = loaded_encoder()
    started = time.perf_counter()
    vectors = encoder.encode(texts, lambda _: None)
    embedded = time.perf_counter() - started
    asked = encoder.encode(questions, lambda _: None)
    index = PassageIndex(texts, vectors)
    orders: dict[str, Order] = {
        "words": lambda n: [place for place, _ in index.by_words(questions[n], limit=SEARCHED)],
        "meaning": lambda n: by_meaning(vectors, asked[n]),
        "both": lambda n: [hit.place for hit in index.search(questions[n], asked[n], limit=SEARCHED)],
        "rank_fusion": lambda n: fused(index, vectors, questions[n], asked[n]),
        "bm25s": bm25s_order(texts, questions),
    }
    reported = range(1, len(questions), 2)
    found = {name: measured(order, owner, reported) for name, order in orders.items()}
    result: dict[str, Any] = circumstances() | {
        "n_questions": len(reported),
        "n_answers": len(answers),
        "n_passages": len(texts),
        "passages_embedded_per_second": round(len(texts) / embedded, 1),
        "orders": {name: told for name, (told, _) in found.items()},
        "both_against": {
            name: compared(found["both"][1], places) for name, (_, places) in found.items() if name != "both"
        },
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def by_meaning(vectors: np.ndarray, asked: np.ndarray) -> list[int]:
    return [int(place) for place in np.argsort(-(vectors @ asked), kind="stable")[:SEARCHED]]


def fused(index: PassageIndex, vectors: np.ndarray, question: str, asked: np.ndarray) -> list[int]:
    words = [str(place) for place, _ in index.by_words(question, limit=SEARCHED)]
    return [int(place) for place in fuse(words, [str(place) for place in by_meaning(vectors, asked)])]


def compared(ours: Sequence[int | None], theirs: Sequence[int | None]) -> dict[str, Any]:
    """On the same questions: how much more recall, with Newcombe's paired interval, and McNemar's exact probability."""
    told = {}
    for depth in AT:
        pairs = compare_pairs((_within(a, depth), _within(b, depth)) for a, b in zip(ours, theirs, strict=True))
        assert pairs is not None
        told[f"recall@{depth}"] = {
            "more": round(pairs.difference, 4), "low": round(pairs.low, 4), "high": round(pairs.high, 4), "p": round(pairs.p_value, 5),
            "ours_alone": pairs.ours, "theirs_alone": pairs.theirs,
        }  # fmt: skip
    return told


def _within(place: int | None, depth: int) -> bool:
    return place is not None and place <= depth


def measured(order: Order, owner: np.ndarray, questions: Sequence[int]) -> tuple[dict[str, Any], list[int | None]]:
    """Recall at each depth with its interval, and the milliseconds of a search (median of all); and where each question's answer stood."""
    places: list[int | None] = []
    seconds = []
    for question in questions:
        started = time.perf_counter()
        found = order(question)
        seconds.append(time.perf_counter() - started)
        answers = list(dict.fromkeys(int(owner[passage]) for passage in found))
        places.append(answers.index(question) + 1 if question in answers else None)
    told: dict[str, Any] = {"milliseconds": round(1000 * float(np.median(seconds)), 2)}
    for depth in AT:
        hits = sum(_within(place, depth) for place in places)
        low, high = wilson_interval(hits, len(questions))
        told[f"recall@{depth}"] = {
            "recall": round(hits / len(questions), 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }
    return told, places


def bm25s_order(texts: Sequence[str], questions: Sequence[str]) -> Order:
    sys.path.insert(0, str(PEERS))
    import bm25s

    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(list(texts), stopwords="en", show_progress=False), show_progress=False)

    def order(n: int) -> list[int]:
        tokens = bm25s.tokenize([questions[n]], stopwords="en", show_progress=False)
        found, _ = retriever.retrieve(tokens, k=min(SEARCHED, len(texts)), show_progress=False)
        return [int(place) for place in found[0]]

    return order


def is_accepted(record: RecordIn) -> bool:
    answer = accepted_answer(record.content)
    return bool(answer and not answer["is_asker"] and str(answer["text"]).strip())


if __name__ == "__main__":
    main()

"""Embedding: records a second of the studio's encoder, against `SentenceTransformer.encode` of the same model with its defaults.

Both embed the same real threads, in turns, in one process; each has been loaded and has embedded a few texts before. How near
the two vectors of a text are is told too: what is quicker must not be another measure.

    .venv/bin/python -m tests.benchmarks.embedding_rate
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from core.config import offline_environment
from core.curate.encoder import MiniLMEncoder, Vectors, encoder_folder
from tests.benchmarks.machine import circumstances
from tests.benchmarks.planted.bases import threads

RESULT = Path(__file__).resolve().parent / "embedding_rate.json"
TARGETS = {"ratio_at_least": 1.5, "cosine_at_least": 0.998}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update(offline_environment())
    texts = [record.comparison_text for record in threads("resolved_en")[: arguments.texts]]
    result = {**circumstances(), "targets": TARGETS, **compare(texts, arguments.rounds)}
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def compare(texts: list[str], n_rounds: int) -> dict[str, Any]:
    from sentence_transformers import SentenceTransformer

    ours, peer = MiniLMEncoder(), SentenceTransformer(str(encoder_folder()), local_files_only=True)
    mine, theirs = ours.encode(texts[:8], lambda n: None), peer.encode(texts[:8])
    seconds: dict[str, list[float]] = {"ours": [], "sentence_transformers": []}
    for number in range(n_rounds):
        started = time.perf_counter()
        mine = ours.encode(texts, lambda n: None)
        seconds["ours"].append(time.perf_counter() - started)
        started = time.perf_counter()
        theirs = peer.encode(texts)
        seconds["sentence_transformers"].append(time.perf_counter() - started)
        print(
            f"round {number + 1}: {seconds['ours'][-1]:.2f} and {seconds['sentence_transformers'][-1]:.2f} s",
            file=sys.stderr,
        )
    cosines = cosines_between(mine, np.asarray(theirs, dtype=np.float32))
    rates = {side: [len(texts) / one for one in each] for side, each in seconds.items()}
    ratios = [mine / other for mine, other in zip(rates["ours"], rates["sentence_transformers"], strict=True)]
    return {
        "n_texts": len(texts),
        "n_rounds": n_rounds,
        "texts_per_second": {
            side: {"median": round(statistics.median(each), 1), "lowest": round(min(each), 1), "highest": round(max(each), 1)}
            for side, each in rates.items()
        },
        "ratio": round(statistics.median(ratios), 2),
        "ratio_of_each_round": [round(ratio, 2) for ratio in ratios],
        "cosine": {"lowest": round(float(cosines.min()), 6), "mean": round(float(cosines.mean()), 6)},
    }  # fmt: skip


def cosines_between(mine: Vectors, theirs: Vectors) -> Vectors:
    """(n) cosines of two vectors of one text each; theirs need not be of length one."""
    return np.asarray((mine * theirs).sum(axis=1) / np.linalg.norm(theirs, axis=1), dtype=np.float32)


if __name__ == "__main__":
    main()

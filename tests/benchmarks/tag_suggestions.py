"""Suggested tags against always saying the commonest one, on real support questions that were never tagged.

Questions are read and embedded as an import and a measurement would, and learnt by the code of the suggesting
job, with 50, 200 and 1,000 tagged records and five draws of each; 1,000 others are held out. Two sets of labels:

topic      as the askers chose it, of the 39 that the site had; it changed them twice in these years, so that
           one subject has several names (`customize` and `customization`), which nothing can tell apart
subject    the same with names that mean one thing put together (JOINED), as a lead's own list would have them

Double posts do not flatter: a held-out question that is nearly a tagged one (cosine 0.9) is left out.
Takes about three minutes on two cores, most of it embedding; --vectors keeps that for a second run.

    .venv/bin/python tests/benchmarks/tag_suggestions.py
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from machine import circumstances

from core.curate.encoder import ENCODER_ID, MiniLMEncoder
from core.curate.records_in import record_in
from core.nouns import Goal
from core.records.parsing import parse_file
from core.tags.enough import BINS, bin_of
from core.tags.suggesting import Learnt, learn

HERE = Path(__file__).resolve().parent
RESULT = HERE / "tag_suggestions.json"
QUESTIONS = HERE.parents[2] / "shared" / "data" / "support-thunderbird" / "resolved_en.jsonl"
SIZES, SEEDS, N_HELD_OUT, SURE, DOUBLE = (50, 200, 1_000), (1, 2, 3, 4, 5), 1_000, 0.8, 0.9
ALIKE = (0.5, 0.6, 0.7, 0.8, 0.85)
JOINED = {
    "email": ("email-and-messaging", "send-and-receive-email", "attachments"),
    "customize": ("customization", "customize", "settings"),
    "install": ("installation-and-updates", "install", "update"),
    "fix problems": (
        "troubleshooting", "app-crash", "crashing-and-slow-performance", "performance-and-connectivity", "connectivity",
    ),
    "passwords": ("passwords-and-sign-in", "reset-passwords", "save-passwords"),
    "accounts": ("account-management", "accounts", "profiles"),
    "import and export": ("import-and-export-email", "import-and-export-settings"),
    "security": ("privacy-and-security", "security", "encryption"),
    "search and tags": ("search", "tags", "search-tag-and-share"),
    "calendar": ("calendar", "events"),
}  # fmt: skip
SUBJECT = {topic: subject for subject, topics in JOINED.items() for topic in topics}

Vectors = npt.NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, help="a .npy to read the embeddings from, or to keep them in")
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    if not QUESTIONS.exists():
        sys.exit(f"The real questions are not beside the repository: there is no {QUESTIONS}.")
    vectors, topics = questions(arguments.vectors)
    labels = {"topic": topics, "subject": [SUBJECT.get(topic, topic) for topic in topics]}
    result = circumstances() | {
        "encoder": ENCODER_ID, "n_questions": len(topics), "n_held_out": N_HELD_OUT, "seeds": SEEDS, "sure": SURE,
    }  # fmt: skip
    for name, chosen in labels.items():
        result[name] = {
            "n_tags": len(set(chosen)),
            "sizes": [measured(vectors, chosen, size) for size in SIZES],
            "alike": alike(vectors, chosen),
        }
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for name in labels:
        for one in result[name]["sizes"]:
            print(
                f"{name}, {one['n_tagged']} tagged: first suggestion right {one['top1']:.1%}, commonest {one['commonest']:.1%}; "
                f"at {SURE} or more {_share(one['sure'])} of {one['sure']['n']}"
            )


def questions(kept: Path | None) -> tuple[Vectors, list[str]]:
    """The vectors of all questions, and the topic that each asker chose."""
    parsed = parse_file(QUESTIONS, QUESTIONS.name, Goal.SUPPORT, {})
    chosen = {row["id"]: row["topic"] for row in map(json.loads, QUESTIONS.open(encoding="utf-8"))}
    topics = [chosen[record.external_id] for record in parsed.records]
    if kept is not None and kept.exists():
        vectors: Vectors = np.load(kept)
        assert len(vectors) == len(topics), f"{kept} holds other questions"
        return vectors, topics
    texts = [
        record_in(
            {"id": r.external_id, "external_id": r.external_id, "kind": r.kind, "title": r.title, "content": r.content}
        ).comparison_text
        for r in parsed.records
    ]
    vectors = MiniLMEncoder().encode(texts, lambda n: print(f"embedded {n} of {len(texts)}", end="\r", file=sys.stderr))
    if kept is not None:
        np.save(kept, vectors)
    return vectors, topics


def measured(vectors: Vectors, labels: list[str], size: int) -> dict[str, Any]:
    """All draws of one size: shares right, and by confidence, on the records held out."""
    draws = [draw(vectors, np.array(labels), size, seed) for seed in SEEDS]
    bins = [
        {"low": low, "n": sum(d["bins"][i][0] for d in draws), "n_right": sum(d["bins"][i][1] for d in draws)}
        for i, low in enumerate(BINS)
    ]
    sure = [one for one in bins if one["low"] >= SURE]
    return {
        "n_tagged": size,
        "top1": round(statistics.mean(d["top1"] for d in draws), 4),
        "top1_by_seed": [d["top1"] for d in draws],
        "top3": round(statistics.mean(d["top3"] for d in draws), 4),
        "commonest": round(statistics.mean(d["commonest"] for d in draws), 4),
        "promised_by_cross_validation": round(statistics.mean(d["promised"] for d in draws), 4),
        "sure": {"n": sum(one["n"] for one in sure), "n_right": sum(one["n_right"] for one in sure)},
        "n_held_out": sum(d["n"] for d in draws),
        "bins": bins,
        "seconds_to_learn_and_suggest": round(statistics.median(d["seconds"] for d in draws), 2),
    }


def draw(vectors: Vectors, labels: npt.NDArray[Any], size: int, seed: int) -> dict[str, Any]:
    order = np.random.default_rng(seed).permutation(len(labels))
    known, others = order[:size], order[-N_HELD_OUT:]
    others = others[(vectors[others] @ vectors[known].T).max(axis=1) < DOUBLE]
    started = time.perf_counter()
    learnt = learn(vectors[known], [[label] for label in labels[known].tolist()], seed=seed)
    assert isinstance(learnt, Learnt)
    suggested = learnt.suggest(vectors[others])
    seconds = time.perf_counter() - started
    truth = labels[others].tolist()
    bins = [[0, 0] for _ in BINS]
    for row, label in zip(suggested, truth, strict=True):
        place = bins[bin_of(row[0].confidence)]
        place[0] += 1
        place[1] += row[0].tag == label
    commonest = Counter(labels[known].tolist()).most_common(1)[0][0]
    return {
        "n": len(truth),
        "top1": round(statistics.mean(row[0].tag == label for row, label in zip(suggested, truth, strict=True)), 4),
        "top3": statistics.mean(label in [s.tag for s in row] for row, label in zip(suggested, truth, strict=True)),
        "commonest": statistics.mean(label == commonest for label in truth),
        "promised": learnt.evaluation["top1"],
        "bins": bins,
        "seconds": seconds,
    }


def alike(vectors: Vectors, labels: list[str]) -> list[dict[str, Any]]:
    """Of all pairs at least so near, how many have one label: what "tag alike ones" can rely on."""
    above = np.triu_indices(len(labels), 1)
    cosines, named = (vectors @ vectors.T)[above], np.array(labels)
    same = (named[:, None] == named[None])[above]
    return [
        {"cosine": c, "n_pairs": int((cosines >= c).sum()), "same": round(float(same[cosines >= c].mean()), 4)}
        for c in ALIKE
    ]


def _share(counted: dict[str, int]) -> str:
    return f"{counted['n_right'] / counted['n']:.1%}" if counted["n"] else "none"


if __name__ == "__main__":
    main()

"""Trains the models of core/curate/flags/meant.py, and measures them on examples that they were not trained on.

Examples: the wordings for building, and the clean posts and threads: their paragraphs, answers and questions. Half of the wordings train and half
measure, ten times; what ships is trained on all of them. The limit is where one clean passage in two hundred is above it.

    .venv/bin/python -m tests.benchmarks.meaning_model
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from core.config import offline_environment
from core.curate.encoder import MiniLMEncoder
from core.curate.flags import meant
from core.curate.flags.answers import closes_without_help
from core.curate.flags.view import View, answer_text
from core.nouns import Goal
from tests.benchmarks.machine import circumstances
from tests.benchmarks.planted import bases
from tests.benchmarks.planted.wordings import building

RESULT = Path(__file__).with_suffix(".json")
N_PARAGRAPHS, N_ROUNDS, SEED = 1_200, 10, 17
STRENGTH = 10.0
CLEAN_ABOVE = 0.005

Matrix = npt.NDArray[np.float64]


def main() -> None:
    os.environ.update(offline_environment())
    wordings, clean = building(), {goal: bases.clean(goal) for goal in (Goal.VOICE, Goal.SUPPORT)}
    posts = _paragraphs([str(r.content["body"]) for r in clean[Goal.VOICE]])
    helpful = [r for r in clean[Goal.SUPPORT] if not closes_without_help(View(r, Goal.SUPPORT))]
    answers = [answer_text(r) or "" for r in helpful]
    encoder = MiniLMEncoder()

    def embedded(texts: list[str]) -> Matrix:
        return np.asarray(encoder.encode(texts, lambda n: None), dtype=np.float64)

    of_answers = embedded(answers)
    of_paragraphs = np.concatenate([embedded(posts), embedded(_paragraphs(answers))])
    of_questions = embedded([r.comparison_text for r in clean[Goal.SUPPORT]])
    others = {
        "promotional": np.concatenate([of_answers, of_paragraphs, of_questions]),
        "closing_without_help": of_answers,
    }
    shipped: dict[str, Any] = {}
    result: dict[str, Any] = {**circumstances(), "n_rounds": N_ROUNDS, "clean_above": CLEAN_ABOVE}
    for name, negatives in others.items():
        positives = embedded([str(wording) for wording in wordings[name]])
        limits, recalls = zip(*(_round(positives, negatives, SEED + i) for i in range(N_ROUNDS)), strict=True)
        model = _fitted(positives, negatives)
        shipped[name] = {
            "intercept": round(float(model.intercept_[0]), 4),
            "limit": round(float(np.median(limits)), 4),
            "weights": [round(float(x), 4) for x in model.coef_[0]],
        }
        result[name] = {
            "n_written": len(positives), "n_clean": len(negatives), "limit": shipped[name]["limit"],
            "recall": {"mean": round(float(np.mean(recalls)), 4), "lowest": min(recalls), "highest": max(recalls)},
        }  # fmt: skip
    meant.MODEL.write_text(json.dumps(shipped) + "\n", encoding="utf-8")
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def _round(positives: Matrix, negatives: Matrix, seed: int) -> tuple[float, float]:
    """(limit, recall) of a model trained on half of both, measured on the other half."""
    order = np.random.default_rng(seed)
    written, clean = order.permutation(len(positives)), order.permutation(len(negatives))
    half, part = len(written) // 2, len(clean) // 2
    model = _fitted(positives[written[:half]], negatives[clean[:part]])
    limit = float(np.quantile(model.predict_proba(negatives[clean[part:]])[:, 1], 1 - CLEAN_ABOVE))
    return limit, round(float((model.predict_proba(positives[written[half:]])[:, 1] > limit).mean()), 4)


def _fitted(positives: Matrix, negatives: Matrix) -> LogisticRegression:
    matrix = np.concatenate([positives, negatives])
    labels = np.arange(len(matrix)) < len(positives)
    return LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=3_000).fit(matrix, labels)


def _paragraphs(texts: list[str]) -> list[str]:
    parts = [p for text in texts for p in meant.PARAGRAPH.split(text) if len(p.split()) >= meant.LEAST_ENDING_WORDS]
    return random.Random(SEED).sample(parts, min(N_PARAGRAPHS, len(parts)))


if __name__ == "__main__":
    main()

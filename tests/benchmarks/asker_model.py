"""Trains and measures the model that tells an asker's own message from an answer by the team, by its words alone.

Threads whose SHA-256 of the id begins with an even digit train it, the others measure it. It learns from every
message of a thread and is measured on accepted answers alone; nothing but their text is used. Terms that name persons or hold digits are left out.

    .venv/bin/python -m tests.benchmarks.asker_model
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold

from core.curate.flags import asker
from core.curate.records_in import RecordIn
from core.records.text import accepted_answer
from tests.benchmarks.planted.bases import threads

RESULT = Path(__file__).with_suffix(".json")
POOL = ("resolved_en", "spam", "unresolved_en", "resolved_other_locales")
LEAST_MESSAGES, MOST_TERMS = 8, 3_000
# What was not accepted says who speaks too, but less of how a solution is told.
OTHER_MESSAGES = 0.25
NAMED = re.compile(r"user_|agent_|\d")


def is_for_training(record: RecordIn) -> bool:
    return int(hashlib.sha256(record.external_id.encode()).hexdigest()[0], 16) % 2 == 0


def main() -> None:
    answered = [(r, a) for name in POOL for r in threads(name) if (a := accepted_answer(r.content)) is not None]
    test = [(r, a) for r, a in answered if not is_for_training(r)]
    messages = [m for name in POOL for r in threads(name) if is_for_training(r) for m in r.content["messages"]]
    rows = [asker.terms(m["text"]) for m in messages]
    labels = np.asarray([m["is_asker"] for m in messages])
    importance = np.asarray([1.0 if m["is_solution"] else OTHER_MESSAGES for m in messages])
    counts = Counter(
        term for row in rows for term in row if not NAMED.search(term.removeprefix("#words ")) or term[0] == "#"
    )
    chosen = {term: i for i, (term, n) in enumerate(counts.most_common(MOST_TERMS)) if n >= LEAST_MESSAGES}
    matrix = _matrix(rows, chosen)
    scores = {c: _cross_validated(c, matrix, labels, importance) for c in (0.05, 0.1, 0.2)}
    best = max(scores, key=lambda c: scores[c])
    fitted = _regression(best).fit(matrix, labels, sample_weight=importance)
    weights = {t: round(float(fitted.coef_[0][i]), 3) for t, i in sorted(chosen.items())}
    model = {
        "intercept": round(float(fitted.intercept_[0]), 3),
        "weights": {t: w for t, w in weights.items() if abs(w) >= 0.02},
    }
    asker.MODEL.write_text(json.dumps(model, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    asker._model.cache_clear()
    result = {
        "n_train_messages": len(messages),
        "n_terms": len(model["weights"]),
        "cross_validated_auroc": scores,
        **_measured(test),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def _cross_validated(c: float, matrix: sparse.csr_matrix, labels: np.ndarray, importance: np.ndarray) -> float:
    """AUROC on the accepted answers of each fold, trained on all messages of the others."""
    accepted = importance == 1.0
    guesses = np.zeros(len(labels))
    for train, test in KFold(5, shuffle=True, random_state=17).split(labels):
        guesses[test] = (
            _regression(c)
            .fit(matrix[train], labels[train], sample_weight=importance[train])
            .decision_function(matrix[test])
        )
    return round(float(roc_auc_score(labels[accepted], guesses[accepted])), 4)


def _measured(test: list[tuple[RecordIn, dict[str, Any]]]) -> dict[str, Any]:
    truth = np.asarray([a["is_asker"] for _, a in test])
    guess = np.asarray([asker.asker_probability(a["text"]) for _, a in test])
    english = np.asarray([r.language.startswith("en") for r, _ in test])
    return {
        "n_test": len(test),
        "n_askers": int(truth.sum()),
        "auroc": round(float(roc_auc_score(truth, guess)), 4),
        "auroc_english": round(float(roc_auc_score(truth[english], guess[english])), 4),
        "at_limits": {
            limit: {"precision": round(float(truth[guess >= limit].mean()), 3), "recall": round(float((guess[truth] >= limit).mean()), 3)}
            for limit in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
        },
    }  # fmt: skip


def _matrix(rows: list[set[str]], chosen: dict[str, int]) -> sparse.csr_matrix:
    cells = [(i, chosen[t]) for i, row in enumerate(rows) for t in row if t in chosen]
    places = np.asarray(cells).T
    return sparse.csr_matrix((np.ones(len(cells)), (places[0], places[1])), shape=(len(rows), len(chosen)))


def _regression(c: float) -> LogisticRegression:
    return LogisticRegression(C=c, max_iter=2_000)


if __name__ == "__main__":
    main()

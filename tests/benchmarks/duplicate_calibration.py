"""Fits the probability of near-duplicate pairs, and shows how it holds on the half that was not fitted.

Logistic regression with a small ridge and no negative weight, on the candidates of the two labelled sets and, at half
weight, on the pairs with few words in common (a pair in dispute counts half each way).

    .venv/bin/python -m tests.benchmarks.duplicate_calibration
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from core.curate.duplicates.candidates import candidate_pairs, is_distinctive
from core.curate.duplicates.evidence import Evidence, measure
from core.curate.duplicates.find import PHRASE_WORDS
from core.curate.duplicates.likelihood import WEIGHTS, features
from core.curate.duplicates.phrases import phrases_of, read_words, words_of
from core.curate.encoder import MiniLMEncoder, Vectors
from tests.benchmarks.duplicate_sets import double_posts, half_of, low_overlap, revised_posts, solved_questions

RIDGE = 3.0
LOW_OVERLAP_WEIGHT = 0.5

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights in the order of WEIGHTS, and the intercept."""

    weights: Numbers
    intercept: float

    def probabilities(self, x: Numbers) -> Numbers:
        return np.asarray(1 / (1 + np.exp(-(x @ self.weights + self.intercept))))


@dataclass(frozen=True, slots=True)
class Labelled:
    """Features of pairs, the share of labels that say duplicate, the weight, the half; n_true: all true pairs there are."""

    x: Numbers
    y: Numbers
    weight: float
    halves: npt.NDArray[np.int64]
    n_true: int


def main() -> None:
    encoder = MiniLMEncoder()
    sets = {one.name: _pairs_of(one) for one in (revised_posts(encoder), double_posts(encoder))}
    low = _low_overlap_pairs(encoder)
    everything = [*sets.values(), low]
    held_out = {name: np.zeros(len(one.y)) for name, one in {**sets, "low": low}.items()}
    for half in (0, 1):
        fitted = fit([_half(one, half) for one in everything])
        for name, one in {**sets, "low": low}.items():
            held_out[name][one.halves != half] = fitted.probabilities(one.x[one.halves != half])
    shipped = fit(everything)
    print(json.dumps({"weights": dict(zip(WEIGHTS, np.round(shipped.weights, 2), strict=True)),
                      "intercept": round(shipped.intercept, 2)}, indent=2))  # fmt: skip
    for name, one in sets.items():
        print(name, "on the half not fitted:", f1_of(held_out[name] >= 0.5, one.y == 1, one.n_true))
    agreed = {label: low.y == label for label in (0, 1)}
    for limit in (0.5, 0.2):
        shares = {
            str(label): round(float((held_out["low"][is_so] >= limit).mean()), 2) for label, is_so in agreed.items()
        }
        print(f"few words in common, from {limit} on: duplicates {shares['1']}, different {shares['0']}")


def fit(parts: Sequence[Labelled]) -> Fitted:
    """Ridge logistic regression with weights of nought or more, on standardised features."""
    x = np.vstack([part.x for part in parts])
    y = np.concatenate([part.y for part in parts])
    weight = np.concatenate([np.full(len(part.y), part.weight) for part in parts])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = (x - mean) / scale

    def loss(t: Numbers) -> tuple[float, Numbers]:
        logit = z @ t[:-1] + t[-1]
        off = weight * (1 / (1 + np.exp(-logit)) - y)
        value = float((weight * (np.logaddexp(0, logit) - y * logit)).sum() + (t[:-1] ** 2).sum() / (2 * RIDGE))
        return value, np.append(z.T @ off + t[:-1] / RIDGE, off.sum())

    bounds = [(0.0, None)] * x.shape[1] + [(None, None)]
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, bounds=bounds).x
    weights = found[:-1] / scale
    return Fitted(weights, float(found[-1] - (weights * mean).sum()))


def f1_of(is_found: npt.NDArray[np.bool_], is_true: npt.NDArray[np.bool_], n_true: int) -> dict[str, float]:
    n_right = int((is_found & is_true).sum())
    precision, recall = n_right / max(1, int(is_found.sum())), n_right / max(1, n_true)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def evidence_of(texts: Sequence[str], vectors: Vectors) -> tuple[npt.NDArray[np.int64], Evidence]:
    """Candidate pairs of texts and their evidence, as the search measures it."""
    words = read_words([words_of(text) for text in texts])
    phrases = phrases_of(words, PHRASE_WORDS)
    phrases = phrases.among(is_distinctive(phrases))
    pairs = candidate_pairs(phrases, vectors)
    return pairs, measure(
        pairs, words=phrases_of(words, 1), couples=phrases_of(words, 2), phrases=phrases, n_words=words.n_words,
        vectors=vectors,
    )  # fmt: skip


def _pairs_of(labelled: Any) -> Labelled:
    pairs, evidence = evidence_of(labelled.texts, labelled.vectors)
    groups = labelled.groups
    y = (groups[pairs[:, 0]] == groups[pairs[:, 1]]).astype(float)
    return Labelled(features(evidence), y, 1.0, labelled.halves[pairs[:, 0]], labelled.n_true_pairs)


def _low_overlap_pairs(encoder: MiniLMEncoder) -> Labelled:
    texts = solved_questions()
    place = {identity: i for i, identity in enumerate(texts)}
    pairs, evidence = evidence_of(list(texts.values()), encoder.encode(list(texts.values()), lambda n: None))
    row = {(int(a), int(b)): i for i, (a, b) in enumerate(pairs)}
    labels = low_overlap()
    chosen = [row[min(p, q), max(p, q)] for p, q in ((place[one["a"]], place[one["b"]]) for one in labels)]
    y = np.asarray([sum(label == "duplicate" for label in one["labels"]) / 2 for one in labels])
    halves = np.asarray([half_of(one["a"] + one["b"]) for one in labels])
    return Labelled(features(evidence)[chosen], y, LOW_OVERLAP_WEIGHT, halves, int((y == 1).sum()))


def _half(one: Labelled, half: int) -> Labelled:
    is_in = one.halves == half
    return Labelled(one.x[is_in], one.y[is_in], one.weight, one.halves[is_in], one.n_true)


if __name__ == "__main__":
    main()

"""Suggests tags: by what the nearest tagged records carry, and by a small classifier on the embeddings.

The classifier is one ridge regression for each tag, in closed form (as good here as logistic ones, and
a hundred times faster); the neighbours vote with a power of their cosine. Their sum and its lead over the
next tag make one confidence, by a logistic regression that was fitted on records held out of both (stacking: Wolpert 1992), so that it means what
it says: of suggestions at 0.8 about four in five are right. How often they were stands in the
evaluation, counted on records that neither the scores nor the confidence were fitted on.

Measured on real tickets: tests/benchmarks/tag_suggestions.py. Not covered: a tag that no record carries yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.tags.enough import BINS, MIN_RECORDS, MIN_TAGGED, MIN_TAGS, bin_of

Matrix = npt.NDArray[np.float32]
Real = npt.NDArray[np.float64]

N_NEAREST = 20
COSINE_POWER = 4
RIDGE = 1.0
N_FOLDS = 5
N_SUGGESTED = 3
BLOCK = 2_048
# Holds the confidence back while little was seen; and no score below this is told apart.
CAUTION = 1.0
LEAST_SCORE = 0.02
HALF_LEAD = 0.5
# A score counts as a reason where it puts its tag first by itself.
BOTH, NEIGHBOURS, CLASSIFIER = "both", "neighbours", "classifier"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggested tag. place: 1 for the likeliest. confidence: in [0, 1].

    source: which of the two puts this tag first; `classifier` where neither does. n_near of n_asked: nearest tagged
    records that carry it.
    """

    tag: str
    place: int
    confidence: float
    source: str
    n_near: int
    n_asked: int


@dataclass(frozen=True, slots=True)
class Scores:
    """(n records, n tags) each; near: how many of the asked nearest tagged records carry the tag."""

    classifier: Real
    neighbours: Real
    near: npt.NDArray[np.int64]
    n_asked: int

    @property
    def both(self) -> Real:
        return self.classifier + self.neighbours


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the tagged records teach. tags: those that can be suggested. evaluation: see `evaluated`."""

    tags: tuple[str, ...]
    vectors: Matrix
    carried: Real
    confidence: Real
    evaluation: dict[str, Any]

    def suggest(self, vectors: Matrix) -> list[list[Suggestion]]:
        """For each row of vectors its suggestions, the likeliest first; at most N_SUGGESTED."""
        found: list[list[Suggestion]] = []
        for start in range(0, len(vectors), BLOCK):
            scores = _scores(self.vectors, self.carried, vectors[start : start + BLOCK])
            chosen, features = _candidates(scores)
            found += _suggestions(self.tags, scores, chosen, _logistic(features, self.confidence))
        return found


def learn(vectors: Matrix, tags: Sequence[Sequence[str]], *, seed: int) -> Learnt | dict[str, Any]:
    """Learn from tagged records, or say in an evaluation without tags why nothing can be told apart.

    vectors: (n records, d), rows of length one. tags: what each record carries; n has to be MIN_TAGGED at least.
    """
    counts: dict[str, int] = {}
    for one in tags:
        for tag in one:
            counts[tag] = counts.get(tag, 0) + 1
    known = sorted(tag for tag, n in counts.items() if n >= MIN_RECORDS)
    left_out = [{"tag": tag, "n": n} for tag, n in sorted(counts.items()) if n < MIN_RECORDS]
    if len(known) < MIN_TAGS or len(vectors) < MIN_TAGGED:
        return _evaluation(len(vectors), 0, left_out)
    carried = np.array([[float(tag in one) for tag in known] for one in tags])
    held_out, folds = _held_out_scores(vectors, carried, seed=seed)
    chosen, features = _candidates(held_out)
    right = np.take_along_axis(carried, chosen, axis=1)
    evaluation = _evaluation(len(vectors), len(known), left_out) | evaluated(carried, right, features, folds)
    return Learnt(tuple(known), vectors, carried, _fit_logistic(features, right), evaluation)


def evaluated(carried: Real, right: Real, features: Real, folds: npt.NDArray[np.int64]) -> dict[str, Any]:
    """How the first suggestion did on records held out: share right, against always saying the commonest tag, and by confidence.

    right: (n, suggested) of 0 and 1. The confidence of a fold's records is fitted on the other folds.
    """
    bins, n_right = _empty_bins(), 0
    for fold in range(N_FOLDS):
        there = folds == fold
        confidence = _logistic(features[there], _fit_logistic(features[~there], right[~there]))
        first = confidence.argmax(axis=1)
        for place, row, ok in zip(first, confidence, right[there], strict=True):
            found = bins[bin_of(float(row[place]))]
            found["n"] += 1
            found["n_right"] += int(ok[place])
            n_right += int(ok[place])
    return {
        "top1": round(n_right / len(carried), 4),
        "commonest": round(float(carried.mean(axis=0).max()), 4),
        "bins": bins,
    }


def _evaluation(n_tagged: int, n_tags: int, left_out: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "n_tagged": n_tagged, "n_tags": n_tags, "left_out": left_out, "top1": None, "commonest": None, "bins": _empty_bins(),
    }  # fmt: skip


def _empty_bins() -> list[dict[str, Any]]:
    return [{"low": low, "high": high, "n": 0, "n_right": 0} for low, high in zip(BINS, (*BINS[1:], 1.0), strict=True)]


def _held_out_scores(vectors: Matrix, carried: Real, *, seed: int) -> tuple[Scores, npt.NDArray[np.int64]]:
    """Every record's scores from the records of the other folds, and its fold."""
    folds = np.random.default_rng(seed).permutation(len(vectors)) % N_FOLDS
    classifier, neighbours = np.zeros_like(carried), np.zeros_like(carried)
    near = np.zeros(carried.shape, dtype=np.int64)
    n_asked = 0
    for fold in range(N_FOLDS):
        there = folds == fold
        scores = _scores(vectors[~there], carried[~there], vectors[there])
        classifier[there], neighbours[there], near[there] = scores.classifier, scores.neighbours, scores.near
        n_asked = scores.n_asked
    return Scores(classifier, neighbours, near, n_asked), folds


def _scores(known: Matrix, carried: Real, vectors: Matrix) -> Scores:
    weights, middle, share = _ridge(known, carried)
    nearest, power = _nearest(known, vectors)
    votes = carried[nearest]
    total = np.maximum(power.sum(axis=1, keepdims=True), 1e-9)
    return Scores(
        classifier=(vectors - middle) @ weights + share,
        neighbours=np.einsum("nk,nkt->nt", power, votes) / total,
        near=votes.sum(axis=1).astype(np.int64),
        n_asked=nearest.shape[1],
    )


def _ridge(known: Matrix, carried: Real) -> tuple[Real, Real, Real]:
    """Weights (d, tags), the mean vector, and each tag's share; solved in the smaller of the two dimensions."""
    middle, share = known.mean(axis=0).astype(np.float64), carried.mean(axis=0)
    x = known.astype(np.float64) - middle
    n, d = x.shape
    if n < d:
        return x.T @ np.linalg.solve(x @ x.T + RIDGE * np.eye(n), carried - share), middle, share
    return np.linalg.solve(x.T @ x + RIDGE * np.eye(d), x.T @ (carried - share)), middle, share


def _nearest(known: Matrix, vectors: Matrix) -> tuple[npt.NDArray[np.int64], Real]:
    """Indices of the nearest known records of each row, and the weight of their votes."""
    n = min(N_NEAREST, len(known))
    cosines = vectors @ known.T
    nearest = np.argpartition(-cosines, n - 1, axis=1)[:, :n]
    return nearest, np.maximum(np.take_along_axis(cosines, nearest, axis=1).astype(np.float64), 0.0) ** COSINE_POWER


def _candidates(scores: Scores) -> tuple[npt.NDArray[np.int64], Real]:
    """The best tags of each record (n, suggested), and what their confidence is read off (n, suggested, features)."""
    both = scores.both
    order = np.argsort(-both, axis=1, kind="stable")
    chosen = order[:, : min(N_SUGGESTED, both.shape[1])]
    score = np.take_along_axis(both, chosen, axis=1)
    best = np.take_along_axis(both, order[:, :2], axis=1)
    # The lead over the best other tag: for the first it is over the second, for the others over the first.
    rival = np.where(np.arange(chosen.shape[1]) == 0, best[:, 1:2], best[:, :1])
    lead = score - rival
    # Both level off: twice the score is not twice the certainty, and straight lines promised too much at the top.
    features = [np.ones_like(score), np.log(np.maximum(score, LEAST_SCORE)), lead / (HALF_LEAD + np.abs(lead))]
    return chosen, np.stack(features, axis=2)


def _fit_logistic(features: Real, right: Real, *, n_steps: int = 30) -> Real:
    """Weights of a logistic regression by Newton's method, with a ridge so that it always has a solution."""
    x, y = features.reshape(-1, features.shape[2]), right.reshape(-1)
    weights = np.zeros(x.shape[1])
    ridge = CAUTION * np.eye(x.shape[1])
    # The constant is free: caution pulls towards the usual share of right suggestions, not towards a half.
    ridge[0, 0] = 1e-6
    for _ in range(n_steps):
        p = _logistic(x, weights)
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge, x.T @ (y - p) - ridge @ weights)
        # A long step from far off would overshoot.
        weights += step * min(1.0, 10.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


def _logistic(features: Real, weights: Real) -> Real:
    p: Real = 1.0 / (1.0 + np.exp(-np.clip(features @ weights, -30.0, 30.0)))
    return p


def _suggestions(
    tags: Sequence[str], scores: Scores, chosen: npt.NDArray[np.int64], confidence: Real
) -> list[list[Suggestion]]:
    by_classifier, by_neighbours = scores.classifier.argmax(axis=1), scores.neighbours.argmax(axis=1)
    found = []
    for i, (columns, sure) in enumerate(zip(chosen, confidence, strict=True)):
        order = np.argsort(-sure, kind="stable")
        found.append(
            [
                Suggestion(
                    tags[t], place, float(sure[j]), _source(t == by_classifier[i], t == by_neighbours[i]),
                    int(scores.near[i, t]), scores.n_asked,
                )
                for place, j in enumerate(order, start=1)
                for t in (int(columns[j]),)
            ]
        )  # fmt: skip
    return found


def _source(classifier_first: bool, neighbours_first: bool) -> str:
    if classifier_first and neighbours_first:
        return BOTH
    return NEIGHBOURS if neighbours_first else CLASSIFIER

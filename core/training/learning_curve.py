"""What a learning curve says of more examples: losses at several sizes, a line through them, and how sure that is.

The line is least squares over the binary logarithm of the examples, so its slope is what a doubling brings. Intervals come of
drawing the held-out records anew (bootstrap, Efron 1979), the same ones for every run: what all runs find hard does not
widen them. They do not cover which records the smaller runs learnt from, nor that losses flatten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
import numpy.typing as npt

from core.training.loss_intervals import N_DRAWS, SEED, TAILS, Estimate, record_of

LEAST_POINTS = 3
# The line is drawn so far beyond the largest run.
BEYOND = 2
N_GRID = 24
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Loss in nats per token after learning from n_examples."""

    n_examples: int
    loss: Estimate


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """measured: by number of examples. line: from the smallest to BEYOND times the largest. gain: nats per token by which each doubling
    lowered the loss, below zero where it rose. n: held-out texts that every run was measured on."""

    measured: tuple[CurvePoint, ...]
    line: tuple[CurvePoint, ...]
    gain: Estimate
    n: int


def learning_curve(runs: Sequence[tuple[int, Sequence[Mapping[str, Any]]]]) -> LearningCurve | None:
    """The curve of runs, each with its number of examples and its held-out examples as `loss_estimate` takes them.

    None for fewer than LEAST_POINTS sizes, or where no held-out example is common to all.
    """
    if len({n for n, _ in runs}) < LEAST_POINTS:
        return None
    found = [{(one["example_id"], one["n_target_tokens"]): one["tuned"] for one in examples} for _, examples in runs]
    shared = sorted(set.intersection(*(set(one) for one in found)))
    if not shared:
        return None
    sizes = sorted({n for n, _ in runs})
    _, record = np.unique([record_of(name) for name, _ in shared], return_inverse=True)
    tokens = np.bincount(record, weights=[float(n) for _, n in shared])
    nats = np.array([np.bincount(record, weights=[one[key] * key[1] for key in shared]) for one in found])
    drawn = np.random.default_rng(SEED).integers(0, len(tokens), size=(N_DRAWS, len(tokens)))
    # A row a draw, a column a run.
    losses = nats[:, drawn].sum(axis=2).T / tokens[drawn].sum(axis=1)[:, None]
    whole = (nats.sum(axis=1) / tokens.sum())[None, :]
    doublings = np.array([log2(n) for n, _ in runs])
    # With the measured sizes themselves, so that the line can be parted at the largest.
    grid = np.unique(np.round([*sizes, *np.geomspace(sizes[0], BEYOND * sizes[-1], N_GRID)]))
    value, draws = _line(doublings, whole, np.log2(grid)), _line(doublings, losses, np.log2(grid))
    is_sure = len(tokens) > 1

    def estimate(at: int, of: Array, drawn_of: Array) -> Estimate:
        low, high = map(float, np.percentile(drawn_of[:, at], TAILS)) if is_sure else (None, None)
        return Estimate(float(of[0, at]), low, high, len(shared))

    order = sorted(range(len(runs)), key=lambda place: runs[place][0])
    return LearningCurve(
        measured=tuple(CurvePoint(runs[place][0], estimate(place, whole, losses)) for place in order),
        line=tuple(CurvePoint(round(n), estimate(place, value, draws)) for place, n in enumerate(grid)),
        gain=estimate(0, -_slope(doublings, whole)[:, None], -_slope(doublings, losses)[:, None]),
        n=len(shared),
    )


def _slope(x: Array, losses: Array) -> Array:
    """Of a line by least squares, one for each row of losses."""
    apart = x - x.mean()
    slope: Array = losses @ apart / (apart @ apart)
    return slope


def _line(x: Array, losses: Array, at: Array) -> Array:
    """The lines' values, a row for each row of losses."""
    value: Array = losses.mean(axis=1)[:, None] + _slope(x, losses)[:, None] * (at - x.mean())[None, :]
    return value

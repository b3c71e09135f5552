"""How sure a hold-out loss is: 95 % intervals by drawing the held-out records anew (bootstrap, Efron 1979).

A record is drawn with all its examples: the sections of one post are more alike than two posts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

N_DRAWS = 2_000
SEED = 17
TAILS = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Estimate:
    """value, with the ends of its 95 % interval, over n examples. low and high are None for fewer than two records."""

    value: float
    low: float | None
    high: float | None
    n: int

    @property
    def is_apart_from_zero(self) -> bool:
        """Whether the interval does not hold 0: for a difference, that it is not chance alone."""
        return self.low is not None and self.high is not None and not self.low <= 0.0 <= self.high


def loss_estimate(examples: Sequence[Mapping[str, Any]], of: str = "tuned") -> Estimate | None:
    """Nats per token over all examples together. examples: n_target_tokens, and base and tuned nats per token; None of none."""
    if not examples:
        return None
    tokens, nats = _columns(examples, of)
    return _ratio(nats, tokens, examples)


def difference_estimate(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> Estimate | None:
    """Our tuned loss less theirs, on the examples that both were measured on; None where there is none.

    Both are of one base model. An example whose number of tokens differs has another text in the other version, and does not count.
    """
    other = {(example["example_id"], example["n_target_tokens"]): example for example in theirs}
    shared = [example for example in ours if (example["example_id"], example["n_target_tokens"]) in other]
    if not shared:
        return None
    tokens, nats = _columns(shared, "tuned")
    their_nats = np.array([other[one["example_id"], one["n_target_tokens"]]["tuned"] for one in shared]) * tokens
    return _ratio(nats - their_nats, tokens, shared)


def _columns(examples: Sequence[Mapping[str, Any]], of: str) -> tuple[Any, Any]:
    tokens = np.array([example["n_target_tokens"] for example in examples], dtype=np.float64)
    return tokens, np.array([example[of] for example in examples], dtype=np.float64) * tokens


def _ratio(sums: Any, tokens: Any, examples: Sequence[Mapping[str, Any]]) -> Estimate:
    n, value = len(tokens), float(sums.sum() / tokens.sum())
    _, record = np.unique([record_of(one["example_id"]) for one in examples], return_inverse=True)
    sums, tokens = np.bincount(record, weights=sums), np.bincount(record, weights=tokens)
    n_records = len(tokens)
    if n_records < 2:
        return Estimate(value, None, None, n)
    drawn = np.random.default_rng(SEED).integers(0, n_records, size=(N_DRAWS, n_records))
    means = sums[drawn].sum(axis=1) / tokens[drawn].sum(axis=1)
    low, high = np.percentile(means, TAILS)
    return Estimate(value, float(low), float(high), n)


def record_of(example_id: str) -> str:
    """Of the example's id, which is the record's with the number of its part."""
    return example_id.rpartition(":")[0] or example_id

"""Texts that go round in circles: small models may repeat one stretch until they run out of length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

MOST_PERIOD, REPEATS, LEAST_TOKENS = 64, 4, 32
CHECK_EVERY = 8


def loop_start(tokens: Sequence[int]) -> int | None:
    """Where a text that ends in a loop should end instead: after the first round. None where it ends in no loop.

    A loop: one stretch of up to 64 tokens at least 4 times without a break, at least 32 tokens long in all.
    """
    for period in range(1, MOST_PERIOD + 1):
        needed = max(REPEATS * period, LEAST_TOKENS)
        if needed > len(tokens):
            break
        if all(tokens[at] == tokens[at - period] for at in range(len(tokens) - needed + period, len(tokens))):
            start = len(tokens) - needed
            while start > 0 and tokens[start - 1] == tokens[start - 1 + period]:
                start -= 1
            return start + period
    return None


class StopsLoops:
    """A stopping criterion for `generate`: a row that goes round in circles is done; the others go on."""

    def __init__(self, n_given: int) -> None:
        self._n_given = n_given

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        n_written = input_ids.shape[1] - self._n_given
        if n_written < LEAST_TOKENS or n_written % CHECK_EVERY:
            done = [False] * len(input_ids)
        else:
            done = [loop_start(row) is not None for row in input_ids[:, self._n_given :].tolist()]
        return torch.tensor(done, dtype=torch.bool, device=input_ids.device)

"""Draws the next token of every row of a batch, each by its own settings and its own seed.

The smallest set of tokens whose probabilities reach top_p is looked for among the likeliest few
hundred; only where these do not reach it is the whole vocabulary sorted.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.serving.text_request import TextRequest

LIKELIEST = 256


class Draws:
    """What one row's draws depend on: its settings, its seed, and the tokens that stand there already."""

    def __init__(self, request: TextRequest) -> None:
        self.request = request
        self._random = torch.Generator().manual_seed(request.seed)
        self._seen = torch.tensor(sorted(set(request.prompt)))
        self._counts: dict[int, int] = {}

    def note(self, token: int) -> None:
        """The token is part of the text now."""
        if token not in self._counts and self.request.repetition_penalty != 1.0:
            self._seen = torch.cat([self._seen, torch.tensor([token])]).unique()
        self._counts[token] = self._counts.get(token, 0) + 1

    def uniform(self) -> float:
        """The next number of this row's own sequence, in [0, 1)."""
        return float(torch.rand((), generator=self._random, dtype=torch.float64))

    def penalise(self, logits: torch.Tensor) -> None:
        """Change one row's logits in place, by what its prompt and text hold."""
        wanted = self.request
        if wanted.repetition_penalty != 1.0:
            own = logits[self._seen]
            logits[self._seen] = torch.where(own > 0, own / wanted.repetition_penalty, own * wanted.repetition_penalty)
        if self._counts and (wanted.presence_penalty or wanted.frequency_penalty):
            tokens, times = torch.tensor(list(self._counts)), torch.tensor([*self._counts.values()], dtype=logits.dtype)
            logits[tokens] -= wanted.presence_penalty + wanted.frequency_penalty * times


def next_tokens(logits: torch.Tensor, rows: Sequence[Draws]) -> list[int]:
    """The next token of each row. logits: (rows, vocabulary), float32 on the CPU; may be changed."""
    for row, draws in enumerate(rows):
        draws.penalise(logits[row])
    tokens: list[int] = logits.argmax(dim=-1).tolist()
    drawn = [row for row, draws in enumerate(rows) if draws.request.temperature > 0]
    if drawn:
        temperatures = torch.tensor([rows[row].request.temperature for row in drawn])
        shares = torch.softmax(logits[drawn] / temperatures[:, None], dim=-1)
        for row, token in zip(drawn, _drawn(shares, [rows[row] for row in drawn]), strict=True):
            tokens[row] = token
    return tokens


def _drawn(shares: torch.Tensor, rows: Sequence[Draws]) -> list[int]:
    n_likeliest = min(LIKELIEST, shares.shape[-1])
    whole = [draws.request.top_p >= 1.0 for draws in rows]
    tokens = []
    if not all(whole):
        likeliest, ids = shares.topk(n_likeliest, dim=-1)
    for row, draws in enumerate(rows):
        if whole[row]:
            tokens.append(_at(shares[row], draws.uniform()))
            continue
        top, top_ids = likeliest[row], ids[row]
        if float(top.sum()) < draws.request.top_p:
            top, top_ids = shares[row].sort(descending=True)
        # Up to the one with which top_p is reached; at least the likeliest.
        n_kept = int((top.cumsum(-1) - top < draws.request.top_p).sum())
        tokens.append(int(top_ids[_at(top[: max(1, n_kept)], draws.uniform())]))
    return tokens


def _at(shares: torch.Tensor, uniform: float) -> int:
    """Which of these a number in [0, 1) falls on, by their shares of their sum."""
    ends = shares.cumsum(-1, dtype=torch.float64)
    place = int(torch.searchsorted(ends, uniform * float(ends[-1]), right=True))
    return min(place, len(shares) - 1)

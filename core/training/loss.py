"""Cross-entropy on labelled positions only, in chunks, with no logits kept.

With a vocabulary of fifty thousand the logits of one batch outweigh all activations. The output
layer is frozen under LoRA, so the gradient of the hidden state is all that is needed; it is made
in the forward pass, chunk by chunk, and only that is kept. Idea: fused linear cross-entropy
(Liger kernel, 2024), here in plain torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from core.training.products import product

# The logits of so many positions are held at once, in float32: on a GPU with a vocabulary of 150,000 about a gigabyte.
CHUNK_POSITIONS, CHUNK_POSITIONS_GPU = 256, 2_048


class _FrozenOutputLoss(torch.autograd.Function):
    """Cross-entropy of each row of `hidden @ weight.T` against its target, in nats: (positions,)."""

    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        gradient = torch.empty_like(hidden) if hidden.requires_grad else None
        nats = torch.empty(len(targets), dtype=torch.float32, device=hidden.device)
        size = CHUNK_POSITIONS_GPU if hidden.is_cuda else CHUNK_POSITIONS
        for start in range(0, len(targets), size):
            part = slice(start, start + size)
            wanted = targets[part].unsqueeze(1)
            logits = product(hidden[part], weight).float()
            picked = logits.gather(1, wanted)
            # In place from here on: the logits become the probabilities, then the gradient.
            highest = logits.amax(dim=1, keepdim=True)
            sums = logits.sub_(highest).exp_().sum(dim=1, keepdim=True)
            nats[part] = (highest + sums.log() - picked).squeeze(1)
            if gradient is not None:
                logits.div_(sums).scatter_add_(1, wanted, -torch.ones_like(picked))
                gradient[part] = product(logits.to(weight.dtype), weight.T)
        ctx.gradient = gradient
        return nats

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, None, None]:
        slopes = gradients[0].unsqueeze(1)
        return (ctx.gradient * slopes).to(ctx.gradient.dtype), None, None


def summed_answer_loss(hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Sum of nats over labelled tokens.

    hidden: (rows, length, width), the state before the frozen output layer. weight: (vocabulary, width).
    labels: (rows, length), -100 where nothing is learnt; position t is predicted from t - 1.
    """
    shifted = labels[:, 1:]
    chosen = shifted != -100
    return _FrozenOutputLoss.apply(hidden[:, :-1][chosen], weight, shifted[chosen]).sum()


def summed_weighted_loss(
    hidden: torch.Tensor, weight: torch.Tensor, ids: torch.Tensor, shares: torch.Tensor
) -> torch.Tensor:
    """Sum of nats over all tokens, each times its share: what an answer's loss is where the prompt counts a little too.

    ids, shares: (rows, length); a share of 0 leaves a token out.
    """
    following = shares[:, 1:]
    chosen = following > 0
    nats = _FrozenOutputLoss.apply(hidden[:, :-1][chosen], weight, ids[:, 1:][chosen])
    return (nats * following[chosen]).sum()


def answer_loss_by_row(hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Sum of nats over each row's labelled tokens, with gradients: (rows,)."""
    shifted = labels[:, 1:]
    chosen = shifted != -100
    nats = _FrozenOutputLoss.apply(hidden[:, :-1][chosen], weight, shifted[chosen])
    # Put back into its rows, rather than added by index: the order of the sums is the same every time, on a GPU too.
    placed = torch.zeros(shifted.shape, dtype=nats.dtype, device=nats.device).masked_scatter(chosen, nats)
    return placed.sum(dim=1)


def answer_loss_by_part(
    hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, lengths: Sequence[int]
) -> torch.Tensor:
    """The same of one row in which several texts lie one after the other: (texts,).

    hidden: (1, length, width). labels: (1, length), -100 for the first token of each text, as another text precedes it.
    """
    chosen = labels[0] != -100
    nats = _FrozenOutputLoss.apply(hidden[0, :-1][chosen[1:]], weight, labels[0][chosen])
    placed = torch.zeros(len(chosen), dtype=nats.dtype, device=nats.device).masked_scatter(chosen, nats)
    return torch.stack([part.sum() for part in placed.split(list(lengths))])


def answer_losses(hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor) -> list[float]:
    """Sum of nats of each row, without gradients."""
    return [float(summed_answer_loss(hidden[i : i + 1], weight, labels[i : i + 1])) for i in range(len(labels))]

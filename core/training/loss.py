"""Cross-entropy on labelled positions only, in chunks, with no logits kept.

With a vocabulary of fifty thousand the logits of one batch outweigh all activations. The output
layer is frozen under LoRA, so the gradient of the hidden state is all that is needed; it is made
in the forward pass, chunk by chunk, and only that is kept. Idea: fused linear cross-entropy
(Liger kernel, 2024), here in plain torch.
"""

from __future__ import annotations

from typing import Any

import torch

from core.training.products import product

CHUNK_POSITIONS = 256


class _FrozenOutputLoss(torch.autograd.Function):
    """Sum of cross-entropies of `hidden @ weight.T` against `targets`, in nats; each times its share where shares are given."""

    @staticmethod
    def forward(
        ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, targets: torch.Tensor, shares: torch.Tensor | None
    ) -> torch.Tensor:
        gradient = torch.empty_like(hidden) if hidden.requires_grad else None
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for start in range(0, len(targets), CHUNK_POSITIONS):
            part = slice(start, start + CHUNK_POSITIONS)
            wanted = targets[part].unsqueeze(1)
            logits = product(hidden[part], weight).float()
            picked = logits.gather(1, wanted)
            # In place from here on: the logits become the probabilities, then the gradient.
            highest = logits.amax(dim=1, keepdim=True)
            sums = logits.sub_(highest).exp_().sum(dim=1, keepdim=True)
            nats = highest + sums.log() - picked
            total += (nats if shares is None else nats * shares[part].unsqueeze(1)).sum()
            if gradient is not None:
                logits.div_(sums).scatter_add_(1, wanted, -torch.ones_like(picked))
                if shares is not None:
                    logits.mul_(shares[part].unsqueeze(1))
                gradient[part] = product(logits.to(weight.dtype), weight.T)
        ctx.gradient = gradient
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, None, None, None]:
        return ctx.gradient * gradients[0], None, None, None


def summed_answer_loss(hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Sum of nats over labelled tokens.

    hidden: (rows, length, width), the state before the frozen output layer. weight: (vocabulary, width).
    labels: (rows, length), -100 where nothing is learnt; position t is predicted from t - 1.
    """
    shifted = labels[:, 1:]
    chosen = shifted != -100
    return _FrozenOutputLoss.apply(hidden[:, :-1][chosen], weight, shifted[chosen], None)


def summed_weighted_loss(
    hidden: torch.Tensor, weight: torch.Tensor, ids: torch.Tensor, shares: torch.Tensor
) -> torch.Tensor:
    """Sum of nats over all tokens, each times its share: what an answer's loss is where the prompt counts a little too.

    ids, shares: (rows, length); a share of 0 leaves a token out.
    """
    following = shares[:, 1:]
    chosen = following > 0
    return _FrozenOutputLoss.apply(hidden[:, :-1][chosen], weight, ids[:, 1:][chosen], following[chosen])


def answer_losses(hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor) -> list[float]:
    """Sum of nats of each row, without gradients."""
    return [float(summed_answer_loss(hidden[i : i + 1], weight, labels[i : i + 1])) for i in range(len(labels))]

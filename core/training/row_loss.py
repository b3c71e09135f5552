"""The loss of a micro-batch: of rows padded to one length, or packed one after the other where the model takes them so."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from peft import PeftModel

from core.training.batches import TrainingRow
from core.training.loss import answer_loss_by_part, answer_loss_by_row, summed_answer_loss, summed_weighted_loss
from core.training.models import as_tensors, hidden_states, token_shares
from core.training.packed_rows import pack, packs_rows


def summed_loss(
    model: PeftModel, weight: torch.Tensor, rows: Sequence[TrainingRow], *, prompt_weight: float = 0.0
) -> torch.Tensor:
    """Sum of nats over the labelled tokens of all rows, with gradients; the others' nats beside, each times prompt_weight.

    weight: of the output layer, (vocabulary, width).
    """
    if packs_rows(model.get_base_model()):
        packed = pack(rows, weight.device)
        hidden = hidden_states(model, packed.ids, **packed.for_model)
        if not prompt_weight:
            return summed_answer_loss(hidden, weight, packed.labels)
        return summed_weighted_loss(hidden, weight, packed.ids, packed.shares(prompt_weight))
    ids, labels = as_tensors(rows, weight.device)
    hidden = hidden_states(model, ids)
    if not prompt_weight:
        return summed_answer_loss(hidden, weight, labels)
    return summed_weighted_loss(hidden, weight, ids, token_shares(rows, labels, prompt_weight))


def loss_by_row(model: PeftModel, weight: torch.Tensor, rows: Sequence[TrainingRow]) -> torch.Tensor:
    """Sum of nats over each row's labelled tokens, with gradients: (rows,)."""
    if packs_rows(model.get_base_model()):
        packed = pack(rows, weight.device)
        hidden = hidden_states(model, packed.ids, **packed.for_model)
        return answer_loss_by_part(hidden, weight, packed.labels, [row.n_tokens for row in rows])
    ids, labels = as_tensors(rows, weight.device)
    return answer_loss_by_row(hidden_states(model, ids), weight, labels)

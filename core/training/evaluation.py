"""Hold-out loss in nats per trained token, for each example and as a mean over tokens.

Base and tuned model are compared on identical target tokens: the same rows through the same
template, once with the adapter switched off.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from peft import PeftModel

from core.training.batches import TrainingRow, micro_batches
from core.training.loss import answer_losses
from core.training.models import as_tensors, hidden_states, output_weight
from core.training.progress import Progress

EVALUATION_TOKENS = 2_048


@dataclass(frozen=True, slots=True)
class ExampleLoss:
    """Summed nats of one example over its target tokens."""

    example_id: str
    nats: float
    n_target_tokens: int


@dataclass(frozen=True, slots=True)
class HoldOutLoss:
    """mean: nats per trained token over all examples together."""

    mean: float
    examples: tuple[ExampleLoss, ...]


def evaluate(
    model: PeftModel, rows: Sequence[TrainingRow], progress: Progress, *, phase: str, use_adapter: bool = True
) -> HoldOutLoss | None:
    """Loss on rows without training; None when there are none. Stops early, with what it has, when cancelled."""
    if not rows:
        return None
    weight, where = output_weight(model), output_weight(model).device
    losses: list[ExampleLoss] = []
    was_training = model.training
    model.eval()
    with torch.inference_mode(), nullcontext() if use_adapter else model.disable_adapter():
        for group in micro_batches(rows, budget_tokens=EVALUATION_TOKENS):
            ids, labels = as_tensors(group, where)
            sums = answer_losses(hidden_states(model, ids), weight, labels)
            losses += [ExampleLoss(r.example_id, s, r.n_target_tokens) for r, s in zip(group, sums, strict=True)]
            progress.report(phase=phase, done=len(losses), total=len(rows))
            if progress.cancelled():
                break
    model.train(was_training)
    return HoldOutLoss(sum(x.nats for x in losses) / sum(x.n_target_tokens for x in losses), tuple(losses))

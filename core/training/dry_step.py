"""One step on the longest rows, without learning from it: whether they fit into memory, and how fast it goes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from peft import PeftModel

from core.training.at_a_time import TokensAtATime
from core.training.batches import TrainingRow
from core.training.memory import peak_memory
from core.training.models import output_weight
from core.training.presets import TrainConfig
from core.training.progress import Progress
from core.training.row_loss import summed_loss

# A first pass through a process makes its buffers; only the second one tells the speed.
N_PASSES = 2


@dataclass(frozen=True, slots=True)
class DryStep:
    """n_tokens: of one pass. peak_memory_mb: of the whole process, weights and libraries included; device_memory_mb: on its graphics processor."""

    n_rows: int
    n_tokens: int
    longest_tokens: int
    seconds: float
    tokens_per_second: float
    peak_memory_mb: float
    device_memory_mb: float | None


def dry_step(model: PeftModel, rows: Sequence[TrainingRow], config: TrainConfig, progress: Progress) -> DryStep:
    """Forward and backward on as many of the longest rows as a step has, twice; the weights stay as they are."""
    longest = sorted(rows, key=lambda row: (-row.n_tokens, row.example_id))[: config.batch_size]
    weight = output_weight(model)
    at_a_time = TokensAtATime(config, weight.device)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    model.train()
    seconds = 0.0
    n_done = 0

    def there_and_back(group: list[TrainingRow]) -> None:
        nonlocal n_done
        progress.report(phase="Trying the longest rows", done=min(n_done, n_rows), total=n_rows)
        loss = summed_loss(model, weight, group)
        torch.autograd.grad(loss, parameters, allow_unused=True)
        # A graphics processor works on after its orders were given; what it was asked for last is there when all is.
        float(loss.detach())
        n_done += len(group)

    n_rows = N_PASSES * len(longest)
    for _ in range(N_PASSES):
        started = time.perf_counter()
        at_a_time.each(longest, parameters, progress, there_and_back)
        seconds = time.perf_counter() - started
    n_tokens = sum(row.n_tokens for row in longest)
    peak = peak_memory()
    return DryStep(
        n_rows=len(longest),
        n_tokens=n_tokens,
        longest_tokens=longest[0].n_tokens,
        seconds=seconds,
        tokens_per_second=n_tokens / seconds,
        peak_memory_mb=peak.host_mb,
        device_memory_mb=peak.device_mb,
    )

"""How many tokens of a step go through the model at once: what the settings say, or what suits the machine, and fewer where it has no room.

On a processor a thousand tokens fill the caches. A GPU is idle most of the time with so few: of a model of 135 million parameters it read
3,500 tokens a second a thousand at a time and 13,400 with the whole step at once (tests/benchmarks/gpu_speed.json).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import torch

from core.training.batches import TrainingRow, micro_batches
from core.training.presets import TOKENS_ON_A_GPU, TOKENS_ON_A_PROCESSOR, TrainConfig
from core.training.progress import Progress

Told = TypeVar("Told")


class TokensAtATime:
    """n: tokens at once, in padded rows. It is halved whenever the graphics processor runs out of memory, and stays so."""

    def __init__(self, config: TrainConfig, where: torch.device) -> None:
        self.n = config.micro_batch_tokens or (TOKENS_ON_A_GPU if where.type == "cuda" else TOKENS_ON_A_PROCESSOR)

    def each(
        self,
        rows: Sequence[TrainingRow],
        parameters: Iterable[torch.nn.Parameter],
        progress: Progress,
        work: Callable[[list[TrainingRow]], Told],
    ) -> list[Told]:
        """What `work` tells of every micro-batch; it adds to the gradients of the parameters, which have none before.

        Where the graphics processor has no room, their gradients are dropped and all begins again with half as many tokens at a time,
        which an event "fewer_tokens" tells. Raises torch.OutOfMemoryError where a row has no room alone.
        """
        owners = list(parameters)
        while True:
            groups = micro_batches(rows, budget_tokens=self.n)
            told = self._tried(groups, work)
            if told is not None:
                return told
            for parameter in owners:
                parameter.grad = None
            # Outside of the handler: there the error would keep all that was made until it came.
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            largest = max(len(group) * group[0].n_tokens for group in groups)
            self.n = max(min(self.n, largest) // 2, 1)
            progress.event("fewer_tokens", tokens=self.n)

    @staticmethod
    def _tried(groups: list[list[TrainingRow]], work: Callable[[list[TrainingRow]], Told]) -> list[Told] | None:
        """None where there was no room."""
        try:
            return [work(group) for group in groups]
        except torch.OutOfMemoryError:
            if all(len(group) == 1 for group in groups):
                raise
            return None

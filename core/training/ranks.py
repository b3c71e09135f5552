"""Several processes that share the steps of one run: each takes a part of every batch, and their gradients are summed.

Only the adapter's gradients travel, some megabytes a step. The same step as of one process, but for the order in which sums are
made. Plain collectives instead of a wrapper around the model: the loss is that of the whole batch already, and nothing else is
to be kept alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.distributed as distributed

from core.training.batches import TrainingRow
from core.training.memory import PeakMemory


class Ranks:
    """One process alone, where torch.distributed was not started; else this one among `size`. The first one leads: it measures, keeps and tells."""

    def __init__(self) -> None:
        is_shared = distributed.is_available() and distributed.is_initialized()
        self.rank = distributed.get_rank() if is_shared else 0
        self.size = distributed.get_world_size() if is_shared else 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def own_part(self, batch: Sequence[TrainingRow]) -> list[TrainingRow]:
        """The rows of a batch that this process works on: dealt out by length, so that all have about as much to do."""
        if self.size == 1:
            return list(batch)
        ordered = sorted(batch, key=lambda row: (-row.n_tokens, row.example_id))
        return ordered[self.rank :: self.size]

    def sum_gradients(self, parameters: Iterable[torch.nn.Parameter], loss: float) -> float:
        """Give every parameter the sum of all processes' gradients; returns the sum of their losses."""
        if self.size == 1:
            return loss
        owners = list(parameters)
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in owners]
        # In one piece, the loss at its end: a message a step instead of hundreds.
        flat = torch.cat(
            [*(g.reshape(-1).float() for g in gradients), torch.tensor([loss], device=gradients[0].device)]
        )
        distributed.all_reduce(flat)
        place = 0
        for parameter, gradient in zip(owners, gradients, strict=True):
            part = flat[place : place + gradient.numel()]
            parameter.grad = part.view_as(gradient).to(gradient.dtype)
            place += gradient.numel()
        return float(flat[-1])

    def memory_of_all(self, own: PeakMemory) -> PeakMemory:
        """What all processes held together; of their graphics processors, the fullest one."""
        if self.size == 1:
            return own
        host = torch.tensor([own.host_mb], device=self._place)
        device = torch.tensor([own.device_mb or 0.0], device=self._place)
        distributed.all_reduce(host)
        distributed.all_reduce(device, op=distributed.ReduceOp.MAX)
        return PeakMemory(float(host), None if own.device_mb is None else float(device))

    def as_the_first_says(self, value: bool) -> bool:
        """The first process's answer, in all of them."""
        if self.size == 1:
            return value
        told = torch.tensor([int(value)], device=self._place)
        distributed.broadcast(told, src=0)
        return bool(told.item())

    @property
    def _place(self) -> torch.device:
        """Where the numbers lie that processes tell each other."""
        return torch.device("cuda" if distributed.get_backend() == "nccl" else "cpu")

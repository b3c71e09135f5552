"""As many tokens at once as suit the machine, and fewer where a graphics processor has no room; a step is the same either way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import Refused
from core.training.at_a_time import TokensAtATime
from core.training.batches import TrainingRow
from core.training.models import load_base, output_weight, with_new_adapter
from core.training.presets import TOKENS_ON_A_GPU, TOKENS_ON_A_PROCESSOR, TrainConfig
from core.training.progress import Silent
from core.training.ranked import check_gpus
from core.training.row_loss import summed_loss

ROWS = [TrainingRow(f"r{i}", tuple(range(2, 12)), (-100,) * 4 + tuple(range(6, 12))) for i in range(8)]


class Told(Silent):
    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def event(self, kind: str, **facts: Any) -> None:
        self.events.append((kind, facts))

    def tokens(self) -> list[int]:
        return [facts["tokens"] for kind, facts in self.events if kind == "fewer_tokens"]


def at_a_time(n: int) -> TokensAtATime:
    return TokensAtATime(TrainConfig(micro_batch_tokens=n), torch.device("cpu"))


def with_room_for(n_rows: int, sizes: list[int]) -> Any:
    """Work that notes how many rows it got, and finds no room for more than so many."""

    def work(rows: list[TrainingRow]) -> int:
        sizes.append(len(rows))
        if len(rows) > n_rows:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return len(rows)

    return work


def test_the_machine_says_how_many_where_the_settings_do_not() -> None:
    left_open = TrainConfig(micro_batch_tokens=0)
    assert TokensAtATime(left_open, torch.device("cpu")).n == TOKENS_ON_A_PROCESSOR
    assert TokensAtATime(left_open, torch.device("cuda")).n == TOKENS_ON_A_GPU
    assert TokensAtATime(TrainConfig(micro_batch_tokens=40), torch.device("cuda")).n == 40


def test_without_room_all_rows_begin_again_with_half_as_many_tokens() -> None:
    told, sizes = Told(), list[int]()
    budget = at_a_time(1_000)
    assert budget.each(ROWS, [], told, with_room_for(2, sizes)) == [2, 2, 2, 2]
    assert sizes == [8, 4, 2, 2, 2, 2]
    assert told.tokens() == [40, 20]


def test_what_had_room_once_is_where_the_next_step_begins() -> None:
    budget, sizes = at_a_time(1_000), list[int]()
    budget.each(ROWS, [], Silent(), with_room_for(2, sizes))
    sizes.clear()
    budget.each(ROWS, [], Silent(), with_room_for(2, sizes))
    assert sizes == [2, 2, 2, 2]


def test_a_row_that_has_no_room_alone_ends_it() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        at_a_time(1_000).each(ROWS, [], Silent(), with_room_for(0, []))


def test_what_was_made_before_the_room_ran_out_does_not_count_twice(tiny: Path) -> None:
    gradients = []
    for has_room in (True, False):
        told = Told()
        model = with_new_adapter(load_base(tiny), TrainConfig(rank=4, alpha=8))
        if not has_room:
            narrow(model, 4)
        weight, parameters = output_weight(model), [p for p in model.parameters() if p.requires_grad]

        def back(rows: list[TrainingRow], model: Any = model, weight: torch.Tensor = weight) -> None:
            summed_loss(model, weight, rows).backward()

        at_a_time(80).each(ROWS, parameters, told, back)
        assert told.tokens() == ([] if has_room else [40])
        gradients.append([p.grad for p in parameters if p.grad is not None])
    assert len(gradients[0]) == len(gradients[1]) > 0
    for once, again in zip(*gradients, strict=True):
        torch.testing.assert_close(again, once, rtol=1e-3, atol=1e-5)


def narrow(model: Any, n_rows: int) -> None:
    """Let the way back run out of room where more rows go through at once, after part of the gradients were made."""

    def refuse(_: Any, __: Any, output: torch.Tensor) -> torch.Tensor:
        if len(output) > n_rows:
            output.register_hook(_full)
        return output

    model.get_base_model().model.layers[0].mlp.down_proj.register_forward_hook(refuse)


def _full(_: torch.Tensor) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory.")


@pytest.mark.parametrize(("processes", "gpus"), [(1, 0), (4, 0), (1, 1), (2, 2), (2, 8)])
def test_processes_may_share_a_processor_but_no_graphics_processor(processes: int, gpus: int) -> None:
    check_gpus(processes, gpus)


def test_more_processes_than_graphics_processors_are_refused_with_what_to_set() -> None:
    with pytest.raises(
        Refused, match=r"2 processes were asked for, and PyTorch finds 1 graphics processor on"
    ) as refused:
        check_gpus(2, 1)
    assert refused.value.remedy == "Set Processes to 1 or fewer: each has a graphics processor to itself."

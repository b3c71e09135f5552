"""Two processes that share the steps of a run, started by torchrun: the same losses as one, a cancel, and a process that fails."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.errors import Refused
from core.jobs.broken_off import machine_reason
from core.training.batches import TrainingRow, tokenise_examples
from core.training.chat_format import ChatFormat
from core.training.checkpoints import has_checkpoint
from core.training.loop import train
from core.training.memory import PeakMemory, peak_host_mb
from core.training.models import load_base, with_new_adapter
from core.training.ranked import SPEC, STOP, _failure, _pass_on, _told_of, take_steps_together
from core.training.ranks import Ranks
from tests.core.training.test_training import CONFIG, Recorder
from tests.core.training.tiny import examples

# Two processes share a processor; a graphics processor each has to itself.
TWO_PLACES = pytest.mark.skipif(
    torch.cuda.device_count() == 1, reason="has one graphics processor, and two are wanted or none"
)
TOGETHER = replace(CONFIG, processes=2, batch_size=3)


@pytest.fixture(scope="module")
def rows(form: ChatFormat) -> list[TrainingRow]:
    return tokenise_examples(examples(24), form, max_length_tokens=CONFIG.max_length_tokens)[0]


def together(tiny: Path, rows: list[TrainingRow], checkpoint: Path, recorder: Recorder) -> PeakMemory:
    return take_steps_together(
        TOGETHER, tiny, train_rows=rows[:16], validation_rows=rows[16:20], checkpoint=checkpoint, progress=recorder, n_threads=2
    )  # fmt: skip


def goes_on(tiny: Path, rows: list[TrainingRow], checkpoint: Path, recorder: Recorder, processes: int) -> None:
    config = replace(TOGETHER, processes=processes)
    model = with_new_adapter(load_base(tiny), config)
    result = train(
        model, config, train_rows=rows[:16], validation_rows=rows[16:20], test_rows=rows[20:], checkpoint=checkpoint,
        progress=recorder,
    )  # fmt: skip
    assert result.tuned_loss is not None
    recorder.event("end", loss=result.tuned_loss.mean, n_steps=result.n_steps, n_train_tokens=result.n_train_tokens)


@TWO_PLACES
@pytest.mark.slow
@pytest.mark.alone
def test_two_processes_have_the_losses_of_one_and_their_checkpoint_is_gone_on_from(
    tiny: Path, rows: list[TrainingRow], tmp_path: Path
) -> None:
    alone, shared = Recorder(), Recorder()
    goes_on(tiny, rows, tmp_path / "alone", alone, 1)
    memory = together(tiny, rows, tmp_path / "shared", shared)
    # Each of the two has PyTorch loaded, and so has this process.
    assert memory.host_mb > 2.5 * min(peak_host_mb(), 300)
    assert memory.device_mb is None
    assert shared.losses() == pytest.approx(alone.losses(), abs=1e-4)
    held_out = [[e["loss"] for e in one.events if e["kind"] == "eval"] for one in (alone, shared)]
    assert held_out[1] == pytest.approx(held_out[0], abs=1e-4)
    goes_on(tiny, rows, tmp_path / "shared", shared, 2)
    ends = [next(e for e in one.events if e["kind"] == "end") for one in (alone, shared)]
    assert ends[1]["loss"] == pytest.approx(ends[0]["loss"], abs=1e-4)
    assert [end["n_train_tokens"] for end in ends] == [ends[0]["n_train_tokens"]] * 2
    assert not (tmp_path / "shared" / SPEC).exists()


@TWO_PLACES
@pytest.mark.slow
@pytest.mark.alone
def test_a_cancel_reaches_all_and_leaves_a_checkpoint_to_go_on_from(
    tiny: Path, rows: list[TrainingRow], tmp_path: Path
) -> None:
    whole, part = Recorder(), Recorder(cancel_after=2)
    goes_on(tiny, rows, tmp_path / "whole", whole, 1)
    together(tiny, rows, tmp_path / "part", part)
    n_done = len(part.losses())
    assert 2 <= n_done < len(whole.losses())
    assert has_checkpoint(tmp_path / "part")
    assert not (tmp_path / "part" / STOP).exists()
    rest = Recorder()
    together(tiny, rows, tmp_path / "part", rest)
    assert part.losses() + rest.losses() == pytest.approx(whole.losses(), abs=1e-4)


@pytest.mark.slow
@pytest.mark.alone
def test_a_process_that_fails_is_said_with_what_to_do(tmp_path: Path, rows: list[TrainingRow]) -> None:
    with pytest.raises(Refused, match="The model in no_model could not be loaded"):
        together(tmp_path / "no_model", rows, tmp_path / "checkpoint", Recorder())
    assert list((tmp_path / "checkpoint").iterdir()) == []


def failed(error: Exception) -> Refused:
    """What a person reads where one of two processes met this error."""
    told = _pass_on(json.dumps({"failed": _told_of(error)}) + "\n", Recorder())
    return _failure(2, 1, told["failed"])


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"), "The machine ran out of memory."),
        (MemoryError(), "The machine ran out of memory."),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "The graphics processor ran out of memory."),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full: a file could not be written."),
    ],
)  # fmt: skip
def test_what_one_process_lacks_is_what_the_run_lacks(error: Exception, reason: str) -> None:
    assert str(machine_reason(failed(error), "train")).startswith(reason)


def test_what_nobody_foresaw_in_one_process_is_named_with_what_to_do() -> None:
    refused = failed(ValueError("no such thing"))
    assert machine_reason(refused, "train") is None
    assert str(refused).startswith("One of the 2 processes that train together broke off (ValueError). What was learnt")


def test_a_process_that_was_killed_leaves_its_code() -> None:
    assert "ended with the code 1. What was learnt until the last checkpoint" in str(_failure(2, 1, None))


def test_a_process_alone_has_all_rows_and_its_own_gradients(rows: list[TrainingRow]) -> None:
    alone = Ranks()
    assert alone.leads
    assert alone.own_part(rows[:5]) == rows[:5]
    assert alone.sum_gradients([], 1.5) == 1.5
    assert [alone.as_the_first_says(value) for value in (True, False)] == [True, False]


def test_memory_held_at_once_is_added_and_that_of_one_after_the_other_is_not() -> None:
    own, others = PeakMemory(800.0, 300.0), PeakMemory(1_500.0, 700.0)
    assert own.beside(others) == PeakMemory(2_300.0, 1_000.0)
    assert own.or_more(others) == others
    assert PeakMemory(800.0).beside(PeakMemory(200.0)) == PeakMemory(1_000.0)
    assert PeakMemory(800.0).or_more(PeakMemory(200.0, 5.0)) == PeakMemory(800.0, 5.0)


def test_rows_are_dealt_out_whole_and_by_length(rows: list[TrainingRow]) -> None:
    parts = []
    for rank in range(3):
        ranks = Ranks()
        ranks.rank, ranks.size = rank, 3
        parts.append(ranks.own_part(rows[:8]))
    assert sorted(row.example_id for part in parts for row in part) == sorted(row.example_id for row in rows[:8])
    assert [len(part) for part in parts] == [3, 3, 2]
    longest = max(rows[:8], key=lambda row: row.n_tokens)
    assert parts[0][0].n_tokens == longest.n_tokens


def test_lines_of_libraries_do_not_break_what_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder()
    _pass_on("a library says something\n", recorder)
    _pass_on(json.dumps({"event": {"kind": "step", "loss": 2.0}}) + "\n", recorder)
    assert capsys.readouterr().out == "a library says something\n"
    assert recorder.losses() == [2.0]

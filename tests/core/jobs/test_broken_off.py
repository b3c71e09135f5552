"""The sentence that a person reads when a job's worker has no memory or no room on the disk: real errors of the libraries that notice it."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import ModelMissing
from core.jobs.broken_off import MEMORY_REMEDIES, machine_reason
from core.training.preference_plan import continuation_config
from core.training.presets import TrainConfig
from tests.reliability.small_disk import on_a_small_disk

NEEDS_TOO_MUCH = """
import resource, torch
from core.jobs.broken_off import machine_reason
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 2**28, size + 2**28))
try:
    {statement}
except Exception as error:
    print(machine_reason(error, "train"))
"""
SAVE = """
import sys
from pathlib import Path
import torch
from core.jobs.broken_off import machine_reason
from core.training.checkpoints import Counters, save_checkpoint
weights = {"w": torch.nn.Parameter(torch.ones(100_000))}
try:
    save_checkpoint(Path(sys.argv[1]), weights, torch.optim.AdamW(weights.values()), Counters(), fingerprint="f")
except Exception as error:
    print(machine_reason(error, "train"), machine_reason(error, "draft"), sep="\\n")
"""


def test_a_full_disk_under_a_checkpoint_is_said_with_what_to_do(tmp_path: Path) -> None:
    if subprocess.run([*on_a_small_disk(tmp_path), "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a disk of his own")
    command = [*on_a_small_disk(tmp_path), sys.executable, "-c", SAVE, str(tmp_path)]
    train, draft = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.splitlines()
    assert train == (
        "The disk is full: a file could not be written. Make room, then resume the run: it goes on from its last checkpoint."
    )
    assert draft.endswith("Make room, then start it again.")


def test_a_full_disk_under_plain_writing_is_said_too() -> None:
    with pytest.raises(OSError, match="No space") as full:
        Path("/dev/full").write_text("x" * 10_000, encoding="utf-8")
    assert str(machine_reason(full.value, "score")).startswith("The disk is full")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
@pytest.mark.parametrize("statement", ["torch.ones(2**28)", "bytearray(2**30)"])
def test_no_memory_is_said_with_what_to_do(statement: str) -> None:
    command = [sys.executable, "-c", NEEDS_TOO_MUCH.format(statement=statement)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.strip()
    assert told == (
        "The machine ran out of memory. Start a run with fewer tokens at a time, with Save memory on, or with shorter examples; "
        "or take a smaller base model."
    )


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("preflight", "Check again with fewer tokens at a time, with Save memory on, or with shorter examples; or take a smaller base model."),
        (
            "continue",
            "Go on from the earlier run again with fewer tokens at a time and with Save memory on "
            "(`proofroom runs continue RUN --setting micro_batch_tokens=512 --setting gradient_checkpointing=true`).",
        ),
        ("score", "Use fewer or shorter rows, or a machine with more memory."),
    ],
)  # fmt: skip
def test_each_kind_of_job_says_what_helps_it(kind: str, after: str) -> None:
    assert machine_reason(MemoryError(), kind) == f"The machine ran out of memory. {after}"


def test_the_settings_that_are_named_for_a_continuation_can_be_set() -> None:
    named = {"micro_batch_tokens": 512, "gradient_checkpointing": True}
    config = continuation_config(TrainConfig(), named)
    assert all(f"--setting {name}={json.dumps(value)}" in MEMORY_REMEDIES["continue"] for name, value in named.items())
    assert (config.run.micro_batch_tokens, config.run.gradient_checkpointing) == (512, True)


def test_a_graphics_processor_without_memory_is_named() -> None:
    told = machine_reason(RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB."), "train")
    assert str(told).startswith("The graphics processor ran out of memory. Start a run with fewer tokens at a time")


def test_a_library_that_does_not_fit_any_more_is_a_want_of_memory() -> None:
    error = ImportError("libmkl_def.so.2: failed to map segment from shared object: Cannot allocate memory")
    assert str(machine_reason(error, "train")).startswith("The machine ran out of memory.")


def test_trouble_that_was_put_into_other_words_is_the_machines_all_the_same() -> None:
    refused = ModelMissing("The model in base could not be loaded.")
    refused.__cause__ = OSError(errno.ENOMEM, "Cannot allocate memory")
    assert str(machine_reason(refused, "train")).startswith("The machine ran out of memory.")


def test_any_other_error_is_not_the_machines() -> None:
    assert machine_reason(ValueError("no such thing"), "train") is None
    assert machine_reason(FileNotFoundError(2, "No such file or directory"), "train") is None
    assert machine_reason(ImportError("no module of this name"), "train") is None

"""The sentence that a person reads when a job's worker has no memory or no room on the disk: real errors of the libraries that notice it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.jobs.broken_off import machine_reason

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


def on_a_small_disk(folder: Path) -> list[str]:
    """The command that runs another one with a disk of 64 KiB at `folder`, which that one alone sees."""
    return [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        f'mount -t tmpfs -o size=64k none "{folder}" && exec "$@"',
        "sh",
    ]


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


def test_any_other_error_is_not_the_machines() -> None:
    assert machine_reason(ValueError("no such thing"), "train") is None
    assert machine_reason(FileNotFoundError(2, "No such file or directory"), "train") is None

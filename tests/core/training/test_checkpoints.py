"""Checkpoints survive a kill at any moment and belong to one run alone; measures of the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import Conflict
from core.training.batches import TrainingRow
from core.training.checkpoints import (
    STATE,
    Counters,
    check_begun_on,
    load_checkpoint,
    run_fingerprint,
    save_checkpoint,
)
from core.training.convert import put_in_place
from core.training.memory import peak_memory

ROW = TrainingRow("e1", (1, 2, 3), (-100, 2, 3))


def one_parameter(value: float) -> tuple[dict[str, torch.nn.Parameter], torch.optim.Optimizer]:
    parameters = {"w": torch.nn.Parameter(torch.full((2,), value))}
    optimiser = torch.optim.AdamW(parameters.values())
    parameters["w"].grad = torch.ones(2)
    optimiser.step()
    return parameters, optimiser


def test_a_checkpoint_gives_weights_moments_and_counters_back(tmp_path: Path) -> None:
    parameters, optimiser = one_parameter(1.0)
    save_checkpoint(tmp_path / "c", parameters, optimiser, Counters(3, 70, 1.5), fingerprint="f")
    others, fresh = one_parameter(9.0)
    assert load_checkpoint(tmp_path / "c", others, fresh, fingerprint="f") == Counters(3, 70, 1.5)
    assert torch.equal(others["w"], parameters["w"])
    assert torch.equal(fresh.state[others["w"]]["exp_avg"], optimiser.state[parameters["w"]]["exp_avg"])


def test_a_save_that_breaks_off_leaves_the_older_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters, optimiser = one_parameter(1.0)
    save_checkpoint(tmp_path / "c", parameters, optimiser, Counters(3, 70, 1.5), fingerprint="f")

    def killed(source: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(tmp_path / "c", parameters, optimiser, Counters(4, 90, 2.0), fingerprint="f")
    assert load_checkpoint(tmp_path / "c", parameters, optimiser, fingerprint="f").step == 3


def test_a_save_that_breaks_off_leaves_no_half(tmp_path: Path) -> None:
    parameters, optimiser = one_parameter(1.0)
    # A file system that takes no more: the target is a folder that cannot be replaced.
    (tmp_path / STATE / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=STATE):
        save_checkpoint(tmp_path, parameters, optimiser, Counters(), fingerprint="f")
    assert [file.name for file in tmp_path.iterdir()] == [STATE]


def test_a_checkpoint_is_gone_on_from_on_the_base_model_that_it_was_made_on_alone(tmp_path: Path) -> None:
    parameters, optimiser = one_parameter(1.0)
    check_begun_on(tmp_path, base_sha256="a" * 64, base_name="base")
    save_checkpoint(tmp_path, parameters, optimiser, Counters(), fingerprint="f", base_sha256="a" * 64)
    check_begun_on(tmp_path, base_sha256="a" * 64, base_name="base")
    with pytest.raises(Conflict) as refused:
        check_begun_on(tmp_path, base_sha256="b" * 64, base_name="base")
    assert str(refused.value) == (
        "The base model in base has the SHA-256 bbbbbbbbbbbb…, the run was begun on aaaaaaaaaaaa…. Put the base model back that the "
        "run was begun on and resume it, or start a new run."
    )


def test_a_checkpoint_from_before_its_base_was_noted_is_gone_on_from(tmp_path: Path) -> None:
    parameters, optimiser = one_parameter(1.0)
    save_checkpoint(tmp_path, parameters, optimiser, Counters(3, 70, 1.5), fingerprint="f")
    older = {
        "counters": json.dumps({"step": 3, "n_train_tokens": 70, "seconds": 1.5, "measured": 0}),
        "fingerprint": "f",
    }
    save_file(load_file(tmp_path / STATE), tmp_path / STATE, metadata=older)
    check_begun_on(tmp_path, base_sha256="b" * 64, base_name="base")
    assert load_checkpoint(tmp_path, parameters, optimiser, fingerprint="f").step == 3


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    parameters, optimiser = one_parameter(1.0)
    mine = run_fingerprint({"rank": 4}, [ROW])
    save_checkpoint(tmp_path / "c", parameters, optimiser, Counters(), fingerprint=mine)
    for other in (run_fingerprint({"rank": 8}, [ROW]), run_fingerprint({"rank": 4}, [])):
        with pytest.raises(Conflict, match="other settings or other examples"):
            load_checkpoint(tmp_path / "c", parameters, optimiser, fingerprint=other)


@pytest.mark.parametrize("damage", ["cut", "overwritten", "empty"])
def test_a_damaged_checkpoint_is_refused_with_a_remedy(tmp_path: Path, damage: str) -> None:
    parameters, optimiser = one_parameter(1.0)
    save_checkpoint(tmp_path, parameters, optimiser, Counters(3, 70, 1.5), fingerprint="f")
    file = tmp_path / STATE
    whole = file.read_bytes()
    file.write_bytes({"cut": whole[: len(whole) // 2], "overwritten": b"x" * len(whole), "empty": b""}[damage])
    with pytest.raises(Conflict, match="The checkpoint of this run cannot be read") as refused:
        load_checkpoint(tmp_path, parameters, optimiser, fingerprint="f")
    assert refused.value.remedy == "Restore the folder `runs` from a backup, or start a new run."


def test_the_slower_of_two_conversions_leaves_the_faster_ones_folder(tmp_path: Path) -> None:
    mine, winner = tmp_path / "converting_x", tmp_path / "model"
    for folder, content in ((mine, b"mine"), (winner, b"theirs")):
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(content)
    put_in_place(mine, winner)
    assert (winner / "model.safetensors").read_bytes() == b"theirs"


def test_without_a_graphics_processor_none_of_its_memory_is_told() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one")
    assert peak_memory().device_mb is None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_memory_on_a_graphics_processor_is_told_beside_the_machines() -> None:
    held = torch.ones(300 * 2**18, device="cuda")
    told = peak_memory().device_mb
    assert held.numel() == 300 * 2**18
    assert told is not None
    assert told >= 300


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_peak_memory_leaves_out_what_the_parent_held() -> None:
    held = bytearray(os.urandom(2**20)) * 400
    code = "from core.training.memory import peak_host_mb; print(peak_host_mb())"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert len(held) == 400 * 2**20
    assert float(done.stdout) < 200

"""Takes the steps of a run in several processes, which torchrun starts: one a GPU, or some on a CPU.

The first process tells how far it is on its standard output, a JSON object a line, and the checkpoint holds what was learnt; whoever
started it goes on from there as from any checkpoint. A file called `stop` beside the checkpoint makes all of them stop after the step
that they are at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.errors import ProofroomError, Refused
from core.outgoing.guard import install_here
from core.outgoing.off_network import LOOPBACK, OFF_NETWORK
from core.training.batches import TrainingRow
from core.training.memory import PeakMemory, peak_memory
from core.training.presets import TrainConfig, config_from
from core.training.progress import Progress

SPEC = "ranked.json"
STOP = "stop"
# The others wait while the first one measures the hold-out.
LONGEST_WAIT = timedelta(hours=6)
# Of an error; a line of several processes is in one piece only where it is short.
LONGEST_TEXT = 500


def take_steps_together(
    config: TrainConfig,
    base_folder: Path,
    *,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    checkpoint: Path,
    progress: Progress,
    n_threads: int,
    base_sha256: str = "",
) -> PeakMemory:
    """All steps of the run, or those until it is cancelled, in `config.processes` processes. Raises Refused when one of them fails.

    n_threads: of all processes together. Returns the most that they and this process held together.
    """
    check_gpus(config.processes, _n_gpus())
    checkpoint.mkdir(parents=True, exist_ok=True)
    (checkpoint / STOP).unlink(missing_ok=True)
    spec = checkpoint / SPEC
    told = {
        "config": config.to_dict(), "base": str(base_folder), "checkpoint": str(checkpoint),
        "train": [_as_json(row) for row in train_rows], "validation": [_as_json(row) for row in validation_rows],
        "base_sha256": base_sha256,
    }  # fmt: skip
    command = [
        sys.executable, *OFF_NETWORK, LOOPBACK, "torch.distributed.run", "--nnodes=1", f"--nproc-per-node={config.processes}", "--rdzv-backend=c10d",
        "--rdzv-endpoint=127.0.0.1:0", "--local-addr=127.0.0.1", "-m", "core.training.ranked", str(spec),
    ]  # fmt: skip
    # On one machine: nothing listens on another address than its own.
    environment = os.environ | {
        "OMP_NUM_THREADS": str(max(1, n_threads // config.processes)), "GLOO_SOCKET_IFNAME": "lo", "NCCL_SOCKET_IFNAME": "lo",
    }  # fmt: skip
    heard: dict[str, Any] = {}
    try:
        spec.write_text(json.dumps(told), encoding="utf-8")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
            assert running.stdout is not None
            try:
                for line in running.stdout:
                    # The first one that fails says why; the others then fail because it is gone.
                    heard = _pass_on(line, progress) | heard
                    if progress.cancelled():
                        (checkpoint / STOP).touch()
            except BaseException:
                running.terminate()
                raise
    finally:
        for file in (spec, checkpoint / STOP):
            file.unlink(missing_ok=True)
    if running.returncode:
        raise _failure(config.processes, running.returncode, heard.get("failed"))
    own = peak_memory()
    return own.beside(PeakMemory(**heard["memory"])) if "memory" in heard else own


def check_gpus(n_processes: int, n_gpus: int) -> None:
    """Raises Refused where several processes would have to share a graphics processor: each wants one of its own, or none has any."""
    if 0 < n_gpus < n_processes:
        raise Refused(
            f"{n_processes} processes were asked for, and PyTorch finds {n_gpus} graphics processor{'s' if n_gpus > 1 else ''} on this machine.",
            remedy=f"Set Processes to {n_gpus} or fewer: each has a graphics processor to itself.",
        )


def _n_gpus() -> int:
    import torch

    return torch.cuda.device_count()


def _failure(n: int, code: int, told: Mapping[str, Any] | None) -> Refused:
    """What a person reads: the words of the process that failed, where it had any; the cause is what it met."""
    if told is not None and told["message"]:
        return Refused(told["message"], remedy=told["remedy"])
    how = f"broke off ({told['type']})" if told is not None else f"ended with the code {code}"
    refused = Refused(
        f"One of the {n} processes that train together {how}.",
        remedy="What was learnt until the last checkpoint is kept: resume, or train with one process. The job's output says more.",
    )
    if told is not None:
        refused.__cause__ = _met(told)
    return refused


def _met(told: Mapping[str, Any]) -> Exception:
    """The error again that another process told of, as far as it says whether the machine is to blame."""
    if told["errno"]:
        return OSError(told["errno"], told["text"])
    return MemoryError(told["text"]) if told["type"] == "MemoryError" else RuntimeError(told["text"])


def _told_of(error: Exception) -> dict[str, Any]:
    """What `_failure` makes its sentence of."""
    message, remedy = (error.message, error.remedy) if isinstance(error, ProofroomError) else ("", "")
    return {
        "message": message, "remedy": remedy, "type": type(error).__name__, "errno": getattr(error, "errno", None),
        "text": str(error)[:LONGEST_TEXT],
    }  # fmt: skip


class _Told:
    """Progress of the first process, as lines for the one that started it."""

    def __init__(self, stop: Path) -> None:
        self._stop = stop

    def report(self, *, phase: str, done: float, total: float, **facts: Any) -> None:
        _say({"report": {"phase": phase, "done": done, "total": total, **facts}})

    def event(self, kind: str, **facts: Any) -> None:
        _say({"event": {"kind": kind, **facts}})

    def cancelled(self) -> bool:
        return self._stop.exists()


def _say(told: dict[str, Any]) -> None:
    # In one piece: what several processes write at once must not mix.
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _pass_on(line: str, progress: Progress) -> dict[str, Any]:
    """Tell `progress` what a line tells it. Returns what it says beside: "memory", "failed"."""
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        # A library's own words; the job's output keeps them.
        print(line, end="")
        return {}
    if "report" in told:
        progress.report(**told.pop("report"))
    if "event" in told:
        progress.event(**told.pop("event"))
    return told


def _as_json(row: TrainingRow) -> list[Any]:
    return [row.example_id, row.ids, row.labels]


def _rows(told: Sequence[Sequence[Any]]) -> list[TrainingRow]:
    return [TrainingRow(name, tuple(ids), tuple(labels)) for name, ids, labels in told]


def main() -> None:
    """One of the processes; torchrun says which. They talk to one another over the loopback of the worker's namespace, and to nobody else."""
    install_here(allows_loopback=True)
    import torch
    import torch.distributed as distributed

    from core.training.loop import take_steps
    from core.training.models import load_base, with_new_adapter
    from core.training.progress import Silent
    from core.training.ranks import Ranks

    spec: Mapping[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    has_gpu = torch.cuda.is_available()
    if has_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if has_gpu else "gloo", timeout=LONGEST_WAIT)
    try:
        config, checkpoint = config_from(spec["config"]), Path(spec["checkpoint"])
        model = with_new_adapter(load_base(Path(spec["base"])), config)
        progress: Progress = _Told(checkpoint / STOP) if distributed.get_rank() == 0 else Silent()
        take_steps(
            model, config, train_rows=_rows(spec["train"]), validation_rows=_rows(spec["validation"]), checkpoint=checkpoint,
            progress=progress, base_sha256=spec["base_sha256"],
        )  # fmt: skip
        memory = Ranks().memory_of_all(peak_memory())
        if distributed.get_rank() == 0:
            _say({"memory": asdict(memory)})
    except Exception as error:
        _say({"failed": _told_of(error)})
        raise
    finally:
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()

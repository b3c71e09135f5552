"""Both sides of the training benchmarks, measured on the same tokenised rows: this project's loop, and TRL's SFTTrainer.

TRL is installed into `.trl` beside this file, and nowhere else; its other requirements are those of this project. Each side
runs in a process of its own, so that memory is its own.
"""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TRL_FOLDER, TRL_VERSION = HERE / ".trl", "1.16.0"
# TRL's options by the name of a side. Its defaults include gradient checkpointing; micro-batches with attention across their
# rows (packing, no padding) need kernels that processors do not have.
TRL_OPTIONS: dict[str, dict[str, Any]] = {
    "trl": {},
    "trl_no_checkpointing": {"gradient_checkpointing": False},
    "trl_grouped": {"gradient_checkpointing": False, "train_sampling_strategy": "group_by_length"},
    "trl_compiled": {"gradient_checkpointing": False, "train_sampling_strategy": "group_by_length", "torch_compile": True},
}  # fmt: skip


def install_trl() -> None:
    if (TRL_FOLDER / f"trl-{TRL_VERSION}.dist-info").exists():
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--upgrade", "--target", str(TRL_FOLDER), f"trl=={TRL_VERSION}"], check=True)


def measure_ours(config: Any, train_rows: Sequence[Any], test_rows: Sequence[Any] = ()) -> dict[str, Any]:
    """The product's own training function; hold-out losses before and after where there are test rows."""
    import torch

    from core.config import models_folder
    from core.training.base_models import EMBEDDED
    from core.training.loop import train
    from core.training.models import load_base, ready_model_folder, with_new_adapter
    from tests.benchmarks.machine import THREADS, float32_peak_gflops

    torch.set_num_threads(THREADS)
    model = load_base(ready_model_folder(EMBEDDED, models_folder()))
    n_parameters = sum(p.numel() for p in model.parameters())
    peak, steps = float32_peak_gflops(), StepTimes()
    with tempfile.TemporaryDirectory() as checkpoint:
        result = train(
            with_new_adapter(model, config), config, train_rows=list(train_rows), validation_rows=[], test_rows=list(test_rows),
            checkpoint=Path(checkpoint) / "c", progress=steps,
        )  # fmt: skip
    peak = max(peak, float32_peak_gflops())
    facts = steps.facts()
    facts |= {
        "n_parameters": n_parameters,
        "float32_peak_gflops": round(peak, 1),
        "share_of_peak": round(4 * n_parameters * facts["tokens_per_second"] / 1e9 / peak, 4),
        "peak_memory_mb": round(result.peak_memory_mb),
    }
    if result.base_loss and result.tuned_loss:
        facts |= {
            "base_test_loss": round(result.base_loss.mean, 4),
            "tuned_test_loss": round(result.tuned_loss.mean, 4),
        }
    return facts | {"config": config.to_dict()}


def measure_trl(side: str, config: Any, rows: Sequence[Any], n_steps: int, *, n_warm: int = 0) -> dict[str, Any]:
    """SFTTrainer on the same rows, float32 like ours, without files and without reports. n_warm: first steps that do not count."""
    sys.path.append(str(TRL_FOLDER))
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    from core.config import models_folder
    from core.training.base_models import EMBEDDED
    from core.training.models import load_base, ready_model_folder
    from tests.benchmarks.machine import THREADS

    torch.set_num_threads(THREADS)
    folder = ready_model_folder(EMBEDDED, models_folder())
    times = StepTimes(n_warm=n_warm)

    class CountingTrainer(SFTTrainer):
        def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
            times.count(int(inputs["attention_mask"].sum()))
            return super().training_step(model, inputs, num_items_in_batch)

    with tempfile.TemporaryDirectory() as output:
        trainer = CountingTrainer(
            model=load_base(folder),
            args=SFTConfig(
                output_dir=output, max_steps=n_warm + n_steps, per_device_train_batch_size=config.batch_size,
                learning_rate=config.learning_rate, seed=config.seed, bf16=False, use_cpu=True, save_strategy="no", report_to="none",
                disable_tqdm=True, max_length=config.max_length_tokens, **TRL_OPTIONS[side],
            ),
            train_dataset=Dataset.from_list([{"input_ids": list(row.ids), "labels": list(row.labels)} for row in rows]),
            processing_class=AutoTokenizer.from_pretrained(folder),
            peft_config=LoraConfig(
                r=config.rank, lora_alpha=config.alpha, lora_dropout=config.dropout, target_modules="all-linear"
            ),
        )  # fmt: skip
        trainer.add_callback(times.callback())
        trainer.train()
    return {
        **times.facts(),
        "n_warm": n_warm,
        "options": TRL_OPTIONS[side],
        "gradient_checkpointing": trainer.args.gradient_checkpointing,
        "trained_parameter_types": sorted({str(p.dtype) for p in trainer.model.parameters()}),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class StepTimes:
    """Tokens and seconds of every optimiser step, told by our loop's events or by a trainer's callback."""

    def __init__(self, *, n_warm: int = 0) -> None:
        self._n_warm = n_warm
        self._tokens: list[int] = []
        self._seconds: list[float] = []
        self._started = 0.0
        self._counted = 0

    def report(self, *, phase: str, done: float, total: float, **facts: Any) -> None:
        print(f"\r{phase} {done:g}/{total:g}   ", end="", file=sys.stderr, flush=True)

    def event(self, kind: str, **facts: Any) -> None:
        if kind == "step":
            self._tokens.append(facts["n_train_tokens"] - sum(self._tokens))
            self._seconds.append(facts["n_train_tokens"] / facts["tokens_per_second"] - sum(self._seconds))

    def cancelled(self) -> bool:
        return False

    def count(self, n_tokens: int) -> None:
        self._counted += n_tokens

    def callback(self) -> Any:
        from transformers import TrainerCallback

        times = self

        class Clock(TrainerCallback):
            def on_step_begin(self, *_: Any, **__: Any) -> None:
                times._started = time.perf_counter()

            def on_step_end(self, *_: Any, **__: Any) -> None:
                times._seconds.append(time.perf_counter() - times._started)
                times._tokens.append(times._counted - sum(times._tokens))
                times.report(phase="TRL step", done=len(times._seconds), total=0)

        return Clock()

    def facts(self) -> dict[str, Any]:
        tokens, seconds = self._tokens[self._n_warm :], self._seconds[self._n_warm :]
        speeds = [n / s for n, s in zip(tokens, seconds, strict=True)]
        quarters = statistics.quantiles(speeds, n=4) if len(speeds) > 1 else speeds * 3
        return {
            "n_steps": len(speeds),
            "n_train_tokens": sum(tokens),
            "seconds": round(sum(seconds), 2),
            "tokens_per_second": round(sum(tokens) / sum(seconds), 2),
            "tokens_per_second_by_step": {
                "lowest": round(min(speeds), 1),
                "lower_quartile": round(quarters[0], 1),
                "median": round(quarters[1], 1),
                "upper_quartile": round(quarters[2], 1),
                "highest": round(max(speeds), 1),
            },
        }


def in_process(module: str, arguments: Sequence[str]) -> dict[str, Any] | None:
    """What `python -m module` with these arguments prints as its last line; None where it fails, which is said."""
    import json

    print(f"Measuring {' '.join(arguments)} ...", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=HERE.parents[1], env=os.environ | {"PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    with contextlib.suppress(IndexError, ValueError):
        measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return measured
    print(f"{' '.join(arguments)} ended with {done.returncode}.", file=sys.stderr, flush=True)
    return None

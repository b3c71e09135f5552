"""Training speed: this project's loop against TRL's SFTTrainer with its defaults, in one run.

Same examples (sections of real posts), base model, LoRA shape, batch size, learning rate, threads
and type; each side in a process of its own, so that memory is its own. TRL is installed here, in
`.trl` beside this file, and nowhere else. TRL's defaults include gradient checkpointing; with
`--trl-variants` it is also measured with that switched off, which is no part of the ratio.

    .venv/bin/python tests/benchmarks/train_speed.py

Measures: `tokens_per_second` is non-padding input tokens over the seconds from the first
optimiser step's start to the last one's end, evaluation excluded. The share of the peak counts
4 N floating-point operations per token: 2 N forward and 2 N back to the inputs, because the base
weights are frozen; N is the number of the base model's parameters.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
TRL_FOLDER, TRL_VERSION = HERE / ".trl", "1.16.0"
RESULT = HERE / "train_speed.json"
N_TEST, SEED = 40, 17
OURS_STEPS, TRL_STEPS = 25, 10
TARGETS = {"ratio_at_least": 4.0, "share_of_peak_at_least": 0.40, "peak_memory_mb_below": 5000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", choices=["ours", "trl", "trl-no-checkpointing"])
    parser.add_argument("--steps", type=int, default=OURS_STEPS)
    parser.add_argument("--trl-steps", type=int, default=TRL_STEPS)
    parser.add_argument("--trl-variants", action="store_true")
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"})
    if arguments.side == "ours":
        print(json.dumps(measure_ours(arguments.steps)))
    elif arguments.side:
        print(json.dumps(measure_trl(arguments.trl_steps, arguments.steps, arguments.side == "trl")))
    else:
        compare(arguments)


def compare(arguments: argparse.Namespace) -> None:
    """Run both sides one after the other, print the figures and write them to a file."""
    from machine import circumstances

    install_trl()
    result = {**circumstances(), "trl_version": TRL_VERSION, "targets": TARGETS}
    result["ours"] = run_side("ours", arguments)
    result["trl"] = run_side("trl", arguments)
    if arguments.trl_variants:
        result["trl_without_gradient_checkpointing"] = run_side("trl-no-checkpointing", arguments)
    result["ratio"] = round(result["ours"]["tokens_per_second"] / result["trl"]["tokens_per_second"], 2)
    result["load_after"] = [round(x, 2) for x in os.getloadavg()]
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    print(
        f"{result['ratio']} times TRL, {result['ours']['share_of_peak']:.0%} of the float32 peak, "
        f"{result['ours']['peak_memory_mb']:.0f} MB"
    )


def run_side(side: str, arguments: argparse.Namespace) -> dict[str, Any]:
    print(f"Measuring {side} ...", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, "--side", side]
    command += ["--steps", str(arguments.steps), "--trl-steps", str(arguments.trl_steps)]
    environment = os.environ | {"PYTHONPATH": str(HERE.parents[1]), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def install_trl() -> None:
    """Put TRL alone into its own folder; its other requirements are those of this project."""
    if (TRL_FOLDER / f"trl-{TRL_VERSION}.dist-info").exists():
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--upgrade", "--target", str(TRL_FOLDER), f"trl=={TRL_VERSION}"], check=True)


def measure_ours(n_steps: int) -> dict[str, Any]:
    """The product's own training function, hold-out losses before and after included."""
    import torch
    from machine import THREADS, float32_peak_gflops
    from real_posts import MAX_LENGTH_TOKENS, post_examples

    from core.config import models_folder
    from core.nouns import Goal
    from core.training.batches import tokenise_examples
    from core.training.chat_format import chat_format
    from core.training.loop import train
    from core.training.models import load_base, ready_model_folder, with_new_adapter
    from core.training.presets import EMBEDDED, config_from, preset

    torch.set_num_threads(THREADS)
    folder = ready_model_folder(EMBEDDED, models_folder())
    form = chat_format(folder)
    examples = post_examples(form, n_steps * 8 + N_TEST, seed=SEED)
    chosen = preset(Goal.VOICE, n_examples=n_steps * 8, longest_tokens=MAX_LENGTH_TOKENS)
    config = config_from({"epochs": 1.0, "n_evaluations": 0, "seed": SEED}, base=chosen)
    rows, _ = tokenise_examples(examples, form, max_length_tokens=MAX_LENGTH_TOKENS)
    model = load_base(folder)
    n_parameters = sum(p.numel() for p in model.parameters())
    peak = float32_peak_gflops()
    steps = StepTimes()
    with tempfile.TemporaryDirectory() as checkpoint:
        result = train(
            with_new_adapter(model, config),
            config,
            train_rows=rows[:-N_TEST],
            validation_rows=[],
            test_rows=rows[-N_TEST:],
            checkpoint=Path(checkpoint) / "c",
            progress=steps,
        )
    peak = max(peak, float32_peak_gflops())
    assert result.base_loss is not None
    assert result.tuned_loss is not None
    return {
        **steps.facts(),
        "n_parameters": n_parameters,
        "float32_peak_gflops": round(peak, 1),
        "share_of_peak": round(4 * n_parameters * result.tokens_per_second / 1e9 / peak, 4),
        "peak_memory_mb": round(result.peak_memory_mb),
        "base_test_loss": round(result.base_loss.mean, 4),
        "tuned_test_loss": round(result.tuned_loss.mean, 4),
        "config": config.to_dict(),
    }


def measure_trl(n_steps: int, n_our_steps: int, gradient_checkpointing: bool) -> dict[str, Any]:
    """SFTTrainer as it comes, but float32 like ours, without files and without reports."""
    sys.path.append(str(TRL_FOLDER))
    import torch
    from datasets import Dataset
    from machine import THREADS
    from peft import LoraConfig
    from real_posts import MAX_LENGTH_TOKENS, post_examples
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    from core.config import models_folder
    from core.nouns import Goal
    from core.training.chat_format import chat_format
    from core.training.models import load_base, ready_model_folder
    from core.training.presets import EMBEDDED, preset

    torch.set_num_threads(THREADS)
    folder = ready_model_folder(EMBEDDED, models_folder())
    # The same draw, so the same training examples; of these TRL takes its batches at random.
    examples = post_examples(chat_format(folder), n_our_steps * 8 + N_TEST, seed=SEED)[:-N_TEST]
    rows = [{"prompt": list(e.messages[:-1]), "completion": [e.messages[-1]]} for e in examples]
    config = preset(Goal.VOICE, n_examples=len(examples), longest_tokens=MAX_LENGTH_TOKENS)
    times = StepTimes()

    class CountingTrainer(SFTTrainer):
        def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
            times.count(int(inputs["attention_mask"].sum()))
            return super().training_step(model, inputs, num_items_in_batch)

    with tempfile.TemporaryDirectory() as folder_for_output:
        options: dict[str, Any] = {} if gradient_checkpointing else {"gradient_checkpointing": False}
        trainer = CountingTrainer(
            model=load_base(folder),
            args=SFTConfig(
                output_dir=folder_for_output,
                max_steps=n_steps,
                per_device_train_batch_size=config.batch_size,
                learning_rate=config.learning_rate,
                seed=SEED,
                bf16=False,
                use_cpu=True,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
                **options,
            ),
            train_dataset=Dataset.from_list(rows),
            processing_class=AutoTokenizer.from_pretrained(folder),
            peft_config=LoraConfig(
                r=config.rank, lora_alpha=config.alpha, lora_dropout=config.dropout, target_modules="all-linear"
            ),
        )
        trainer.add_callback(times.callback())
        trainer.train()
    return {
        **times.facts(),
        "gradient_checkpointing": trainer.args.gradient_checkpointing,
        "trained_parameter_types": sorted({str(p.dtype) for p in trainer.model.parameters()}),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class StepTimes:
    """Tokens and seconds of every optimiser step, told by our loop's events or by a trainer's callback."""

    def __init__(self) -> None:
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
        speeds = [n / s for n, s in zip(self._tokens, self._seconds, strict=True)]
        quarters = statistics.quantiles(speeds, n=4)
        return {
            "n_steps": len(speeds),
            "n_train_tokens": sum(self._tokens),
            "seconds": round(sum(self._seconds), 2),
            "tokens_per_second": round(sum(self._tokens) / sum(self._seconds), 2),
            "tokens_per_second_by_step": {
                "lowest": round(min(speeds), 1),
                "lower_quartile": round(quarters[0], 1),
                "median": round(quarters[1], 1),
                "upper_quartile": round(quarters[2], 1),
                "highest": round(max(speeds), 1),
            },
        }


if __name__ == "__main__":
    main()

"""Training speed on one graphics processor: this project's loop against TRL's SFTTrainer, in one process, one after the other.

The weights are random and so are the tokens: the time of a step depends on neither. The models have the shapes of published ones, and the
rows the lengths of real examples (sections of real posts), prompt and answer each. Both sides have the same base weights in bfloat16,
the same LoRA shape, rows, batch size and learning rate. TRL is tuned as far as its options go here: without gradient checkpointing,
grouped by length, with Liger's kernels where they are installed, and packed. Its packing wants flash attention from a package that has no
wheel; with PyTorch's own attention its packed rows are kept apart by a mask.

    python -m tests.benchmarks.gpu_speed --write-lengths FILE   where the real posts are
    python -m tests.benchmarks.gpu_speed --lengths FILE         where the graphics processor is

The first steps of each side are not counted. Model FLOP utilisation counts 4 N floating-point operations per token that is no
padding, and none for attention: 2 N forward and 2 N back to the inputs, because the base weights are frozen; what checkpointing does
again is not counted. It is a share of the best bfloat16 matrix product measured in the same process.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from core.training.batches import TrainingRow
from core.training.loop import train
from core.training.machine import machine_facts
from core.training.models import with_new_adapter
from core.training.presets import TrainConfig, config_from
from tests.benchmarks.train_sides import TRL_FOLDER, StepTimes

RESULT = Path(__file__).with_suffix(".json")
SEED, N_WARM, N_STEPS, PEAK_SIZE = 17, 5, 20, 8_192
LIBRARIES = ("torch", "transformers", "peft", "accelerate", "trl", "liger-kernel", "triton")
ROPE = {"rope_type": "default", "rope_theta": 500_000.0}
# Width, layers and heads as the models' own configurations have them.
SHAPES: dict[str, dict[str, Any]] = {
    "SmolLM2-135M": {
        "model_type": "llama", "vocab_size": 49_152, "hidden_size": 576, "intermediate_size": 1_536, "num_hidden_layers": 30,
        "num_attention_heads": 9, "num_key_value_heads": 3, "tie_word_embeddings": True,
    },
    "Qwen2.5-1.5B": {
        "model_type": "qwen2", "vocab_size": 151_936, "hidden_size": 1_536, "intermediate_size": 8_960, "num_hidden_layers": 28,
        "num_attention_heads": 12, "num_key_value_heads": 2, "tie_word_embeddings": True,
    },
    "Llama-3.1-8B": {
        "model_type": "llama", "vocab_size": 128_256, "hidden_size": 4_096, "intermediate_size": 14_336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "tie_word_embeddings": False,
    },
}  # fmt: skip
NO_CHECKPOINTS = {"gradient_checkpointing": False}
GROUPED = {**NO_CHECKPOINTS, "train_sampling_strategy": "group_by_length"}
TRL_OPTIONS: dict[str, dict[str, Any]] = {
    "trl": {},
    "trl_grouped": GROUPED,
    "trl_grouped_liger": {**GROUPED, "use_liger_kernel": True},
    "trl_packed": {**NO_CHECKPOINTS, "packing": True},
    "trl_packed_liger": {**NO_CHECKPOINTS, "packing": True, "use_liger_kernel": True},
}


@dataclass(frozen=True, slots=True)
class Work:
    """One comparison: a shape, and so many rows a step."""

    shape: str
    batch_size: int


WORKS = tuple(Work(shape, n) for shape in SHAPES for n in (8, 64))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write-lengths", type=Path)
    parser.add_argument("--lengths", type=Path)
    parser.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=list(SHAPES))
    parser.add_argument("--sides", nargs="+", choices=["ours", *TRL_OPTIONS], default=["ours", *TRL_OPTIONS])
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"})
    if arguments.write_lengths:
        write_lengths(arguments.write_lengths)
        return
    lengths = json.loads(arguments.lengths.read_text(encoding="utf-8"))
    sys.path.append(str(TRL_FOLDER))
    result: dict[str, Any] = circumstances() | {
        "bfloat16_peak_tflops": round(bfloat16_peak_tflops(), 1), "n_warm": N_WARM, "n_steps": N_STEPS, "rows": rows_told(lengths),
        "works": [],
    }  # fmt: skip
    for work in (one for one in WORKS if one.shape in arguments.shapes):
        for side in arguments.sides:
            told = measured(side, work, lengths, result["bfloat16_peak_tflops"])
            result["works"].append({"shape": work.shape, "batch_size": work.batch_size, "side": side} | told)
            print(result["works"][-1], flush=True)
            arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def measured(side: str, work: Work, lengths: Sequence[tuple[int, int]], peak_tflops: float) -> dict[str, Any]:
    """One side on one work, or why it could not be."""
    shape = SHAPES[work.shape]
    rows = rows_of(lengths, (N_WARM + N_STEPS) * work.batch_size, shape["vocab_size"])
    config = config_from(
        {"epochs": 1.0, "n_evaluations": 0, "seed": SEED, "batch_size": work.batch_size, "micro_batch_tokens": 0}
    )  # fmt: skip
    times = StepTimes(n_warm=N_WARM)
    with fresh_memory():
        model = random_model(shape)
        n_parameters = sum(p.numel() for p in model.parameters())
        try:
            if side == "ours":
                take_our_steps(model, config, rows, times)
            else:
                take_trl_steps(model, config, rows, times, TRL_OPTIONS[side])
        except (torch.OutOfMemoryError, ImportError, ValueError, RuntimeError) as error:
            return {"failed": f"{type(error).__name__}: {str(error)[:300]}"}
        finally:
            del model
        facts = times.facts()
        return facts | {
            "n_parameters": n_parameters,
            "model_flop_utilisation": round(4 * n_parameters * facts["tokens_per_second"] / 1e12 / peak_tflops, 4),
            "device_memory_gb": round(torch.cuda.max_memory_allocated() / 2**30, 2),
        }


def take_our_steps(model: Any, config: TrainConfig, rows: Sequence[TrainingRow], times: StepTimes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        train(
            with_new_adapter(model, config), config, train_rows=rows, validation_rows=[], test_rows=[],
            checkpoint=Path(folder) / "c", progress=times,
        )  # fmt: skip


def take_trl_steps(
    model: Any, config: TrainConfig, rows: Sequence[TrainingRow], times: StepTimes, options: dict[str, Any]
) -> None:
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer

    class CountingTrainer(SFTTrainer):
        def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
            mask = inputs.get("attention_mask")
            times.count(int(mask.sum()) if mask is not None else inputs["input_ids"].numel())
            loss = super().training_step(model, inputs, num_items_in_batch)
            torch.cuda.synchronize()
            return loss

    n_at_once, longest = config.batch_size, config.max_length_tokens
    if options.get("packing"):
        # As many tokens a step as the rows have that ours takes in one.
        mean = sum(row.n_tokens for row in rows) / len(rows)
        n_at_once = max(1, round(config.batch_size * mean / longest))
    with tempfile.TemporaryDirectory() as output:
        trainer = CountingTrainer(
            model=model,
            args=SFTConfig(
                output_dir=output, max_steps=N_WARM + N_STEPS, per_device_train_batch_size=n_at_once, learning_rate=config.learning_rate,
                seed=config.seed, bf16=True, save_strategy="no", report_to="none", disable_tqdm=True, max_length=longest, **options,
            ),
            train_dataset=Dataset.from_list([{"input_ids": list(row.ids), "labels": list(row.labels)} for row in rows]),
            processing_class=plain_tokenizer(),
            peft_config=LoraConfig(r=config.rank, lora_alpha=config.alpha, lora_dropout=config.dropout, target_modules="all-linear"),
        )  # fmt: skip
        trainer.add_callback(times.callback())
        trainer.train()


def random_model(shape: dict[str, Any]) -> Any:
    """A model of this shape with random weights, in bfloat16 on the graphics processor."""
    settings = {name: value for name, value in shape.items() if name != "model_type"}
    config = AutoConfig.for_model(
        shape["model_type"], **settings, max_position_embeddings=4_096, rope_parameters=ROPE, eos_token_id=0, bos_token_id=1,
        pad_token_id=0,
    )  # fmt: skip
    torch.manual_seed(SEED)
    with torch.device("cuda"):
        return AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)


def rows_of(lengths: Sequence[tuple[int, int]], n: int, vocabulary: int) -> list[TrainingRow]:
    """n rows of random tokens, each as long as one of the real ones. lengths: tokens of the prompt and of the answer."""
    generator = random.Random(SEED)
    made = []
    for i, (n_prompt, n_answer) in enumerate(generator.choices(lengths, k=n)):
        ids = tuple(generator.choices(range(2, vocabulary), k=n_prompt + n_answer))
        made.append(TrainingRow(f"r{i}", ids, (-100,) * n_prompt + ids[n_prompt:]))
    return made


def rows_told(lengths: Sequence[tuple[int, int]]) -> dict[str, Any]:
    both = [sum(one) for one in lengths]
    return {"n": len(both), "mean_tokens": round(sum(both) / len(both), 1), "longest_tokens": max(both)}


def plain_tokenizer() -> Any:
    """What TRL asks for although the rows are tokens already."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"<end>": 0, "<start>": 1}, unk_token="<end>"))
    return PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>", bos_token="<start>")


def write_lengths(file: Path) -> None:
    from tests.benchmarks.train_speed import real_rows

    _, rows = real_rows()
    told = [(row.n_tokens - row.n_target_tokens, row.n_target_tokens) for row in rows]
    file.write_text(json.dumps(told), encoding="utf-8")


def bfloat16_peak_tflops(*, rounds: int = 5, products: int = 20) -> float:
    """Best rate of a square matrix product of random numbers in bfloat16, in 1e12 floating-point operations a second."""
    a, b = (torch.randn(PEAK_SIZE, PEAK_SIZE, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return max(products * 2 * PEAK_SIZE**3 / seconds / 1e12 for seconds in _timed(lambda: a @ b, rounds, products))


def _timed(work: Callable[[], Any], rounds: int, times: int) -> Iterator[float]:
    work()
    for _ in range(rounds):
        torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(times):
            work()
        torch.cuda.synchronize()
        yield time.perf_counter() - started


@contextlib.contextmanager
def fresh_memory() -> Iterator[None]:
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    yield
    gc.collect()
    torch.cuda.empty_cache()


def circumstances() -> dict[str, Any]:
    versions = {}
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return (
        {"measured_at": datetime.now(UTC).isoformat(timespec="minutes")}
        | machine_facts()
        | {"python": sys.version.split()[0], "versions": versions}
    )


if __name__ == "__main__":
    main()

"""What an exported GGUF says against the run's own model, and what the merged safetensors model says, in one run.

The embedded base model learns a few steps on real posts, so that its adapter is a real one. Base and adapter as PEFT itself adds them
are the reference. The merged model in safetensors is the peer; the files are f16 and q8_0. Each is written by the product's own
export, loaded again with transformers, and compared on posts that were not learnt from: the probability of every token after each
prompt, and at the last 64 of the first 256 tokens of every other text.

    .venv/bin/python -m tests.benchmarks.gguf_export

`largest_difference` is absolute, of any token at any of these places. `mean_difference`: of each place's largest.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from core.config import models_folder
from core.nouns import Example, Goal
from core.training import gguf_file, merging
from core.training.base_models import EMBEDDED
from core.training.batches import tokenise_examples
from core.training.chat_format import ChatFormat, chat_format
from core.training.gguf_settings import gguf_settings, read_config
from core.training.gguf_tokenizer import gguf_tokenizer
from core.training.loop import train
from core.training.models import load_base, ready_model_folder, with_new_adapter
from core.training.output_check import (
    MOST_PROMPTS,
    Agreement,
    ComparedTexts,
    Probabilities,
    agreement,
    next_token_probabilities,
    texts_to_compare,
)
from core.training.presets import config_from, preset
from tests.benchmarks.machine import THREADS, circumstances
from tests.benchmarks.real_posts import MAX_LENGTH_TOKENS, all_post_examples
from tests.benchmarks.train_sides import StepTimes

RESULT = Path(__file__).with_suffix(".json")
SEED, N_STEPS, BATCH_SIZE, N_HELD_OUT = 17, 10, 8, 64
# What the product's own export allows after a prompt and, on average, in running text.
TARGETS = {"f16": 0.005, "q8_0": 0.02}


@dataclass(frozen=True, slots=True)
class Reference:
    """What the run's own model holds likely on the texts. merged: that model as one, in float32."""

    texts: list[ComparedTexts]
    expected: list[Probabilities]
    merged: Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"})
    with tempfile.TemporaryDirectory() as folder:
        result = compare(Path(folder))
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def compare(folder: Path) -> dict[str, Any]:
    torch.set_num_threads(THREADS)
    told: dict[str, Any] = circumstances() | {"targets_at_most": TARGETS, "seed": SEED}
    base_folder = ready_model_folder(EMBEDDED, models_folder())
    form = chat_format(base_folder)
    learnt, held_out = split_by_post(all_post_examples(form))
    told["n_steps"], told["n_held_out"] = N_STEPS, len(held_out)
    adapter = trained_adapter(base_folder, form, learnt, folder)
    reference = made_reference(base_folder, adapter, form, held_out)
    config = read_config(base_folder)
    settings, tokenizer = gguf_settings(config, base_folder.name), gguf_tokenizer(form, config)
    for kind in gguf_file.GgufType:
        file = folder / f"{kind}.gguf"

        def write(file: Path = file, kind: gguf_file.GgufType = kind) -> None:
            gguf_file.write_gguf(
                file, reference.merged.state_dict(), settings=settings, tokenizer=tokenizer, kind=kind,
                template=form.template_text, name="benchmark",
            )  # fmt: skip

        told[str(kind)] = measured(reference, write, lambda file=file: gguf_file.load_gguf(file), [file])
    # Last: saving it turns its numbers into those of the base model's files.
    target, number_type = folder / "merged", merging.number_type_of(config)
    told["merged_safetensors"] = measured(
        reference,
        lambda: merging.save_merged(reference.merged, base_folder, target, number_type=number_type),
        lambda: merging.load_exactly(target),
        target,
    ) | {"type": number_type}  # fmt: skip
    told["load_after"] = [round(x, 2) for x in os.getloadavg()]
    return told


def split_by_post(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """(sections to learn from, held-out sections), of different posts."""
    posts = sorted({example.record_id for example in examples})
    random.Random(SEED).shuffle(posts)
    place = {post: n for n, post in enumerate(posts)}
    drawn = sorted(examples, key=lambda example: (place[example.record_id], example.id))
    held_out = drawn[:N_HELD_OUT]
    taken = {example.record_id for example in held_out}
    return [example for example in drawn if example.record_id not in taken][: N_STEPS * BATCH_SIZE], held_out


def trained_adapter(base_folder: Path, form: ChatFormat, learnt: Sequence[Example], folder: Path) -> Path:
    rows, _ = tokenise_examples(learnt, form, max_length_tokens=MAX_LENGTH_TOKENS)
    chosen = preset(Goal.VOICE, n_examples=len(rows), longest_tokens=MAX_LENGTH_TOKENS)
    config = config_from(
        {"max_steps": N_STEPS, "batch_size": BATCH_SIZE, "n_evaluations": 0, "seed": SEED}, base=chosen
    )
    model = with_new_adapter(load_base(base_folder), config)
    train(
        model, config, train_rows=rows, validation_rows=[], test_rows=[], checkpoint=folder / "checkpoint",
        progress=StepTimes(),
    )  # fmt: skip
    model.save_pretrained(str(folder / "adapter"))
    return folder / "adapter"


def made_reference(base_folder: Path, adapter: Path, form: ChatFormat, held_out: Sequence[Example]) -> Reference:
    # As many at a time as the product compares, so that every held-out text is among them.
    texts = [texts_to_compare(form, held_out[i : i + MOST_PROMPTS]) for i in range(0, len(held_out), MOST_PROMPTS)]
    tuned = merging.with_plain_adapter(merging.load_exactly(base_folder), adapter)
    return Reference(texts, [next_token_probabilities(tuned, some) for some in texts], merging.merged(tuned))


def measured(
    reference: Reference, write: Callable[[], None], load: Callable[[], Any], target: Path | list[Path]
) -> dict[str, Any]:
    """How far the model is off that is written and loaded again, how long both take, and how large its files are."""
    started = time.perf_counter()
    write()
    seconds_to_write = time.perf_counter() - started
    started = time.perf_counter()
    model = load()
    seconds_to_load = time.perf_counter() - started
    files = target if isinstance(target, list) else [file for file in target.iterdir() if file.is_file()]
    found = [
        agreement(expected, next_token_probabilities(model, some))
        for some, expected in zip(reference.texts, reference.expected, strict=True)
    ]
    told = {
        **differences(found),
        "seconds_to_write": round(seconds_to_write, 2),
        "seconds_to_load": round(seconds_to_load, 2),
        "size_mb": round(sum(file.stat().st_size for file in files) / 1e6, 1),
    }
    print(json.dumps(told), file=sys.stderr, flush=True)
    return told


def differences(found: Sequence[Agreement]) -> dict[str, Any]:
    n_prompts, n_positions = (sum(getattr(one, name) for one in found) for name in ("n_prompts", "n_positions"))
    weights = [one.n_positions for one in found]
    after, within = (max(getattr(one, name) for one in found) for name in ("largest_difference", "largest_in_text"))
    mean, same = (
        statistics.fmean([getattr(one, name) for one in found], weights) for name in ("mean_in_text", "same_likeliest")
    )
    return {
        "largest_difference": float(f"{max(after, within):.3g}"),
        "largest_after_a_prompt": float(f"{after:.3g}"),
        "mean_difference": float(f"{mean:.3g}"),
        "same_likeliest": round(same, 4),
        "n_prompts": n_prompts,
        "n_positions": n_positions,
    }


if __name__ == "__main__":
    main()

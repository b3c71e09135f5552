"""Drafting speed: this project's batches against one `generate()` call per brief, in one run.

Same model with an adapter on it, same briefs (instructions to sections of real posts), same sampling,
same limit of new tokens, key-value cache on in both. Rounds alternate between the sides. Counted are
the tokens that were generated, the end mark included; padding after it is not.

    .venv/bin/python -m tests.benchmarks.draft_speed

The share of the peak counts 2 N floating-point operations per generated token, forward alone; N is the number of the base model's
parameters. Reading the briefs is not counted, so the machine does a little more than the share says. The peak memory of each side
is that of a process of its own, which makes one round.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from core.config import models_folder
from core.nouns import Goal
from core.training.chat_format import ChatFormat, Message, chat_format
from core.training.generation import Sampling, generate_texts
from core.training.memory import peak_host_mb
from core.training.models import load_base, ready_model_folder, with_new_adapter
from core.training.presets import EMBEDDED, preset
from tests.benchmarks.machine import THREADS, circumstances, float32_peak_gflops, speeds_told
from tests.benchmarks.real_posts import post_examples
from tests.benchmarks.train_sides import in_process

RESULT = Path(__file__).with_suffix(".json")
SEED = 17


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--briefs", type=int, default=16)
    parser.add_argument("--new-tokens", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-of", choices=[*SIDES], help="one round of this side, and what its process held")
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"})
    warnings.filterwarnings("ignore")
    if arguments.memory_of:
        SIDES[arguments.memory_of](made_ready(arguments.briefs, arguments.new_tokens), seed=SEED)
        print(json.dumps({"peak_memory_mb": round(peak_host_mb())}))
        return
    result = compare(arguments)
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    print(f"{result['ratio']} times one call per brief")


@dataclass(frozen=True, slots=True)
class Drafting:
    """What both sides write with, and the briefs that they write for."""

    model: Any
    form: ChatFormat
    prompts: list[list[Message]]
    sampling: Sampling
    n_parameters: int


def made_ready(n_briefs: int, new_tokens: int) -> Drafting:
    torch.set_num_threads(THREADS)
    folder = ready_model_folder(EMBEDDED, models_folder())
    form = chat_format(folder)
    examples = post_examples(form, n_briefs, seed=SEED)
    prompts = [[message for message in e.messages if message["role"] != "assistant"] for e in examples]
    config = preset(Goal.VOICE, n_examples=len(prompts), longest_tokens=256)
    base = load_base(folder)
    n_parameters = sum(p.numel() for p in base.parameters())
    return Drafting(with_new_adapter(base, config), form, prompts, Sampling(max_new_tokens=new_tokens), n_parameters)


def compare(arguments: argparse.Namespace) -> dict[str, Any]:
    drafting = made_ready(arguments.briefs, arguments.new_tokens)
    result: dict[str, Any] = {**circumstances(), "target": {"ratio_at_least": 4.0}}
    peak = float32_peak_gflops()
    speeds: dict[str, list[float]] = {side: [] for side in SIDES}
    for number in range(arguments.rounds):
        for side, speed_of in SIDES.items():
            speeds[side].append(speed_of(drafting, seed=SEED + number))
        told = " and ".join(f"{some[-1]:.1f}" for some in speeds.values())
        print(f"round {number + 1}: {told} tokens/s", file=sys.stderr, flush=True)
    peak = max(peak, float32_peak_gflops())
    ours, peer = (statistics.median(speeds[side]) for side in SIDES)
    return result | {
        "n_briefs": len(drafting.prompts),
        "max_new_tokens": arguments.new_tokens,
        "n_rounds": arguments.rounds,
        "n_parameters": drafting.n_parameters,
        "float32_peak_gflops": round(peak, 1),
        **{side: facts_of(side, speeds[side], drafting, peak, arguments) for side in SIDES},
        "ratio": round(ours / peer, 2),
        "load_after": [round(x, 2) for x in os.getloadavg()],
    }


def facts_of(
    side: str, speeds: list[float], drafting: Drafting, peak_gflops: float, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Speed, share of the matrix-product peak, and the peak memory of one round in a process of its own; None where that failed."""
    command = ["--memory-of", side, "--briefs", str(arguments.briefs), "--new-tokens", str(arguments.new_tokens)]
    held = in_process("tests.benchmarks.draft_speed", command)
    share = 2 * drafting.n_parameters * statistics.median(speeds) / 1e9 / peak_gflops
    return speeds_told(speeds) | {
        "share_of_peak": round(share, 4),
        "peak_memory_mb": held["peak_memory_mb"] if held else None,
    }


def speed_of_batches(drafting: Drafting, *, seed: int) -> float:
    """Generated tokens per second of the product's own function."""
    started = time.perf_counter()
    texts = generate_texts(drafting.model, drafting.form, drafting.prompts, sampling=drafting.sampling, seed=seed)
    # A text that was not cut had its end mark generated too.
    n_tokens = sum(text.n_tokens + (not text.is_cut) for text in texts)
    return n_tokens / (time.perf_counter() - started)


def speed_one_by_one(drafting: Drafting, *, seed: int) -> float:
    """Generated tokens per second of one call for each brief, as the library's documentation shows it."""
    form, sampling = drafting.form, drafting.sampling
    torch.manual_seed(seed)
    n_tokens = 0
    started = time.perf_counter()
    drafting.model.eval()
    for prompt in drafting.prompts:
        ids = form.tokenizer.encode(form.render(prompt, for_answer=True), add_special_tokens=False).ids
        inputs = torch.tensor([ids])
        with torch.inference_mode():
            output = drafting.model.generate(
                input_ids=inputs,
                attention_mask=torch.ones_like(inputs),
                max_new_tokens=sampling.max_new_tokens,
                do_sample=True,
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                top_k=0,
                repetition_penalty=sampling.repetition_penalty,
                use_cache=True,
            )
        n_tokens += output.shape[1] - inputs.shape[1]
    return n_tokens / (time.perf_counter() - started)


SIDES = {"ours": speed_of_batches, "one_generate_call_per_brief": speed_one_by_one}


if __name__ == "__main__":
    main()

"""Drafting speed: this project's batches against one `generate()` call per brief, in one run.

Same model with an adapter on it, same briefs (instructions to sections of real posts), same sampling,
same limit of new tokens, key-value cache on in both. Rounds alternate between the sides. Counted are
the tokens that were generated, the end mark included; padding after it is not.

    .venv/bin/python tests/benchmarks/draft_speed.py
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
RESULT = HERE / "draft_speed.json"
SEED = 17


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--briefs", type=int, default=16)
    parser.add_argument("--new-tokens", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"})
    warnings.filterwarnings("ignore")
    result = compare(arguments)
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    print(f"{result['ratio']} times one call per brief")


def compare(arguments: argparse.Namespace) -> dict[str, Any]:
    import torch
    from machine import THREADS, circumstances, speeds_told
    from real_posts import post_examples

    from core.config import models_folder
    from core.nouns import Goal
    from core.training.chat_format import chat_format
    from core.training.generation import Sampling
    from core.training.models import load_base, ready_model_folder, with_new_adapter
    from core.training.presets import EMBEDDED, preset

    torch.set_num_threads(THREADS)
    folder = ready_model_folder(EMBEDDED, models_folder())
    form = chat_format(folder)
    examples = post_examples(form, arguments.briefs, seed=SEED)
    prompts = [[message for message in e.messages if message["role"] != "assistant"] for e in examples]
    config = preset(Goal.VOICE, n_examples=len(prompts), longest_tokens=256)
    model = with_new_adapter(load_base(folder), config)
    sampling = Sampling(max_new_tokens=arguments.new_tokens)
    result: dict[str, Any] = {**circumstances(), "target": {"ratio_at_least": 4.0}}
    ours, peer = [], []
    for number in range(arguments.rounds):
        ours.append(speed_of_batches(model, form, prompts, sampling, seed=SEED + number))
        peer.append(speed_one_by_one(model, form, prompts, sampling, seed=SEED + number))
        print(f"round {number + 1}: {ours[-1]:.1f} and {peer[-1]:.1f} tokens/s", file=sys.stderr, flush=True)
    result |= {
        "n_briefs": len(prompts),
        "max_new_tokens": arguments.new_tokens,
        "n_rounds": arguments.rounds,
        "ours": speeds_told(ours),
        "one_generate_call_per_brief": speeds_told(peer),
        "ratio": round(statistics.median(ours) / statistics.median(peer), 2),
        "load_after": [round(x, 2) for x in os.getloadavg()],
    }
    return result


def speed_of_batches(model: Any, form: Any, prompts: list[Any], sampling: Any, *, seed: int) -> float:
    """Generated tokens per second of the product's own function."""
    from core.training.generation import generate_texts

    started = time.perf_counter()
    texts = generate_texts(model, form, prompts, sampling=sampling, seed=seed)
    # A text that was not cut had its end mark generated too.
    n_tokens = sum(text.n_tokens + (not text.is_cut) for text in texts)
    return n_tokens / (time.perf_counter() - started)


def speed_one_by_one(model: Any, form: Any, prompts: list[Any], sampling: Any, *, seed: int) -> float:
    """Generated tokens per second of one call for each brief, as the library's documentation shows it."""
    import torch

    torch.manual_seed(seed)
    n_tokens = 0
    started = time.perf_counter()
    model.eval()
    for prompt in prompts:
        ids = form.tokenizer.encode(form.render(prompt, for_answer=True), add_special_tokens=False).ids
        inputs = torch.tensor([ids])
        with torch.inference_mode():
            output = model.generate(
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


if __name__ == "__main__":
    main()

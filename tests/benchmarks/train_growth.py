"""How training grows with the length of the examples (256 to 2,048 tokens) and with their number (100 to 5,000).

By length: rows that all have it, as many tokens at each length, ours and TRL tuned (no gradient checkpointing). By number: what a
run does before its first step on as many examples (checking and tokenising them), its memory, and the rate of four steps; a pass is
told at that rate. Where there are fewer real sections than examples, sections come again under other names.

    .venv/bin/python -m tests.benchmarks.train_growth
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.config import models_folder
from core.nouns import Example, Split
from core.training.base_models import EMBEDDED
from core.training.batches import TrainingRow
from core.training.chat_format import chat_format
from core.training.models import ready_model_folder
from core.training.preflight import check_examples
from core.training.presets import config_from
from tests.benchmarks.machine import circumstances
from tests.benchmarks.real_posts import MAX_LENGTH_TOKENS, POSTS, all_post_examples
from tests.benchmarks.train_sides import TRL_VERSION, in_process, install_trl, measure_ours, measure_trl

RESULT = Path(__file__).with_suffix(".json")
LENGTHS, NUMBERS = (256, 512, 1_024, 2_048), (100, 300, 1_000, 2_000, 5_000)
N_TOKENS, BATCH, N_STEPS, SEED = 8_192, 4, 4, 17
TUNED = "trl_no_checkpointing"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", choices=["ours", TUNED, "number"])
    parser.add_argument("--n", type=int)
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"})
    if arguments.side == "number":
        print(json.dumps(with_examples(arguments.n)))
    elif arguments.side:
        print(json.dumps(at_length(arguments.side, arguments.n)))
    else:
        compare(arguments.to)


def compare(to: Path) -> None:
    install_trl()
    result: dict[str, Any] = circumstances() | {"trl_version": TRL_VERSION, "by_length": [], "by_number": []}
    module = "tests.benchmarks.train_growth"
    for length in LENGTHS:
        both = {side: in_process(module, ["--side", side, "--n", str(length)]) for side in ("ours", TUNED)}
        result["by_length"].append({"n_tokens": length} | both)
        to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for number in NUMBERS:
        result["by_number"].append(in_process(module, ["--side", "number", "--n", str(number)]))
        to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    result["load_after"] = [round(x, 2) for x in os.getloadavg()]
    to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def at_length(side: str, length: int) -> dict[str, Any]:
    config = config_from(
        {"epochs": 1.0, "n_evaluations": 0, "seed": SEED, "batch_size": BATCH, "max_length_tokens": length}
    )
    rows = rows_of_length(length, N_TOKENS // length)
    measured = measure_ours(config, rows) if side == "ours" else measure_trl(side, config, rows, len(rows) // BATCH)
    kept = (
        "n_steps",
        "n_train_tokens",
        "seconds",
        "tokens_per_second",
        "tokens_per_second_by_step",
        "share_of_peak",
        "peak_memory_mb",
    )
    return {name: measured[name] for name in kept if name in measured}  # fmt: skip


def with_examples(n: int) -> dict[str, Any]:
    form = chat_format(ready_model_folder(EMBEDDED, models_folder()))
    config = config_from(
        {"max_steps": N_STEPS, "n_evaluations": 0, "seed": SEED, "max_length_tokens": MAX_LENGTH_TOKENS}
    )
    examples = as_many(all_post_examples(form), n)
    started = time.perf_counter()
    checked = check_examples({Split.TRAIN: examples, Split.VALIDATION: (), Split.TEST: ()}, form, config)
    seconds = time.perf_counter() - started
    rows = checked.rows[Split.TRAIN]
    measured = measure_ours(config, rows)
    n_tokens = sum(row.n_tokens for row in rows)
    return {
        "n_examples": len(rows),
        "n_tokens_a_pass": n_tokens,
        "preparing_seconds": round(seconds, 2),
        "tokens_per_second": measured["tokens_per_second"],
        "minutes_a_pass_at_this_rate": round(n_tokens / measured["tokens_per_second"] / 60, 1),
        "peak_memory_mb": measured["peak_memory_mb"],
        "n_steps_measured": measured["n_steps"],
    }


def as_many(examples: list[Example], n: int) -> list[Example]:
    again = (replace(one, id=f"{one.id}-{k}") for k in range(-(-n // len(examples))) for one in examples)
    return [one for one, _ in zip(again, range(n), strict=False)]


def rows_of_length(length: int, n: int) -> list[TrainingRow]:
    """n rows of exactly as many tokens, cut from real posts laid end to end; the first eighth of each is read only."""
    tokenizer = chat_format(ready_model_folder(EMBEDDED, models_folder())).tokenizer
    ids: list[int] = []
    for file in sorted(POSTS.glob("*.md")) * 3:
        if len(ids) >= length * n:
            break
        ids += tokenizer.encode(file.read_text(encoding="utf-8"), add_special_tokens=False).ids
    assert len(ids) >= length * n, "there are too few posts"
    given = length // 8
    rows = (ids[k * length : (k + 1) * length] for k in range(n))
    return [TrainingRow(f"row_{k}", row, [-100] * given + row[given:]) for k, row in enumerate(rows)]


if __name__ == "__main__":
    main()

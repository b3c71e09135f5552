"""Training speed: this project's loop against TRL's SFTTrainer, as it comes and tuned, in one run.

Same tokenised rows (sections of real posts), base model, LoRA shape, batch size, learning rate, threads and type; each side in a
process of its own. TRL is tuned as far as its options go on a processor: no gradient checkpointing, rows grouped by their length,
and compiled by torch; the quickest of these over a few steps is the tuned one, and is then measured over the whole pass, since grouped
rows come longest first. Ours is also measured on rows of one length, where nothing is padded.

    .venv/bin/python -m tests.benchmarks.train_speed
    .venv/bin/python -m tests.benchmarks.train_speed --again ours trl trl_tuned_whole    into the file of an earlier run; each tells its day

`tokens_per_second` is non-padding input tokens over the seconds from the first optimiser step's start to the last one's end,
evaluation excluded; what compiling takes in the first steps is not counted. The share of the peak counts 4 N floating-point
operations per token: 2 N forward and 2 N back to the inputs, because the base weights are frozen; N is the number of the base
model's parameters.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from core.config import models_folder
from core.nouns import Goal
from core.training.base_models import EMBEDDED
from core.training.batches import TrainingRow, tokenise_examples
from core.training.chat_format import chat_format
from core.training.models import ready_model_folder
from core.training.presets import TrainConfig, config_from, preset
from tests.benchmarks.machine import circumstances
from tests.benchmarks.real_posts import MAX_LENGTH_TOKENS, post_examples
from tests.benchmarks.train_growth import rows_of_length
from tests.benchmarks.train_sides import TRL_OPTIONS, TRL_VERSION, in_process, install_trl, measure_ours, measure_trl

RESULT = Path(__file__).with_suffix(".json")
N_TEST, SEED = 40, 17
OURS_STEPS, TRL_STEPS, UNIFORM_STEPS, COMPILING_STEPS = 25, 6, 5, 3
UNIFORM_TOKENS = 512
WHOLE = "trl_tuned_whole"
SIDES = ("ours", "ours_one_length", *TRL_OPTIONS, WHOLE)
TARGETS = {
    "ratio_at_least": 4.0, "ratio_to_tuned_at_least": 1.3, "share_of_peak_at_least": 0.42, "share_of_peak_at_one_length_at_least": 0.5,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", choices=["ours", "ours_one_length", *TRL_OPTIONS])
    parser.add_argument("--steps", type=int, default=TRL_STEPS, help="of a side of TRL's")
    parser.add_argument(
        "--again", nargs="+", choices=SIDES, help="measure these alone, into the file of an earlier run"
    )
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DO_NOT_TRACK": "1"})
    if arguments.side:
        print(json.dumps(measured(arguments.side, arguments.steps)))
        return
    install_trl()
    result = json.loads(arguments.to.read_text(encoding="utf-8")) if arguments.again else {}
    result |= {"trl_version": TRL_VERSION, "targets": TARGETS} | ({} if arguments.again else circumstances())
    for side in arguments.again or SIDES:
        result[side] = measure(side, result)
        arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    ours = result["ours"]["tokens_per_second"]
    result["ratio"] = round(ours / result["trl"]["tokens_per_second"], 2)
    result["ratio_to_tuned"] = round(ours / result["trl_tuned_whole"]["tokens_per_second"], 2)
    result["load_after"] = [round(x, 2) for x in os.getloadavg()]
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def measure(side: str, result: dict[str, Any]) -> dict[str, Any] | None:
    """One side in a process of its own, with its time and the load before. For TRL tuned: the quickest so far, which it names in result."""
    about = circumstances()
    arguments = ["--side", side]
    if side == WHOLE:
        tried = {name: result[name]["tokens_per_second"] for name in TRL_OPTIONS if name != "trl" and result[name]}
        result["trl_tuned"] = max(tried, key=lambda name: tried[name])
        arguments = ["--side", result["trl_tuned"], "--steps", str(OURS_STEPS)]
    told = in_process("tests.benchmarks.train_speed", arguments)
    return told and told | {name: about[name] for name in ("measured_at", "processor", "load_before")}


def measured(side: str, n_trl_steps: int) -> dict[str, Any]:
    if side == "ours_one_length":
        config = config_from({"epochs": 1.0, "n_evaluations": 0, "seed": SEED})
        return measure_ours(config, rows_of_length(UNIFORM_TOKENS, UNIFORM_STEPS * config.batch_size))
    config, rows = real_rows()
    if side == "ours":
        return measure_ours(config, rows[:-N_TEST], rows[-N_TEST:])
    n_warm = COMPILING_STEPS if TRL_OPTIONS[side].get("torch_compile") else 0
    return measure_trl(side, config, rows[:-N_TEST], n_trl_steps, n_warm=n_warm)


def real_rows() -> tuple[TrainConfig, list[TrainingRow]]:
    """The preset's settings, and sections of real posts: those of OURS_STEPS steps, and N_TEST more to measure the loss on."""
    form = chat_format(ready_model_folder(EMBEDDED, models_folder()))
    n = OURS_STEPS * 8
    chosen = preset(Goal.VOICE, n_examples=n, longest_tokens=MAX_LENGTH_TOKENS)
    config = config_from({"epochs": 1.0, "n_evaluations": 0, "seed": SEED}, base=chosen)
    rows, _ = tokenise_examples(post_examples(form, n + N_TEST, seed=SEED), form, max_length_tokens=MAX_LENGTH_TOKENS)
    return config, rows


if __name__ == "__main__":
    main()

"""Hold-out loss on posts that were never trained on: the tuned model against its base, on three document splits.

Everything by the command line, as a user would: import all posts, freeze one version of 120 of them for
each seed, train the preset for two epochs, read off both losses. Both are nats per trained token on identical
target tokens of the test split; the base model is the same one with the adapter switched off, in
its own chat template. Takes about 50 minutes on two cores.

    .venv/bin/python tests/benchmarks/hold_out_loss.py --data FOLDER
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from machine import circumstances
from real_posts import POSTS

HERE = Path(__file__).resolve().parent
RESULT = HERE / "hold_out_loss.json"
PROJECT, SEEDS, EPOCHS, RECIPE = "voice", (17, 18, 19), 2, "random:120"
TARGETS = {"mean_change_at_most": -0.08, "n_train_at_least": 400}
TERMS = ("--owner", "Ben Balter", "--purpose", "brand voice", "--basis", "consent", "--licence", "CC BY 3.0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a new data folder; it is kept, with its adapters")
    parser.add_argument("--to", type=Path, default=RESULT)
    arguments = parser.parse_args()

    def proofroom(*words: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "studio.cli", *words, "--data", str(arguments.data), "--json"]
        done = subprocess.run(command, cwd=HERE.parents[1], stdout=subprocess.PIPE, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    result = circumstances() | {"targets": TARGETS, "seeds": SEEDS, "epochs": EPOCHS, "recipe": RECIPE}
    proofroom("project", "create", PROJECT, "--goal", "voice")
    proofroom("import", str(POSTS), "--project", PROJECT, *TERMS)
    proofroom("dedup", "--project", PROJECT)
    result["splits"] = [measure(proofroom, seed) for seed in SEEDS]
    changes = [split["change"] for split in result["splits"]]
    result |= {
        "mean_change": round(statistics.mean(changes), 4),
        "lowest": min(changes),
        "highest": max(changes),
        "n": len(changes),
    }
    arguments.to.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    print(f"Hold-out loss {result['mean_change']:+.1%} as the mean of {len(changes)} splits")


def measure(proofroom: Any, seed: int) -> dict[str, Any]:
    """One split: freeze with the seed, train, and the figures of the run."""
    name = f"v{seed}"
    frozen = proofroom("freeze", "--project", PROJECT, "--name", name, "--recipe", RECIPE, "--seed", str(seed))
    run = proofroom("train", name, "--project", PROJECT, "--epochs", str(EPOCHS), "--name", f"run-{seed}", "--wait")
    print(f"seed {seed}: {run['base_eval_loss']:.3f} to {run['eval_loss']:.3f}", file=sys.stderr, flush=True)
    wanted = ("n_train_examples", "n_train_tokens", "n_steps", "seconds", "tokens_per_second", "base_eval_loss", "eval_loss",
              "peak_memory_mb")  # fmt: skip
    return {
        "seed": seed,
        "content_sha256": frozen["content_sha256"],
        "n_records": frozen["n_records"],
        "n_examples": frozen["n_examples"],
        **{key: run[key] for key in wanted},
        "change": round(run["eval_loss"] / run["base_eval_loss"] - 1, 4),
    }


if __name__ == "__main__":
    main()

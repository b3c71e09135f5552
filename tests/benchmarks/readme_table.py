"""Puts the figures of the last benchmark runs into the README, between its two marks.

    .venv/bin/python -m tests.benchmarks.readme_table

A test compares the README with what this writes, so that a figure there is always a measured one.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
README = HERE.parents[1] / "README.md"
MARKED = re.compile(r"(<!-- measured -->\n).*?(<!-- end of measured -->)", re.DOTALL)


def main() -> None:
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")


def with_table(readme: str) -> str:
    """The README with the table made anew. Raises ValueError when it lacks the marks."""
    if not MARKED.search(readme):
        raise ValueError("README.md lacks the marks around the measured figures")
    return MARKED.sub(lambda marks: marks[1] + table() + marks[2], readme)


def table() -> str:
    train, draft = last("train_speed"), last("draft_speed")
    ours, trl = train["ours"], train["trl"]
    batches, singles = draft["ours"], draft["one_generate_call_per_brief"]
    rows = [
        ("LoRA training, tokens/s", "TRL's SFTTrainer, its defaults", f"{ours['tokens_per_second']:.0f}",
         f"{trl['tokens_per_second']:.0f}", f"{train['ratio']:.1f} times", f"{ours['n_steps']} and {trl['n_steps']} steps of 8"),
        ("Peak memory of the training process, MB", "the same", f"{ours['peak_memory_mb']:,.0f}", f"{trl['peak_memory_mb']:,.0f}",
         f"{ours['peak_memory_mb'] / trl['peak_memory_mb']:.0%}", "the same runs"),
        ("Writing drafts, generated tokens/s", "one `generate()` call per brief", f"{batches['tokens_per_second_median']:.0f}",
         f"{singles['tokens_per_second_median']:.0f}", f"{draft['ratio']:.1f} times",
         f"{draft['n_rounds']} rounds of {draft['n_briefs']} briefs"),
    ]  # fmt: skip
    lines = ["| what | against | Proofroom | the other | ratio | n |", "|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, "", circumstances(train), ""])


def circumstances(result: dict[str, Any]) -> str:
    versions = result["versions"]
    return (
        f"{result['processor']}, {result['cores']} cores, no GPU, float32; torch {versions['torch']}, transformers "
        f"{versions['transformers']}, peft {versions['peft']}, TRL {result['trl_version']}; training uses "
        f"{result['ours']['share_of_peak']:.0%} of the machine's best float32 matrix product at four operations per parameter and "
        "token. Everything stands in `tests/benchmarks/*.json`, beside the scripts that measured it."
    )


def last(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return result


if __name__ == "__main__":
    main()

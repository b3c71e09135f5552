"""Puts the figures of the last benchmark runs into the README, between its two marks.

    .venv/bin/python -m tests.benchmarks.readme_table

A test compares the README with what this writes, so that a figure there is always a measured one.
"""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path
from typing import Any

from tests.benchmarks import readme_curation, readme_hardening, readme_review, readme_training

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
    train, draft, held_out = last("train_speed"), last("draft_speed"), last("hold_out_loss")
    ours, trl = train["ours"], train["trl"]
    batches, singles = draft["ours"], draft["one_generate_call_per_brief"]
    rows = [
        ("LoRA training, tokens/s", "TRL's SFTTrainer, its defaults", f"{ours['tokens_per_second']:.0f}",
         f"{trl['tokens_per_second']:.0f}", f"{train['ratio']:.1f} times{goal(train, 'ratio')}",
         f"{ours['n_steps']} and {trl['n_steps']} steps of 8"),
        *tuned(train),
        ("Peak memory of the training process, MB", "TRL's SFTTrainer, its defaults", f"{ours['peak_memory_mb']:,.0f}", f"{trl['peak_memory_mb']:,.0f}",
         f"{ours['peak_memory_mb'] / trl['peak_memory_mb']:.0%}", "the same runs"),
        ("Writing drafts, generated tokens/s", "one `generate()` call per brief", f"{batches['tokens_per_second_median']:.0f}",
         f"{singles['tokens_per_second_median']:.0f}", f"{draft['ratio']:.1f} times",
         f"{draft['n_rounds']} rounds of {draft['n_briefs']} briefs, load {draft['load_before'][0]:.1f}{held_by(batches, singles)}"),
        hold_out(held_out["splits"], held_out["epochs"]),
    ]  # fmt: skip
    for name, rows_of in (readme_training.ROWS | readme_curation.ROWS | readme_review.ROWS).items():
        if (HERE / f"{name}.json").exists():
            rows += rows_of(last(name))
    rows += readme_hardening.rows()
    lines = ["| what | against | Proofroom | the other | ratio | n |", "|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(
        [
            *lines,
            "",
            circumstances(train, draft, held_out, last("train_growth")),
            "",
            pipeline(last("pipeline_speed")),
            "",
            readme_review.what_edits_are(last("edit_classes")),
            "",
        ]
    )


def held_by(batches: dict[str, Any], singles: dict[str, Any]) -> str:
    """How much of the machine writing drafts used, where the last run of the benchmark told it."""
    if "share_of_peak" not in batches:
        return ""
    shares, memory = ([one[name] for one in (batches, singles)] for name in ("share_of_peak", "peak_memory_mb"))
    told = f"; {shares[0]:.1%} and {shares[1]:.1%} of the matrix-product peak"
    return told + (f", {memory[0]:,} and {memory[1]:,} MB" if all(memory) else "")


def goal(train: dict[str, Any], name: str) -> str:
    """What was aimed at, where it was missed."""
    aim = train["targets"][f"{name}_at_least"]
    return "" if train[name] >= aim else f" (the goal of {aim:.1f} is not met)"


def tuned(train: dict[str, Any]) -> list[tuple[str, ...]]:
    """Against the quickest of TRL's options, over the whole pass."""
    ours, best = train["ours"], train["trl_tuned_whole"]
    options = ", ".join(f"{name}={value}" for name, value in best["options"].items())
    return [("The same", f"TRL tuned: {options}", f"{ours['tokens_per_second']:.0f}", f"{best['tokens_per_second']:.0f}",
             f"{train['ratio_to_tuned']:.1f} times{goal(train, 'ratio_to_tuned')}", f"{ours['n_steps']} and {best['n_steps']} steps of 8")]  # fmt: skip


def hold_out(splits: list[dict[str, Any]], epochs: int) -> tuple[str, ...]:
    """Loss on posts that were not trained on. Each split's own figures stand in the file."""
    tuned, base = (statistics.mean(split[key] for split in splits) for key in ("eval_loss", "base_eval_loss"))
    changes = [split["change"] for split in splits]
    fewest = min(split["n_train_examples"] for split in splits)
    return (
        "Loss on unseen posts, nats per token", "the base model before training", f"{tuned:.3f}", f"{base:.3f}",
        f"{statistics.mean(changes):+.1%} ({min(changes):+.1%} to {max(changes):+.1%})",
        f"{len(splits)} document splits, {epochs} epochs of at least {fewest} sections",
    )  # fmt: skip


def circumstances(
    train: dict[str, Any], draft: dict[str, Any], held_out: dict[str, Any], growth: dict[str, Any]
) -> str:
    versions = train["versions"]
    machines = {
        what: one["processor"]
        for what, one in (("training", train), ("drafts", draft), ("loss on unseen posts", held_out))
    }
    told = "; ".join(
        f"{', '.join(what for what, on in machines.items() if on == machine)} on {machine}"
        for machine in dict.fromkeys(machines.values())
    )
    shares = ", ".join(f"{one['ours']['share_of_peak']:.0%} at {one['n_tokens']:,}" for one in growth["by_length"])
    return (
        f"Measured: {told}; {train['cores']} cores, no GPU, float32; torch {versions['torch']}, transformers {versions['transformers']}, "
        f"peft {versions['peft']}, TRL {train['trl_version']}. Training uses {train['ours']['share_of_peak']:.1%} of the machine's best float32 "
        "matrix product at four operations per parameter and token, attention uncounted; where all rows are of one length, "
        f"{train['ours_one_length']['share_of_peak']:.1%} at 512 tokens over {train['ours_one_length']['n_steps']} steps, and in shorter "
        f"series {shares} tokens (the goals: 42%, and 50% at one length). Every row's own file in `tests/benchmarks` stands beside the "
        "script that measured it."
    )  # fmt: skip


def pipeline(result: dict[str, Any]) -> str:
    """How long measuring takes, without a peer that does the same."""
    threads, largest = result["threads"], result["articles_without_embedding"][-1]
    stages = sorted(threads["measure"].items(), key=lambda stage: -stage[1])[:3]
    told = ", ".join(f"{name.lower()} {seconds:.0f} s" for name, seconds in stages)
    return (
        f"{threads['n_records']:,} real threads are imported in {threads['import_seconds']:.0f} s and measured in "
        f"{threads['measure_seconds']:.0f} s ({told}); {largest['n_records']:,} invented articles, without the embedding, in "
        f"{largest['import_seconds']:.0f} s and {largest['measure_seconds'] / 60:.0f} min, which is "
        f"{largest['records_per_second']['measure']:.0f} records a second. {result['processor']}, {result['cores']} cores."
    )


def last(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return result


if __name__ == "__main__":
    main()

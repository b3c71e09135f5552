"""What a run is foreseen to take, and what a check found, in the words of a terminal."""

from __future__ import annotations

from typing import Any

from core.training.energy import WITHOUT_GPU
from studio.parts.counting import several

# Of what falls out, or leaks, so many are named; the JSON has all.
MOST_NAMED = 10


def estimate_words(estimate: dict[str, Any]) -> str:
    """Steps, minutes, memory and energy, as one line."""
    memory = f"{estimate['peak_memory_mb'] / 1024:.1f} GB of memory"
    energy = f"{estimate['energy_wh']:.1f} Wh."
    if estimate["device_memory_mb"]:
        memory += f", {estimate['device_memory_mb'] / 1024:.1f} GB of the graphics processor's"
        energy += f" {WITHOUT_GPU}."
    return f"{several(estimate['n_steps'], 'step')}, about {estimate['minutes']:.0f} min, {memory} and {energy}"


def plan_words(plan: dict[str, Any]) -> str:
    """The run card of `proofroom train`."""
    lines = [
        f"{several(plan['n_train'], 'example')} of {plan['version']['name']}, {plan['estimate']['n_train_tokens']:,} tokens to read.",
        estimate_words(plan["estimate"]),
    ]
    lines += [f"{name}: {chosen} instead of the preset's {usual}." for name, (usual, chosen) in plan["differs"].items()]
    lines += plan["obstacles"]
    if plan["check_broke_off"]:
        lines.append(f"The check of these settings did not come to its end. {plan['check_broke_off']}")
    return "\n".join(lines)


def check_words(told: dict[str, Any], estimate: dict[str, Any]) -> str:
    """What a check found: findings, lengths, what falls out by name, leaks, the trial, and what a run would take."""
    lines = [finding["sentence"] for finding in told["findings"]] or ["Nothing stands against this run."]
    lengths = told["lengths"]["train"]
    if lengths["n"]:
        lines.append(
            f"{several(lengths['n'], 'training example')}, {lengths['n_tokens']:,} tokens, of which {lengths['n_trained_tokens']:,} are learnt. "
            f"Half are no longer than {lengths['median']:,}; the longest has {lengths['longest']:,}."
        )
    n_dropped = sum(told["n_dropped"].values())
    if n_dropped:
        rows = [
            f"{one['external_id']} ({split}): {one['detail']}"
            for split, some in told["dropped"].items()
            for one in some
        ]
        lines += [
            f"{several(n_dropped, 'example')} {'falls' if n_dropped == 1 else 'fall'} out:",
            *_named(rows, n_dropped),
        ]
    if told["n_leaks"]:
        rows = [f"{one['external_id']} ({one['split']}): {one['share']:.0%} of its words" for one in told["leaks"]]
        stand = "stands" if told["n_leaks"] == 1 else "stand"
        lines += [
            f"{several(told['n_leaks'], 'held-out text')} {stand} in the training text:",
            *_named(rows, told["n_leaks"]),
        ]
    dry = told["dry_step"]
    if dry:
        held = dry.get("device_memory_mb")
        on_gpu = f", and {held / 1024:.1f} GB of the graphics processor's" if held else ""
        lines.append(
            f"The {dry['n_rows']} longest examples: {dry['tokens_per_second']:.0f} tokens a second, {dry['peak_memory_mb'] / 1024:.1f} GB at most{on_gpu}."
        )
    lines.append(f"A run: {estimate_words(estimate)}")
    return "\n".join(lines)


def _named(rows: list[str], n: int) -> list[str]:
    """The first of n rows, and how to get the others."""
    shown = [f"  {row}" for row in rows[:MOST_NAMED]]
    more = n - len(shown)
    return [*shown, f"  {more:,} more: --json lists all of them."] if more else shown

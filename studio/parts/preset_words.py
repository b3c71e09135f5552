"""What a preset chose for a run, and why, in plain words."""

from __future__ import annotations

from typing import Any

from core.nouns import Goal

PASSES = {1.0: "once", 2.0: "twice"}
# Of fewer examples each is read more than twice.
SMALL_SET, LARGE_SET = 300, 2_000


def why(reference: dict[str, Any], *, n_examples: int, goal: str) -> str:
    """The passes, the rate and the rank of a preset. reference: its settings. goal: of the preset."""
    epochs = reference["epochs"]
    passes = PASSES.get(epochs, f"{epochs:g} times")
    if n_examples < SMALL_SET:
        reason = "since a small set has to be seen more than once, though what is seen often is learnt by heart"
    elif n_examples < LARGE_SET:
        reason = "since a set of this size gets two passes, the one number that was measured here"
    else:
        reason = "since so many examples are taken to teach enough in one pass"
    return (
        f"Why the preset chose this: each of the {n_examples:,} examples is read {passes}, {reason}. The learning rate, how far each step goes, is "
        f"{reference['learning_rate']:g}: {_rate(goal)}. The adapter's rank is {reference['rank']}: we hold that to be room enough for a voice, or for a "
        "task of a few thousand examples; more would cost memory. All settings says of each where it comes from, and what nobody has measured."
    )


def _rate(goal: str) -> str:
    """What the rate is against full fine-tuning, where it is taken from."""
    if goal == Goal.VOICE:
        return "about ten times what training all weights would take, since only a small adapter is trained"
    return (
        "about five times what training all weights would take, half of what a voice gets, because answers and comments repeat more than prose; "
        "support and code review have the same preset"
    )

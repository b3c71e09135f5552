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
        reason = "since a small set has to be seen more than once; what further passes bring is mostly learnt by heart"
    elif n_examples < LARGE_SET:
        reason = "since a set of this size is learnt in two passes, and by heart in more"
    else:
        reason = "since so many examples teach enough in one pass"
    gentler = (
        ""
        if goal == Goal.VOICE
        else ", and halved, because answers and comments repeat more than prose and would be learnt by heart"
    )
    return (
        f"Why the preset chose this: each of the {n_examples:,} examples is read {passes}, {reason}. The learning rate, how far each step goes, is "
        f"{reference['learning_rate']:g}: about ten times what training all weights would take, since only a small adapter is trained{gentler}. "
        f"The adapter's rank is {reference['rank']}: room for a voice, or for a task of a few thousand examples; more would only cost memory."
    )

"""One score from 0 to 1 by a fixed formula, with its three strongest reasons in words.

score = product over defects of (1 - weight), times a gentle factor for signals out of their
usual range. Duplicates are settled pair by pair, and do not count here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.curate.flags.registry import MEANINGS, WEIGHTS
from core.nouns import Flag

LOW_RELEVANCE, LOW_TYPICALITY, LOW_LETTERS = 0.25, 0.2, 0.55
# At 1 the question takes nothing off the answer's loss.
HIGH_DIFFICULTY = 1.0
N_REASONS = 3


@dataclass(frozen=True, slots=True)
class Score:
    """value in [0, 1]; reasons: at most three sentences, the strongest first."""

    value: float
    reasons: tuple[str, ...]


def score_of(flags: Sequence[Flag], signals: Mapping[str, float]) -> Score:
    """The score of one record. Duplicate flags are not known to it: they depend on judgements."""
    weighed = [(WEIGHTS[f.name], f"{MEANINGS[f.name]} {f.evidence}") for f in flags if f.name in WEIGHTS]
    for name, limit, weight, sentence in (
        ("prompt_answer_cosine", LOW_RELEVANCE, 0.3, "The answer is far from the question in meaning ({:.2f} of 1)."),
        ("typicality", LOW_TYPICALITY, 0.15, "It is unlike the rest of the project ({:.2f} of 1)."),
        ("letter_share", LOW_LETTERS, 0.15, "Little of it is letters ({:.0%})."),
    ):
        value = signals.get(name)
        if value is not None and value < limit:
            weighed.append((weight, sentence.format(value)))
    if (left := signals.get("loss_left", 0.0)) >= HIGH_DIFFICULTY:
        weighed.append(
            (
                0.15,
                f"What is asked says nothing of the text: it is no easier to foresee with it than without ({left:.2f} of its loss is left).",
            )
        )
    value = 1.0
    for weight, _ in weighed:
        value *= 1 - weight
    weighed.sort(key=lambda item: -item[0])
    reasons = tuple(sentence for _, sentence in weighed[:N_REASONS]) or ("Nothing lowers its score.",)
    return Score(round(value, 4), reasons)

"""Which training examples of a version a run learns from: a share of the records, and of those all, some at random or the longest.

Choices depend on ids and the seed alone, so that the same run chooses the same examples anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from core.nouns import Example
from core.training.presets import TAKE, TrainConfig

T = TypeVar("T")


def chosen_examples(examples: Sequence[Example], config: TrainConfig) -> list[Example]:
    """What `train_share` and `take` of the configuration leave, in the order of the version."""
    left = share_of(examples, config.train_share)
    found = TAKE.fullmatch(config.take)
    if found is None:
        return left
    n = int(found[2])
    if found[1] == "random":
        ranked = sorted(left, key=lambda one: _hash(f"{config.seed}:{one.id}"))
    else:
        ranked = sorted(left, key=lambda one: (-len(answer_text(one)), one.id))
    kept = {one.id for one in ranked[:n]}
    return [one for one in left if one.id in kept]


def share_of(examples: Sequence[Example], share: float) -> list[Example]:
    """The examples of a share of the records, at least of one: chosen by a hash of their ids, so that a smaller share is part of a larger."""
    if share >= 1.0:
        return list(examples)
    records = sorted({one.record_id for one in examples}, key=_hash)
    kept = set(records[: max(1, round(share * len(records)))])
    return [one for one in examples if one.record_id in kept]


def answer_text(example: Example) -> str:
    """What an example teaches: all that the assistant says."""
    return "\n\n".join(message["content"] for message in example.messages if message["role"] == "assistant")


def evenly(items: Sequence[T], n: int) -> list[T]:
    """n of them, as far apart as can be; all where there are no more."""
    return [items[i * len(items) // n] for i in range(n)] if len(items) > n else list(items)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

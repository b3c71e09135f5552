"""Training examples shown to the base model before a request: what a prompt alone can do, which every tuned model has to beat."""

from __future__ import annotations

import random
from collections.abc import Sequence

from core.errors import Invalid
from core.nouns import Example
from core.training.chat_format import ChatFormat, Message

N_SHOTS = 3
SHOT_TOKENS = 500


def shots_of(examples: Sequence[Example], form: ChatFormat, *, seed: int) -> list[Message]:
    """Three examples as turns, drawn by the seed among those that are not long; fewer where there are no more."""
    fitting = [e for e in examples if _is_short(e, form)]
    chosen = random.Random(seed).sample(fitting, min(N_SHOTS, len(fitting)))
    return [message for example in chosen for message in example.messages if message["role"] != "system"]


def _is_short(example: Example, form: ChatFormat) -> bool:
    """Whether it is; false too where the template does not take it, since a run does not learn from that either."""
    try:
        return form.count_chat_tokens(example.messages) <= SHOT_TOKENS
    except Invalid:
        return False

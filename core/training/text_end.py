"""How likely a base model finds it that a text ends where it does: by a stop, a closing mark, a line break or the end of the turn.

Of a text that breaks off in mid-sentence it expects next to nothing of the kind, whatever its last word is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch
from tokenizers import Tokenizer

from core.training.batches import TrainingRow, micro_batches
from core.training.models import as_tensors, hidden_states, output_weight

# The sentence that ends, and some of what came before it.
CONTEXT_TOKENS, CONTEXT_CHARACTERS = 80, 480
GROUP_TOKENS = 1_280
ENDS = re.compile(r"[.!?…;)\]\"”»\n]")


def end_probabilities(
    model: Any, tokenizer: Tokenizer, texts: Sequence[str], told: Callable[[int], None]
) -> list[float]:
    """One in [0, 1] for each text. told: called with the number done."""
    rows = [
        _row(i, tokenizer.encode(text[-CONTEXT_CHARACTERS:], add_special_tokens=False).ids)
        for i, text in enumerate(texts)
    ]
    found = [1.0] * len(texts)
    weight = output_weight(model)
    ends = torch.tensor(_end_tokens(tokenizer), device=weight.device)
    done = 0
    with torch.inference_mode():
        for group in micro_batches([row for row in rows if row.ids], budget_tokens=GROUP_TOKENS):
            ids, _ = as_tensors(group, weight.device)
            hidden = hidden_states(model, ids)
            last = torch.stack([hidden[i, row.n_tokens - 1] for i, row in enumerate(group)])
            shares = torch.softmax((last @ weight.T).float(), dim=-1)[:, ends].sum(dim=-1)
            for row, share in zip(group, shares.tolist(), strict=True):
                found[int(row.example_id)] = min(1.0, float(share))
            done += len(group)
            told(done)
    return found


def _row(i: int, ids: Sequence[int]) -> TrainingRow:
    kept = tuple(ids[-CONTEXT_TOKENS:])
    return TrainingRow(str(i), kept, (-100,) * len(kept))


@lru_cache(maxsize=4)
def _end_tokens(tokenizer: Tokenizer) -> list[int]:
    """Tokens that begin with what ends a sentence, and those that end a turn or a text."""
    special = {i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    return sorted(i for i in tokenizer.get_vocab().values() if i in special or ENDS.match(tokenizer.decode([i])))

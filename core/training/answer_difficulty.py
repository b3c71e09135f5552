"""How hard an answer is to foresee for a base model: its loss after the question, and its loss without one.

The ratio of the two says what the question contributes. Near 1 it contributes nothing: the answer fits any question, or
none. Source: instruction-following difficulty (Li et al. 2024, "From Quantity to Quality"), here with losses in place of
perplexities. Of a chat the last answer counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.errors import Invalid
from core.training.batches import TrainingRow, micro_batches
from core.training.chat_format import ChatFormat, Message
from core.training.loss import answer_losses
from core.training.models import as_tensors, hidden_states, output_weight
from core.training.progress import Progress

# More of a text changes the ratio little and costs time in proportion.
ANSWER_TOKENS, PROMPT_TOKENS = 256, 512
# Of a longer prompt the beginning stays, where the template speaks, and the end, where the question usually is.
PROMPT_HEAD_TOKENS = 128
GROUP_CHATS, STRETCH_CHATS, GROUP_TOKENS = 8, 48, 2_048


@dataclass(frozen=True, slots=True)
class AnswerDifficulty:
    """Nats a token of one answer, after its question (prompted) and after an empty one (alone), over n_tokens tokens."""

    prompted: float
    alone: float
    n_tokens: int


def answer_difficulties(
    model: Any, form: ChatFormat, chats: Sequence[Sequence[Message]], progress: Progress, *, phase: str
) -> dict[int, AnswerDifficulty]:
    """By the chat's place; a chat that cannot be told as this model's is left out. Stops early, with what it has, when cancelled."""
    empty = form.tokenizer.encode(
        form.render([{"role": "user", "content": ""}], for_answer=True), add_special_tokens=False
    ).ids
    both = {i: rows for i, chat in enumerate(chats) if (rows := _two_rows(form, chat, empty)) is not None}
    # In the order given, so that one that is stopped has read the first; of a stretch alike lengths together waste the least on padding.
    order = [
        i
        for start in range(0, len(chats), STRETCH_CHATS)
        for i in sorted(
            (i for i in range(start, start + STRETCH_CHATS) if i in both), key=lambda i: (both[i][0].n_tokens, i)
        )
    ]
    found: dict[int, AnswerDifficulty] = {}
    for start in range(0, len(order), GROUP_CHATS):
        if progress.cancelled():
            break
        group = order[start : start + GROUP_CHATS]
        prompted = _losses(model, [both[i][0] for i in group])
        alone = _losses(model, [both[i][1] for i in group])
        for i, with_question, without in zip(group, prompted, alone, strict=True):
            found[i] = AnswerDifficulty(with_question, without, both[i][0].n_target_tokens)
        progress.report(phase=phase, done=len(found), total=len(order))
    return found


def _two_rows(
    form: ChatFormat, chat: Sequence[Message], empty: Sequence[int]
) -> tuple[TrainingRow, TrainingRow] | None:
    """The last answer after its question and after an empty one, both cut to the same length."""
    if form.control_token_in(chat) is not None:
        return None
    try:
        whole = form.tokenise(chat)
    except Invalid:
        return None
    end = next((i for i in range(len(whole.labels), 0, -1) if whole.labels[i - 1] != -100), 0)
    start = next((i for i in range(end, 0, -1) if whole.labels[i - 1] == -100), 0)
    answer, prompt = whole.ids[start:end][:ANSWER_TOKENS], whole.ids[:start]
    if not answer or not prompt:
        return None
    if len(prompt) > PROMPT_TOKENS:
        prompt = prompt[:PROMPT_HEAD_TOKENS] + prompt[PROMPT_HEAD_TOKENS - PROMPT_TOKENS :]
    return _row("prompted", prompt, answer), _row("alone", tuple(empty), answer)


def _row(name: str, prompt: tuple[int, ...], answer: tuple[int, ...]) -> TrainingRow:
    return TrainingRow(name, prompt + answer, (-100,) * len(prompt) + answer)


def _losses(model: Any, rows: Sequence[TrainingRow]) -> list[float]:
    """Nats a token of each row's answer, in the rows' order."""
    weight = output_weight(model)
    numbered = [TrainingRow(str(i), row.ids, row.labels) for i, row in enumerate(rows)]
    losses = [0.0] * len(rows)
    with torch.inference_mode():
        for group in micro_batches(numbered, budget_tokens=GROUP_TOKENS):
            ids, labels = as_tensors(group, weight.device)
            for row, nats in zip(group, answer_losses(hidden_states(model, ids), weight, labels), strict=True):
                losses[int(row.example_id)] = nats / row.n_target_tokens
    return losses

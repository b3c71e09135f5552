"""Whether two models say the same: next-token probabilities over the same real texts, and how far they are apart.

Two things are compared: what comes next after each prompt, where an answer begins, and what comes next at the last
tokens of each chat, where most is known. A file with a wrong weight is far off in both; rounding to eight bits shows at
those few places of a text where two words are equally likely, so there the mean counts, and the largest is told.
Two models are never in memory together: the first one's probabilities are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.errors import Invalid, Refused
from core.nouns import Example
from core.training.chat_format import ChatFormat

MOST_PROMPTS, MOST_CHATS = 16, 8
# Long enough that a wrong turn of rope shows, short enough for a minute's work.
MOST_TOKENS, COMPARED_TOKENS = 256, 64


@dataclass(frozen=True, slots=True)
class ComparedTexts:
    """Token ids. prompts: each up to where the answer begins. chats: whole, or their beginning."""

    prompts: list[list[int]]
    chats: list[list[int]]


@dataclass(frozen=True, slots=True)
class Probabilities:
    """(places, vocabulary) in float32. after_prompts: one place a prompt. in_chats: the last COMPARED_TOKENS of each chat."""

    after_prompts: torch.Tensor
    in_chats: torch.Tensor


@dataclass(frozen=True, slots=True)
class Agreement:
    """Differences of probabilities, absolute. largest_difference: of any token after any of n_prompts prompts.

    mean_in_text, largest_in_text: of each place's largest, over n_positions places of running text. same_likeliest: the
    share of these places with the same likeliest token.
    """

    largest_difference: float
    mean_in_text: float
    largest_in_text: float
    same_likeliest: float
    n_prompts: int
    n_positions: int

    def within(self, limit: float) -> bool:
        """False also for what is no number."""
        return self.largest_difference <= limit and self.mean_in_text <= limit


def texts_to_compare(form: ChatFormat, examples: Sequence[Example]) -> ComparedTexts:
    """From the first examples that the template takes. Raises Refused when there is none."""
    prompts: list[list[int]] = []
    chats: list[list[int]] = []
    for example in examples:
        messages = example.messages
        answer = max((i for i, m in enumerate(messages) if m["role"] == "assistant"), default=len(messages))
        try:
            prompt = form.render(messages[:answer], for_answer=True)
            chat = form.render(messages)
        except Invalid:
            continue
        prompts.append(_ids(form, prompt)[-MOST_TOKENS:])
        chats.append(_ids(form, chat)[:MOST_TOKENS])
        if len(prompts) == MOST_PROMPTS:
            break
    if not prompts:
        raise Refused(
            "The version has no example with which the exported model could be checked.",
            remedy="Export the run of a version that has examples.",
        )
    return ComparedTexts(prompts, chats[:MOST_CHATS])


def next_token_probabilities(model: Any, texts: ComparedTexts) -> Probabilities:
    """What the model holds likely, on the device that it is on."""
    model.eval()
    with torch.inference_mode():
        return Probabilities(
            torch.cat([_last(model, ids, 1) for ids in texts.prompts]),
            torch.cat([_last(model, ids, COMPARED_TOKENS) for ids in texts.chats]),
        )


def agreement(expected: Probabilities, found: Probabilities) -> Agreement:
    """How far `found` is from `expected`; infinitely where they are of two vocabularies."""
    n_prompts, n_positions = len(expected.after_prompts), len(expected.in_chats)
    if expected.in_chats.shape != found.in_chats.shape:
        infinite = float("inf")
        return Agreement(infinite, infinite, infinite, 0.0, n_prompts, n_positions)
    after, within = _largest(expected.after_prompts, found.after_prompts), _largest(expected.in_chats, found.in_chats)
    same = (expected.in_chats.argmax(-1) == found.in_chats.argmax(-1)).float().mean()
    return Agreement(
        float(after.max()), float(within.mean()), float(within.max()), float(same), n_prompts, n_positions
    )  # fmt: skip


def _ids(form: ChatFormat, text: str) -> list[int]:
    return form.tokenizer.encode(text, add_special_tokens=False).ids


def _last(model: Any, ids: Sequence[int], n_tokens: int) -> torch.Tensor:
    # Only where it is asked for: the output layer is the widest of all.
    logits = model(input_ids=torch.tensor([list(ids)]), use_cache=False, logits_to_keep=n_tokens).logits[0]
    return torch.softmax(logits.float(), dim=-1)


def _largest(expected: torch.Tensor, found: torch.Tensor) -> torch.Tensor:
    """Of each place, one after the other: the whole difference would be as large as both."""
    return torch.stack([(a - b).abs().max() for a, b in zip(expected, found, strict=True)])

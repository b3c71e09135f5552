"""Writes drafts in batches: several prompts at a time share every pass over the weights.

On a CPU one answer at a time is bound by reading the weights from memory; a batch of sixteen
reads them once for all. Prompts are padded on the left, with a mask and a key-value cache.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel
from transformers import StoppingCriteriaList

from core.training.chat_format import ChatFormat, Message
from core.training.loops import StopsLoops, loop_start
from core.training.progress import Progress, Silent

BATCH_SIZE = 16
SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Sampling:
    """How words are drawn. Temperature 0 always takes the likeliest. stops_loops: a text that goes round in circles ends after one round."""

    max_new_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 0.9
    repetition_penalty: float = 1.1
    stops_loops: bool = False


@dataclass(frozen=True, slots=True)
class GeneratedText:
    """text: without special tokens. is_cut: the limit was reached, and the text ends after its last whole sentence. is_loop: it went round in
    circles, and ends after one round."""

    text: str
    n_tokens: int
    is_cut: bool
    is_loop: bool = False


def generate_texts(
    model: Any,
    form: ChatFormat,
    prompts: Sequence[Sequence[Message]],
    *,
    sampling: Sampling,
    seed: int,
    batch_size: int = BATCH_SIZE,
    use_adapter: bool = True,
    progress: Progress | None = None,
    phase: str = "Writing",
) -> list[GeneratedText]:
    """One text for each prompt, in their order. The same seed, prompts and batch size give the same texts."""
    progress = progress or Silent()
    encoded = [form.tokenizer.encode(form.render(p, for_answer=True), add_special_tokens=False).ids for p in prompts]
    order = sorted(range(len(prompts)), key=lambda i: len(encoded[i]))
    texts: list[GeneratedText | None] = [None] * len(prompts)
    torch.manual_seed(seed)
    for start in range(0, len(order), batch_size):
        progress.report(phase=phase, done=start, total=len(order))
        chosen = order[start : start + batch_size]
        for i, text in zip(
            chosen, _one_batch(model, form, [encoded[i] for i in chosen], sampling, use_adapter), strict=True
        ):
            texts[i] = text
    progress.report(phase=phase, done=len(order), total=len(order))
    return [text for text in texts if text is not None]


def whole_sentences(text: str) -> str:
    """The text up to its last finished sentence or line; all of it when there is none."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    cut = max([*ends, text.rfind("\n")], default=-1)
    return text[:cut].rstrip() if cut > 0 else text


def _one_batch(
    model: Any, form: ChatFormat, encoded: Sequence[list[int]], sampling: Sampling, use_adapter: bool
) -> list[GeneratedText]:
    longest = max(len(ids) for ids in encoded)
    where = model.get_output_embeddings().weight.device
    ids = torch.zeros(len(encoded), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for i, tokens in enumerate(encoded):
        ids[i, longest - len(tokens) :] = torch.tensor(tokens)
        mask[i, longest - len(tokens) :] = 1
    model.eval()
    context = model.disable_adapter() if isinstance(model, PeftModel) and not use_adapter else nullcontext()
    with torch.inference_mode(), context:
        options = _options(model, sampling)
        if sampling.stops_loops:
            options["stopping_criteria"] = StoppingCriteriaList([StopsLoops(longest)])
        output = model.generate(input_ids=ids.to(where), attention_mask=mask.to(where), **options)
    ends = end_tokens(model)
    return [_as_text(form, row[longest:].tolist(), ends, sampling.stops_loops) for row in output]


def _options(model: Any, sampling: Sampling) -> dict[str, Any]:
    ends = sorted(end_tokens(model))
    options: dict[str, Any] = {
        "max_new_tokens": sampling.max_new_tokens,
        "do_sample": sampling.temperature > 0,
        "repetition_penalty": sampling.repetition_penalty,
        # A model that names no end writes up to the limit, and nothing is padded.
        "pad_token_id": ends[0] if ends else 0,
        "eos_token_id": ends or None,
    }
    if sampling.temperature > 0:
        options |= {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
    return options


def end_tokens(model: Any) -> set[int]:
    """The tokens by which a model ends its text; empty where it names none."""
    for config in (model.generation_config, model.config):
        end = getattr(config, "eos_token_id", None)
        if end is not None:
            return set(end) if isinstance(end, list) else {end}
    return set()


def _as_text(form: ChatFormat, tokens: list[int], ends: set[int], stops_loops: bool) -> GeneratedText:
    stop = next((i for i, token in enumerate(tokens) if token in ends), None)
    written = tokens if stop is None else tokens[:stop]
    round_ends = loop_start(written) if stops_loops else None
    if round_ends is not None:
        text = form.tokenizer.decode(written[:round_ends], skip_special_tokens=True).strip()
        return GeneratedText(text, round_ends, is_cut=False, is_loop=True)
    text = form.tokenizer.decode(written, skip_special_tokens=True).strip()
    return GeneratedText(whole_sentences(text) if stop is None else text, len(written), stop is None)

"""What an adapter learnt by heart: given the beginning of a training text, how much of the rest it writes word for word.

Method: extraction by prefix (Carlini and others, Quantifying Memorization Across Neural Language Models, 2023). The base
model is asked the same: what it can write already, it was not taught here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel

from core.training.batches import TrainingRow
from core.training.chosen_examples import evenly
from core.training.progress import Progress

# Tokens of the answer that are given, and those after them that are asked for.
N_GIVEN, N_ASKED = 32, 48
MOST_ROWS = 32
BATCH = 16
# So many tokens in a row are no turn of phrase any more.
LONG_RUN = 24


@dataclass(frozen=True, slots=True)
class ByHeart:
    """One training text: how many tokens in a row the tuned and the base model wrote as it goes on, and the passage."""

    example_id: str
    n_tuned: int
    n_base: int
    passage: str


def learnt_by_heart(
    model: PeftModel, groups: Sequence[Sequence[TrainingRow]], tokenizer: Any, progress: Progress
) -> list[ByHeart]:
    """Ask for the rest of up to MOST_ROWS answers that are long enough; greedy, so the same every time.

    groups: what was learnt in different ways, such as examples and pairs; as many are asked of each, evenly chosen.
    """
    fitting = [[place for place in map(_answer, rows) if place is not None] for rows in groups]
    n_each = MOST_ROWS // max(1, sum(map(bool, fitting)))
    chosen = [place for group in fitting for place in evenly(group, n_each)]
    found = []
    model.eval()
    for start in range(0, len(chosen), BATCH):
        progress.report(phase="Looking for what it knows by heart", done=start, total=len(chosen))
        if progress.cancelled():
            break
        part = chosen[start : start + BATCH]
        tuned = _continued(model, part)
        with model.disable_adapter():
            base = _continued(model, part)
        for (row, begin), ours, theirs in zip(part, tuned, base, strict=True):
            wanted = list(row.ids[begin + N_GIVEN : begin + N_GIVEN + N_ASKED])
            n = _same(ours, wanted)
            passage = tokenizer.decode(wanted[:n], skip_special_tokens=True) if n >= LONG_RUN else ""
            found.append(ByHeart(row.example_id, n, _same(theirs, wanted), passage))
    return found


def by_heart_told(found: Sequence[ByHeart]) -> dict[str, Any]:
    """n texts asked for, those of which either model wrote LONG_RUN tokens on end, the longest run, and the passages.

    n_new: texts that the tuned model knows and the base model does not. limits: what was given, asked for, and counts as long.
    """
    long = [one for one in found if one.n_tuned >= LONG_RUN]
    new = [one for one in long if one.n_base < LONG_RUN]
    return {
        "n": len(found),
        "n_tuned": len(long),
        "n_base": sum(one.n_base >= LONG_RUN for one in found),
        "n_new": len(new),
        "longest": max((one.n_tuned for one in found), default=0),
        "passages": [
            {"example_id": one.example_id, "n_tokens": one.n_tuned, "passage": one.passage}
            for one in sorted(new, key=lambda one: -one.n_tuned)[:10]
        ],
        "limits": {"n_given": N_GIVEN, "n_asked": N_ASKED, "long_run": LONG_RUN},
    }


def _answer(row: TrainingRow) -> tuple[TrainingRow, int] | None:
    """Where the row's first answer begins, if it is long enough to give a part of and ask for the rest."""
    begin = next((i for i, label in enumerate(row.labels) if label != -100), None)
    if begin is None:
        return None
    labels = row.labels[begin : begin + N_GIVEN + N_ASKED]
    return (row, begin) if len(labels) == N_GIVEN + N_ASKED and -100 not in labels else None


def _continued(model: PeftModel, part: Sequence[tuple[TrainingRow, int]]) -> list[list[int]]:
    """The likeliest continuation of each beginning, token by token."""
    prompts = [row.ids[: begin + N_GIVEN] for row, begin in part]
    longest = max(map(len, prompts))
    where = model.get_output_embeddings().weight.device
    ids = torch.zeros(len(prompts), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for i, prompt in enumerate(prompts):
        ids[i, longest - len(prompt) :] = torch.tensor(prompt)
        mask[i, longest - len(prompt) :] = 1
    with torch.inference_mode():
        output = model.generate(
            input_ids=ids.to(where),
            attention_mask=mask.to(where),
            max_new_tokens=N_ASKED,
            do_sample=False,
            # Some base models bring these along; a text that repeats itself would then not come out word for word.
            repetition_penalty=1.0,
            no_repeat_ngram_size=0,
            pad_token_id=0,
        )
    return [row[longest:].tolist() for row in output]


def _same(written: Sequence[int], wanted: Sequence[int]) -> int:
    """How many tokens agree from the first on."""
    n = 0
    for ours, theirs in zip(written, wanted, strict=False):
        if ours != theirs:
            break
        n += 1
    return n

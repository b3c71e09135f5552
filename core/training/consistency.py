"""Does the model write alike when the same thing is asked again? One request in five wordings, each answered under five seeds.

The five wordings are answered together under each seed, so that one draw can be made again without the others.

Told of the tuned model and of the base model with three examples: how much the distance to the voice and the length scatter among the
twenty-five drafts, and how often they agree in what they are made of (paragraphs, lists, headings, code, emphasis). Less scatter is
what a team buys with a tuned model; more of it than with examples in the prompt is worth knowing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from peft import PeftModel

from core.curate.voice import WORD, VoiceProfile
from core.nouns import Example, System
from core.training.chat_format import ChatFormat, Message
from core.training.chosen_examples import answer_text
from core.training.draft_voice import SYSTEMS, has_request, request_of, with_shots
from core.training.generation import GeneratedText, Sampling, generate_texts
from core.training.loss_intervals import N_DRAWS, SEED, TAILS
from core.training.progress import Progress
from core.training.shots import shots_of

WORDINGS = (
    "{request}",
    "Please do this for us: {request}",
    "{request}\n\nThank you.",
    "I need the following today.\n\n{request}",
    "Here is what we need next. {request}",
)
N_DRAWS_EACH = 5
NEW_TOKENS = 72
COMPARED = (System.TUNED, System.BASE_FEWSHOT)
FEWEST = 10
# With more of the drafts than these cut at the limit, their lengths say how long the limit is.
MOST_CUT_SHARE = 0.2
FORMAT: dict[str, re.Pattern[str]] = {
    "paragraphs": re.compile(r"\n\s*\n"),
    "lists": re.compile(r"(?m)^\s*(?:[-*+]|\d+[.)]) "),
    "headings": re.compile(r"(?m)^#+ "),
    "code": re.compile(r"`"),
    "emphasis": re.compile(r"\*\*|__"),
}
Vector = npt.NDArray[np.float64]


def asked_again(
    model: PeftModel,
    form: ChatFormat,
    *,
    train: Sequence[Example],
    held_out: Sequence[Example],
    seed: int,
    max_position: int,
    progress: Progress,
) -> dict[str, list[GeneratedText]]:
    """Drafts by system, wording after wording, for the held-out request of middle length; empty where none fits, or when cancelled.

    Of one wording the drafts stand in the order of `seeds_of`.
    """
    room = max_position - NEW_TOKENS
    longest = max(len(WORDINGS[i].replace("{request}", "")) for i in range(len(WORDINGS)))
    fitting = [one for one in held_out if has_request(one, form, room - longest)]
    if not fitting:
        return {}
    chosen = sorted(fitting, key=lambda one: (form.count_chat_tokens(request_of(one)), one.id))[len(fitting) // 2]
    requests = [_reworded(request_of(chosen), wording) for wording in WORDINGS]
    shots = shots_of(train, form, seed=seed)
    texts: dict[str, list[GeneratedText]] = {}
    for system in COMPARED:
        asked = [with_shots(one, shots, form, room) for one in requests] if system is System.BASE_FEWSHOT else requests
        draws: list[list[GeneratedText]] = []
        for own in seeds_of(seed):
            if progress.cancelled():
                return {}
            draws.append(
                generate_texts(
                    model, form, asked, sampling=Sampling(NEW_TOKENS), seed=own, use_adapter=system is System.TUNED, progress=progress,
                    phase=f"Asking again: {SYSTEMS[system]}, draw {len(draws) + 1} of {N_DRAWS_EACH}",
                )
            )  # fmt: skip
        texts[system.value] = [one for of_wording in zip(*draws, strict=True) for one in of_wording]
    return texts


def seeds_of(seed: int) -> list[int]:
    """The seed of each draw."""
    return [seed + k for k in range(N_DRAWS_EACH)]


def consistency_told(
    texts: Mapping[str, Sequence[GeneratedText]], held_out: Sequence[Example], *, seed: int
) -> dict[str, Any] | None:
    """By system: n drafts, n_cut at the limit, voice_spread and length_spread with low and high, format_agreement; None without drafts.

    seeds: of the draws of each wording, in their order.
    voice_spread: standard deviation of the distance to the held-out texts; None where fewer than FEWEST drafts can be measured.
    length_spread: standard deviation of the number of words over its mean; None where more than a fifth of the drafts were cut.
    format_agreement: mean over what a text is made of of the share of drafts that are like most of them, from 0.5 to 1. 95 %
    intervals by drawing the wordings anew, each with its five drafts: drafts of one wording are more alike than others.
    """
    if not texts:
        return None
    profile = VoiceProfile([answer_text(one) for one in held_out])
    told: dict[str, Any] = {}
    for system, drafts in texts.items():
        found = [profile.distance(one.text) if profile.is_usable else None for one in drafts]
        distances = np.asarray([np.nan if one is None else one.value for one in found])
        lengths = np.asarray([float(len(WORD.findall(one.text))) for one in drafts])
        n_measured, n_cut = int(np.isfinite(distances).sum()), sum(one.is_cut for one in drafts)
        told[system] = {
            "n": len(drafts),
            "seeds": seeds_of(seed),
            "n_cut": n_cut,
            "n_measured": n_measured,
            "voice_spread": _spread(distances, relative=False) if n_measured >= FEWEST else None,
            "length_spread": _spread(lengths, relative=True) if n_cut <= MOST_CUT_SHARE * len(drafts) else None,
            "format_agreement": float(np.mean([_agreement(drafts, pattern) for pattern in FORMAT.values()])),
        }
    return told


def _reworded(request: Sequence[Message], wording: str) -> list[Message]:
    *before, last = request
    return [*before, {**last, "content": wording.format(request=last["content"])}]


def _spread(values: Vector, *, relative: bool) -> dict[str, float]:
    """Scatter of the finite values, and its interval. values: wording after wording, as many of each."""

    def of(rows: Vector) -> Vector:
        scatter: Vector = np.nanstd(rows, axis=-1, ddof=1)
        return scatter / np.maximum(np.nanmean(rows, axis=-1), 1e-9) if relative else scatter

    by_wording = values.reshape(len(WORDINGS), -1)
    by_wording = by_wording[np.isfinite(by_wording).any(axis=1)]
    chosen = np.random.default_rng(SEED).integers(0, len(by_wording), size=(N_DRAWS, len(by_wording)))
    low, high = np.percentile(of(by_wording[chosen].reshape(N_DRAWS, -1)), TAILS)
    return {"value": float(of(values)), "low": float(low), "high": float(high)}


def _agreement(drafts: Sequence[GeneratedText], pattern: re.Pattern[str]) -> float:
    share = sum(bool(pattern.search(one.text)) for one in drafts) / len(drafts)
    return max(share, 1 - share)

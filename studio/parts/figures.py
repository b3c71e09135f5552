"""What was measured of a run's model in words, each figure with its n and its 95 % interval where it has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from studio.parts.counting import several

# A figure by its label; one that was measured may come out as several.
Words = dict[str, str]


def in_words(told: Mapping[str, Any]) -> Words:
    """Line by line, in the order in which one reads them; without those that nobody measured. told: as `measured` says it, or a part."""
    words: Words = {}
    for name, tell in FIGURES.items():
        if told.get(name) is not None:
            words |= tell(told[name])
    return words


def not_measured(told: Mapping[str, Any]) -> list[str]:
    """What would stand among the figures and was not measured, by the names that people know. An older record may lack some altogether."""
    return [PLAIN_NAMES[name] for name in FIGURES if name in told and told[name] is None]


def _loss(label: str) -> Callable[[Mapping[str, Any]], Words]:
    return lambda loss: {label: f"{loss['value']:.3f}{_between(loss, '{:.3f}', loss['n'], 'text')}"}


def _voice(voice: Mapping[str, Any]) -> Words:
    tuned = voice["tuned"]
    words = {"Voice distance": f"{tuned['distance']:.2f}{_between(tuned, '{:.2f}', voice['n'], 'request')}"}
    if tuned["share"] is None:
        return words
    return words | {
        "Of the way to the voice": f"{tuned['share']:.0%} ({tuned['share_low']:.0%} to {tuned['share_high']:.0%})"
    }


def _by_heart(heart: Mapping[str, Any]) -> Words:
    if not heart["n"]:
        return {"Learnt by heart": "no text is long enough to ask"}
    of = f"{heart['n_new']} of {heart['n']} texts"
    return {"Learnt by heart": f"{of}, {heart['share']:.0%} ({heart['low']:.0%} to {heart['high']:.0%})"}


def _ability(ability: Mapping[str, Any]) -> Words:
    if not ability["base"]:
        return {}
    change = ability["tuned"] / ability["base"] - 1
    return {
        "Loss on plain questions": f"{ability['tuned']:.3f}, {change:+.1%} to the base model ({ability['n']} questions)"
    }


def _consistency(told: Mapping[str, Any]) -> Words:
    tuned = told["tuned"]
    words = {}
    for name, label, form in (
        ("voice_spread", "Scatter of the voice", "{:.2f}"),
        ("length_spread", "Scatter of the length", "{:.0%}"),
    ):
        if tuned[name] is not None:
            words[label] = f"{form.format(tuned[name]['value'])}{_between(tuned[name], form, tuned['n'], 'draft')}"
    return words | {"Agree in format": f"{tuned['format_agreement']:.0%} ({tuned['n']} drafts)"}


def _between(estimate: Mapping[str, Any], form: str, n: int, noun: str) -> str:
    """ " (2.914 to 3.120; 24 texts)"; the interval is missing where there is one text alone."""
    counted = several(n, noun)
    if estimate["low"] is None:
        return f" ({counted})"
    return f" ({form.format(estimate['low'])} to {form.format(estimate['high'])}; {counted})"


FIGURES: dict[str, Callable[[Any], Words]] = {
    "loss": _loss("Hold-out loss"),
    "base_loss": _loss("Base model"),
    "voice": _voice,
    "by_heart": _by_heart,
    "general_ability": _ability,
    "consistency": _consistency,
}
PLAIN_NAMES = {
    "loss": "hold-out loss",
    "base_loss": "the base model's loss",
    "voice": "voice",
    "by_heart": "what is known by heart",
    "general_ability": "plain questions",
    "consistency": "how alike drafts are when the same is asked again",
}

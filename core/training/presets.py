"""What a run is set to, and why: presets by goal and size, in one frozen configuration.

Sources: adapters on all linear layers, small batches and a learning rate about ten times that of
full fine-tuning follow "LoRA Without Regret" (Thinking Machines, 2025). What was measured here is
one rate at one number of passes (tests/benchmarks/hold_out_loss.json); REASONS says of every other
value that it is our choice. Support and code have one preset: nothing was measured that tells them
apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.errors import Invalid
from core.nouns import Goal
from core.training.base_models import EMBEDDED

REFERENCE_RATE, REFERENCE_WIDTH = 1e-3, 576
# At once, where the settings leave it to the machine.
TOKENS_ON_A_PROCESSOR, TOKENS_ON_A_GPU = 1_024, 16_384


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One run's settings. Lengths in tokens, rates per optimiser step.

    prompt_weight: what a token of the prompt counts, where one of an answer counts 1. patience: so many hold-out
    measurements in a row without a lower loss end the run; 0 for never. keep_best: the adapter is that of the lowest one.
    train_share: of the training records, always the same ones, and a smaller share is part of a larger one. take: which
    examples of those, "random:K" or "longest:K"; empty for all. train_tokens: the run ends with the step that brings the
    tokens trained on to as many, however many passes that takes; 0 for as many steps as `epochs` says. train_answer_tokens: the
    same of the tokens that are learnt, those of the answers, so that runs on long and on short questions learn as much; one of
    the two at most. n_drafts: held-out
    requests that the model answers at the end, beside the base model, to see how near it comes to the voice; 0 for none.
    ask_again: one of them is answered twenty-five times, to see how alike the drafts are. n_canaries: invented secrets that
    are planted among the examples and asked for at the end. gradient_checkpointing: activations are made anew on the way
    back, which takes longer and much less memory. processes: that share the steps, one a GPU where there are several.
    micro_batch_tokens: that go through the model at once; 0 for what suits the machine.
    """

    base: str = EMBEDDED
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    learning_rate: float = REFERENCE_RATE
    epochs: float = 2.0
    max_steps: int = 0
    batch_size: int = 8
    max_length_tokens: int = 1024
    micro_batch_tokens: int = 1024
    warmup_share: float = 0.06
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    seed: int = 17
    n_evaluations: int = 4
    checkpoint_minutes: float = 5.0
    prompt_weight: float = 0.0
    schedule: str = "cosine"
    use_rslora: bool = False
    patience: int = 0
    keep_best: bool = True
    train_share: float = 1.0
    take: str = ""
    train_tokens: int = 0
    train_answer_tokens: int = 0
    n_drafts: int = 12
    n_canaries: int = 0
    gradient_checkpointing: bool = False
    processes: int = 1
    ask_again: bool = True

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_before(self) -> dict[str, Any]:
        """The settings without those that came later and have no effect here: a run from before them can still be resumed."""
        return {name: value for name, value in asdict(self).items() if NEUTRAL.get(name) != value}


# Settings that there were not at first, with the values that leave the steps of a run as they were.
NEUTRAL: dict[str, Any] = {
    "prompt_weight": 0.0,
    "schedule": "cosine",
    "use_rslora": False,
    "patience": 0,
    "keep_best": True,
    "train_share": 1.0,
    "take": "",
    "train_tokens": 0,
    "train_answer_tokens": 0,
    "n_drafts": 12,
    "n_canaries": 0,
    "gradient_checkpointing": False,
    "processes": 1,
    "ask_again": True,
}
# Validation examples that are read for a point of the curve; the whole test split is measured once, at the end.
CURVE_EXAMPLES = 24
REGRET = "LoRA Without Regret, Thinking Machines, 2025"
MEASURED = "Measured here at 0.001 with two passes: over some 550 sections of real posts the hold-out loss fell by 12 % (three splits, of some 120 posts each)"
RATE_OF_A_VOICE = (
    f"About ten times that of full fine-tuning ({REGRET}); that it falls with the root of the model's width is our choice. {MEASURED}; no other rate "
    "was compared."
)
RATE_OF_ANSWERS = "Half the rate for a voice, so about five times that of full fine-tuning: answers and comments repeat more than prose does. Our choice, not measured."
REASONS = {
    "epochs": "Fewer passes for more examples, since what is seen often is learnt by heart (Carlini and others, Quantifying Memorization, 2023). How "
    f"many for how many is our choice. {MEASURED}; no other number of passes was compared.",
    "batch_size": f"Eight examples a step: LoRA bears large batches less well than full fine-tuning does ({REGRET}). That it is eight is our choice, not measured.",
    "rank": f"LoRA learns as well as full fine-tuning until the data outgrow its rank ({REGRET}). That 16 is enough for a few thousand examples is our "
    "choice, not measured; more costs memory.",
    "alpha": "The adapter's part is scaled by alpha over rank (Hu and others, LoRA, 2021). That this is two is our choice, not measured.",
    "dropout": "None, as PEFT has it where nobody says: the set is seen only a few times. Our choice, not measured.",
    "max_length_tokens": "Room for every example of this version, as the embedded model counts them, so none falls out; another base model has twice as much.",
    "micro_batch_tokens": "As suits the machine: 1,024 fill the caches of a processor, and a GPU takes 16,384, or half as many each time that its memory is "
    "full. Measured on both (tests/benchmarks); what is learnt is the same but for rounding.",
    "warmup_share": "The first steps are small, because the adapter starts from nothing. How many is our choice, not measured.",
    "schedule": "The rate falls along a cosine to a tenth, so that the last steps settle what the first ones found. Our choice, not measured.",
    "prompt_weight": "None: what is learnt is how to answer, not how people ask. Where answers are much shorter than questions, a small weight has been found "
    "to help (Huerta-Enochian and Ko, Does Prompt Loss Matter?, 2024; Shi and others, Instruction Tuning With Loss Over Instructions, 2024); not measured here.",
    "patience": "The run goes to its end; the best weights are kept anyway, so that stopping early would save time alone. Our choice, not measured.",
    "keep_best": "The weights with the lowest validation loss are kept, not simply the last.",
    "n_drafts": "Enough for an interval; each request is answered by three models, which takes about ten seconds on two cores.",
    "ask_again": "Whether drafts are alike is half of what one buys with a tuned model; it takes about two minutes on two cores.",
    "gradient_checkpointing": "Off: it is wanted only where memory is short.",
}
KINDS: dict[str, tuple[Any, str]] = {
    "int": (int, "a whole number"), "float": (int | float, "a number"), "str": (str, "a text"), "bool": (bool, "true or false"),
}  # fmt: skip
SCHEDULES = ("cosine", "linear", "constant")
TAKE = re.compile(r"(random|longest):([1-9]\d{0,8})")


def preset(goal: Goal, *, n_examples: int, longest_tokens: int = 1024, width: int = REFERENCE_WIDTH) -> TrainConfig:
    """The configuration for a goal and a number of training examples.

    width: hidden size of the base model; the learning rate falls with its square root.
    """
    rate = REFERENCE_RATE * (REFERENCE_WIDTH / width) ** 0.5
    if goal is not Goal.VOICE:
        # Answers and comments repeat more than prose does; a gentler rate keeps them from being learnt by heart.
        rate /= 2
    return TrainConfig(
        learning_rate=round(rate, 6),
        epochs=_epochs(n_examples),
        max_length_tokens=max(128, longest_tokens),
        micro_batch_tokens=0,
    )


def reasons_for(goal: Goal) -> dict[str, str]:
    """Why the preset of a goal says what it says, by setting: its source, what was measured, or that it is our choice."""
    return {"learning_rate": RATE_OF_A_VOICE if goal is Goal.VOICE else RATE_OF_ANSWERS} | REASONS


def config_from(values: dict[str, Any], *, base: TrainConfig | None = None) -> TrainConfig:
    """A configuration from plain values over a base one. Raises Invalid naming the setting."""
    known = {field.name: field for field in fields(TrainConfig)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise Invalid(f"There is no setting {unknown[0]!r}.", remedy=f"Settings are {', '.join(known)}.")
    for name, value in values.items():
        allowed, words = KINDS[str(known[name].type)]
        # To Python a yes is a number.
        if not isinstance(value, allowed) or (isinstance(value, bool) and allowed is not bool):
            raise Invalid(f"{name} is {value!r}.", remedy=f"Give {words}.")
    return checked(replace(base or TrainConfig(), **values))


def settings_from_text(pairs: Sequence[str]) -> dict[str, Any]:
    """Settings from NAME=VALUE, each value of its setting's kind; its limits are `config_from`'s. Raises Invalid naming the setting."""
    known = {field.name: str(field.type) for field in fields(TrainConfig)}
    found: dict[str, Any] = {}
    for pair in pairs:
        name, separator, text = (part.strip() for part in pair.partition("="))
        if not separator:
            raise Invalid(f"{pair!r} is no setting.", remedy="Write NAME=VALUE, such as rank=8.")
        if name not in known:
            raise Invalid(f"There is no setting {name!r}.", remedy=f"Settings are {', '.join(known)}.")
        if name in found:
            raise Invalid(f"{name} is set twice, to {found[name]!r} and {text!r}.", remedy="Say it once.")
        found[name] = _value_of(name, text, known[name])
    return found


def checked(config: TrainConfig) -> TrainConfig:
    """The configuration if every value is possible. Raises Invalid with the value and what is allowed."""
    limits: dict[str, tuple[float, float]] = {
        "rank": (1, 256),
        "alpha": (1, 1024),
        "dropout": (0.0, 0.9),
        "learning_rate": (1e-7, 1e-1),
        "epochs": (0.01, 50),
        "max_steps": (0, 1_000_000),
        "batch_size": (1, 512),
        "max_length_tokens": (16, 131_072),
        "micro_batch_tokens": (0, 1_000_000),
        "n_evaluations": (0, 100),
        "checkpoint_minutes": (0.0, 1_000.0),
        "warmup_share": (0.0, 1.0),
        "weight_decay": (0.0, 1.0),
        "clip_norm": (0.001, 1_000.0),
        "prompt_weight": (0.0, 1.0),
        "patience": (0, 100),
        "train_share": (0.01, 1.0),
        "train_tokens": (0, 1_000_000_000),
        "train_answer_tokens": (0, 1_000_000_000),
        "n_drafts": (0, 200),
        "n_canaries": (0, 20),
        "processes": (1, 64),
        "seed": (-(2**63), 2**63 - 1),
    }
    for name, (low, high) in limits.items():
        value = getattr(config, name)
        if not low <= value <= high:
            raise Invalid(f"{name} is {value}.", remedy=f"Choose a value from {low:g} to {high:g}.")
    if config.take and TAKE.fullmatch(config.take) is None:
        raise Invalid(f"take is {config.take!r}.", remedy="Choose random:K or longest:K, or nothing for all examples.")
    if config.train_tokens and config.train_answer_tokens:
        raise Invalid(
            f"train_tokens is {config.train_tokens} and train_answer_tokens is {config.train_answer_tokens}: a run ends by one of them.",
            remedy="Set the other to 0.",
        )
    if config.schedule not in SCHEDULES:
        raise Invalid(f"schedule is {config.schedule!r}.", remedy=f"Choose {', '.join(SCHEDULES)}.")
    if config.patience and not config.n_evaluations:
        raise Invalid(
            "A run cannot stop by its hold-out loss when that is never measured.", remedy="Set n_evaluations above 0."
        )
    return config


def differing_settings(config: TrainConfig, reference: TrainConfig) -> dict[str, tuple[Any, Any]]:
    """Settings that are not the preset's: name to (preset, chosen)."""
    return {
        field.name: (getattr(reference, field.name), getattr(config, field.name))
        for field in fields(TrainConfig)
        if getattr(reference, field.name) != getattr(config, field.name)
    }


def n_steps(config: TrainConfig, n_examples: int) -> int:
    """Optimiser steps of a run on that many examples, by its epochs; a limit in tokens is the batches' matter."""
    from_epochs = max(1, round(config.epochs * n_examples / config.batch_size))
    return min(config.max_steps, from_epochs) if config.max_steps else from_epochs


def n_taken(config: TrainConfig, n_examples: int) -> int:
    """How many of the training examples a run learns from; about, where it is a share of their records."""
    if not n_examples:
        return 0
    left = max(1, round(n_examples * config.train_share))
    found = TAKE.fullmatch(config.take)
    return min(left, int(found[2])) if found else left


def _value_of(name: str, text: str, kind: str) -> Any:
    allowed, words = KINDS[kind]
    if kind == "str":
        return text
    value: bool | float | None
    if kind == "bool":
        value = {"true": True, "false": False}.get(text.lower())
    else:
        try:
            value = allowed(text) if kind == "int" else float(text)
        except ValueError:
            value = None
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise Invalid(f"{name} is {text!r}.", remedy=f"Give {words}.")
    return value


def _epochs(n_examples: int) -> float:
    if n_examples < 100:
        return 4.0
    if n_examples < 300:
        return 3.0
    return 2.0 if n_examples < 2_000 else 1.0

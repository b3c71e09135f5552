"""What a continuation on preference pairs is set to, and which pairs it keeps aside. Loads no model: the server plans with it.

Sources: beta from the authors of the method (Rafailov and others, Direct Preference Optimization, 2023); passes from Zephyr
(Tunstall and others, 2023); the weight of the likelihood term from Pang and others, Iterative Reasoning Preference
Optimization, 2024.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import Invalid
from core.nouns import PreferencePair
from core.training.base_models import BaseShape
from core.training.estimates import EarlierRun, RunEstimate, estimate_run
from core.training.presets import TrainConfig, config_from

# Below it a tenth is not even two pairs, and what is kept aside is missing from what is learnt.
LEAST_TO_KEEP_ASIDE = 20
SHARE_ASIDE = 0.1
RATE_SHARE = 0.1
# A draft and its prompt fit, also where the examples of the version are shorter.
LEAST_LENGTH_TOKENS = 1_024
# For the estimate alone; the run counts tokens.
CHARACTERS_A_TOKEN = 4
OWN = {"beta": (0.001, 10.0), "nll_weight": (0.0, 100.0)}
# The settings of a run that can be chosen anew here. The others come with the adapter or have no effect; the seed also says what was
# planted and chosen before, so it stays.
SHARED = (
    "learning_rate", "epochs", "max_steps", "batch_size", "max_length_tokens", "micro_batch_tokens", "warmup_share", "schedule",
    "weight_decay", "clip_norm", "n_evaluations", "n_drafts", "ask_again", "gradient_checkpointing", "checkpoint_minutes",
)  # fmt: skip
REASONS = {
    "beta": "As the authors of the method chose. It says how close the model stays to the run that it goes on from: a higher one holds it closer.",
    "nll_weight": "Most pairs differ in a few words; the plain loss can then make the preferred text less likely as well (Pal and others, 2024).",
    "learning_rate": "A tenth of the rate that the run learnt with: it has found the voice already, and the pairs are few.",
    "epochs": "One to three are usual (Tunstall and others, Zephyr, 2023), and a few dozen pairs make few steps.",
    "batch_size": "So eight texts a step, as in any run.",
}


@dataclass(frozen=True, slots=True)
class PreferenceConfig:
    """run: the settings that any run has; its examples are pairs here. beta, nll_weight: of the loss."""

    run: TrainConfig
    beta: float = 0.1
    nll_weight: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        return {"run": self.run.to_dict(), "beta": self.beta, "nll_weight": self.nll_weight}


def continuation_config(
    earlier: TrainConfig, settings: Mapping[str, Any], *, was_continued: bool = False
) -> PreferenceConfig:
    """The settings for going on from a run, with those of a person over them. Raises Invalid naming the setting.

    was_continued: the earlier run is a continuation itself, so its rate is a small one already.
    """
    unknown = sorted(set(settings) - set(OWN) - set(SHARED))
    if unknown:
        raise Invalid(
            f"{unknown[0]!r} cannot be set for a continuation.",
            remedy=f"Settings are {', '.join((*OWN, *SHARED))}; the others are those of the run that it goes on from.",
        )
    rate = earlier.learning_rate * (1.0 if was_continued else RATE_SHARE)
    run = TrainConfig(
        base=earlier.base, rank=earlier.rank, alpha=earlier.alpha, use_rslora=earlier.use_rslora,
        learning_rate=round(rate, 9), epochs=3.0, batch_size=4, warmup_share=0.1, n_evaluations=2, keep_best=False,
        max_length_tokens=max(LEAST_LENGTH_TOKENS, earlier.max_length_tokens), micro_batch_tokens=earlier.micro_batch_tokens,
        # What the adapter has learnt from already, and what was planted there, is told by these and the seed.
        train_share=earlier.train_share, take=earlier.take, n_canaries=earlier.n_canaries, seed=earlier.seed,
        n_drafts=earlier.n_drafts, ask_again=earlier.ask_again, gradient_checkpointing=earlier.gradient_checkpointing,
    )  # fmt: skip
    own = {name: settings[name] for name in OWN if name in settings}
    for name, value in own.items():
        low, high = OWN[name]
        if not isinstance(value, int | float) or not low <= value <= high:
            raise Invalid(f"{name} is {value}.", remedy=f"Choose a value from {low:g} to {high:g}.")
    shared = {name: value for name, value in settings.items() if name in SHARED}
    return PreferenceConfig(config_from(shared, base=run), **own)


def config_of(values: Mapping[str, Any]) -> PreferenceConfig:
    """The other way round of `to_dict`."""
    return PreferenceConfig(config_from(values["run"]), values["beta"], values["nll_weight"])


def kept_aside(pairs: Sequence[PreferencePair]) -> tuple[list[PreferencePair], list[PreferencePair]]:
    """(pairs to learn from, pairs kept aside to measure on): a tenth of them where there are enough, else none.

    The pairs of one record, or of one brief that comes from none, stay together: two edits of one text would tell of each other.
    Chosen by a hash, so always the same; where every group is larger than a tenth, the smallest is kept aside.
    """
    groups: dict[str, list[PreferencePair]] = {}
    for pair in pairs:
        groups.setdefault(pair.record_id or pair.brief_id, []).append(pair)
    if len(pairs) < LEAST_TO_KEEP_ASIDE or len(groups) < 2:
        return list(pairs), []
    wanted = round(SHARE_ASIDE * len(pairs))
    aside: list[PreferencePair] = []
    drawn = sorted(groups, key=lambda one: hashlib.sha256(one.encode()).hexdigest())
    for group in drawn:
        if len(aside) + len(groups[group]) <= wanted:
            aside += groups[group]
    if not aside:
        aside = groups[min(drawn, key=lambda group: len(groups[group]))]
    names = {pair.id for pair in aside}
    return [pair for pair in pairs if pair.id not in names], aside


def estimate_continuation(
    config: PreferenceConfig,
    pairs: Sequence[PreferencePair],
    *,
    n_test_tokens: int,
    n_curve_tokens: int,
    earlier: Sequence[EarlierRun],
    shape: BaseShape,
) -> RunEstimate:
    """Time and memory of a continuation. n_test_tokens, n_curve_tokens: as of any run on the version."""
    learnt, _ = kept_aside(pairs)
    n_tokens = sum(2 * len(p.prompt) + len(p.chosen) + len(p.rejected) for p in pairs) // CHARACTERS_A_TOKEN
    # Each text is read once before the first step and once after the last, and once more in each step, without a gradient.
    read = round(n_tokens * (2 + config.run.epochs))
    return estimate_run(
        config.run, n_train=len(learnt), n_train_tokens=n_tokens * len(learnt) // max(1, len(pairs)),
        # The test split is read by the base model, too.
        n_test_tokens=(3 * n_test_tokens + read) // 2, n_curve_tokens=n_curve_tokens, earlier=earlier, shape=shape,
    )  # fmt: skip


def settings_of(config: PreferenceConfig) -> dict[str, Any]:
    """Every setting that can be chosen, by name."""
    shared = asdict(config.run)
    return {"beta": config.beta, "nll_weight": config.nll_weight} | {name: shared[name] for name in SHARED}

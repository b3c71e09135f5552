"""Minutes and memory of a run before it starts, from counts and from what this machine did before: in earlier runs, else in a trial."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from core.training.base_models import EMBEDDED_SHAPE, BaseShape
from core.training.energy import assumed_watts
from core.training.presets import TOKENS_ON_A_PROCESSOR, TrainConfig, n_steps

# Measured with the embedded model: float32, two cores of an AMD EPYC, real posts of mixed length (tests/benchmarks/train_speed.json). Beyond
# so many cores nobody measured; more of them do not help a step of a few thousand tokens for ever.
TOKENS_PER_SECOND_A_CORE, MOST_CORES = 60.0, 16
# Evaluation goes forward only, about three times as fast.
EVALUATION_SPEED_UP = 3.0
# Loading, and what is measured at the end beside the hold-out: by heart, plain questions.
OTHER_SECONDS = 60.0
# A request that is answered at the end, by three systems, a dozen at a time.
SECONDS_A_REQUEST = 10.0
# One request answered twenty-five times by two systems; a planted secret held against 255 others.
SECONDS_AGAIN, SECONDS_A_CANARY = 110.0, 10.0
# Making activations anew on the way back: a third more work, and a part of the memory.
SAVING_SLOWS, SAVING_KEEPS = 0.75, 0.4
# Measured with the embedded model: libraries; then activations per token of a micro-batch. Weights take four bytes each.
LIBRARIES_MB, MB_PER_TOKEN, BYTES_PER_PARAMETER = 1_000.0, 2.5, 4


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """What a run with the same base model took on this data folder, newest ones first where there are several.

    seconds: of its steps. job_seconds: from its start to its end. n_evaluation_tokens: forwarded for hold-out losses.
    guessed_memory_mb: what the formula said of it. energy_wh: of the whole job. n_drafts to gradient_checkpointing: as it was set.
    device_memory_mb: what it held on a graphics processor; None where it had none.
    """

    tokens_per_second: float
    seconds: float
    job_seconds: float
    n_evaluation_tokens: int
    peak_memory_mb: float
    guessed_memory_mb: float
    energy_wh: float
    n_drafts: int = 12
    ask_again: bool = True
    n_canaries: int = 0
    gradient_checkpointing: bool = False
    device_memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial of the longest rows with these very settings measured."""

    tokens_per_second: float
    peak_memory_mb: float
    device_memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """What a run will take, from its start to its end. is_measured_here: told from earlier runs with this base on this data folder.

    n_train_tokens: read over all steps. n_answer_tokens: learnt; 0 where nobody knows. is_tried: speed and memory are those of a
    trial, as there was no earlier run. guessed_memory_mb: by the formula alone. device_memory_mb: on a graphics processor, None
    until a run or a trial has measured it. energy_wh is an assumption of so many watts a core until a run has measured it.
    """

    n_steps: int
    n_train_tokens: int
    n_answer_tokens: int
    n_evaluation_tokens: int
    minutes: float
    peak_memory_mb: float
    guessed_memory_mb: float
    energy_wh: float
    tokens_per_second: float
    is_measured_here: bool
    device_memory_mb: float | None
    is_tried: bool = False


def estimate_run(
    config: TrainConfig,
    *,
    n_train: int,
    n_train_tokens: int,
    n_test_tokens: int,
    n_curve_tokens: int,
    n_answer_tokens: int = 0,
    earlier: Sequence[EarlierRun] = (),
    tried: Tried | None = None,
    shape: BaseShape = EMBEDDED_SHAPE,
    n_cores: int | None = None,
) -> RunEstimate:
    """Estimate a run on n_train examples that hold n_train_tokens tokens together.

    n_test_tokens: of the test split, which is read before and after. n_curve_tokens: of the validation examples that are read
    before the first step and at each measurement of the hold-out. n_answer_tokens: of n_train_tokens, those that are learnt.
    earlier: from which speed, everything beside the steps, memory and power are learnt, each by its median; what they were asked
    at their ends may differ from this one. tried: counts for speed and memory as long as there is no earlier run. shape: of the
    base model; speed falls with its parameters, memory per token grows with width and layers. n_cores: what speed is guessed from where nothing
    was measured; None for this machine's.
    """
    steps = _steps(config, n_train, n_train_tokens, n_answer_tokens)
    n_passes = steps * config.batch_size / max(1, n_train)
    tokens = round(n_train_tokens * n_passes)
    forwarded = 2 * n_test_tokens + n_curve_tokens * (1 + config.n_evaluations)
    size = shape.n_parameters / EMBEDDED_SHAPE.n_parameters
    slowing = SAVING_SLOWS if config.gradient_checkpointing else 1.0
    if earlier:
        speed = median(_plain_speed(run) for run in earlier)
    else:
        speed = tried.tokens_per_second / slowing if tried else _guessed_speed(n_cores) / size
    # By the formula, and by how far earlier runs were from what it says of them.
    other = _guessed_other(config, size)
    if earlier:
        other *= median(max(0.0, _other_seconds(run)) / _guessed_other(run, size) for run in earlier)
    seconds = tokens / (speed * slowing) + forwarded / (speed * EVALUATION_SPEED_UP) + other
    guessed = _guessed_memory(config, shape)
    peak, on_card = _memory(guessed, earlier, tried)
    watts = median(run.energy_wh * 3_600 / run.job_seconds for run in earlier) if earlier else assumed_watts()
    return RunEstimate(
        n_steps=steps,
        n_train_tokens=tokens,
        n_answer_tokens=round(n_answer_tokens * n_passes),
        n_evaluation_tokens=forwarded,
        minutes=seconds / 60,
        peak_memory_mb=peak,
        guessed_memory_mb=guessed,
        energy_wh=watts * seconds / 3_600,
        tokens_per_second=speed * slowing,
        is_measured_here=bool(earlier),
        device_memory_mb=on_card,
        is_tried=bool(tried and not earlier),
    )


def _guessed_speed(n_cores: int | None) -> float:
    """Tokens a second of the embedded model on so many cores."""
    return TOKENS_PER_SECOND_A_CORE * min(n_cores or os.cpu_count() or 1, MOST_CORES)


def _steps(config: TrainConfig, n_train: int, n_train_tokens: int, n_answer_tokens: int) -> int:
    """By the passes, or by the tokens that are read or learnt where the configuration says how many."""
    asked, there = (
        (config.train_answer_tokens, n_answer_tokens)
        if config.train_answer_tokens
        else (config.train_tokens, n_train_tokens)
    )
    if not asked or not there:
        return n_steps(config, n_train)
    steps = max(1, round(asked * n_train / (there * config.batch_size)))
    return min(config.max_steps, steps) if config.max_steps else steps


def _guessed_memory(config: TrainConfig, shape: BaseShape) -> float:
    """What the formula says of memory, in megabytes: libraries, weights, and activations of the most tokens at a time."""
    breadth = shape.width * shape.n_layers / (EMBEDDED_SHAPE.width * EMBEDDED_SHAPE.n_layers)
    activations = (
        MB_PER_TOKEN * breadth * max(config.micro_batch_tokens or TOKENS_ON_A_PROCESSOR, config.max_length_tokens)
    )
    if config.gradient_checkpointing:
        activations *= SAVING_KEEPS
    return LIBRARIES_MB + shape.n_parameters * BYTES_PER_PARAMETER / 2**20 + activations


def _memory(guessed: float, earlier: Sequence[EarlierRun], tried: Tried | None) -> tuple[float, float | None]:
    """The peak, and that on a graphics processor where one is known: as far from the formula as earlier runs were, else as tried."""
    if not earlier:
        return (tried.peak_memory_mb, tried.device_memory_mb) if tried else (guessed, None)
    on_device = [run.device_memory_mb / run.guessed_memory_mb for run in earlier if run.device_memory_mb is not None]
    peak = guessed * median(run.peak_memory_mb / run.guessed_memory_mb for run in earlier)
    return peak, guessed * median(on_device) if on_device else None


def _guessed_other(asked: TrainConfig | EarlierRun, size: float) -> float:
    """What the formula says of everything beside the steps and the hold-out losses. size: of the base, the embedded one is 1."""
    again = SECONDS_AGAIN if asked.ask_again and asked.n_drafts else 0.0
    return OTHER_SECONDS + size * (SECONDS_A_REQUEST * asked.n_drafts + again + SECONDS_A_CANARY * asked.n_canaries)


def _plain_speed(run: EarlierRun) -> float:
    """Tokens a second as they would have been without saving memory."""
    return run.tokens_per_second / (SAVING_SLOWS if run.gradient_checkpointing else 1.0)


def _other_seconds(run: EarlierRun) -> float:
    """What a run took beside its steps and its hold-out losses."""
    return run.job_seconds - run.seconds - run.n_evaluation_tokens / (_plain_speed(run) * EVALUATION_SPEED_UP)

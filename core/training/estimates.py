"""Minutes and memory of a run before it starts, from counts and from what this machine did before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from core.training.base_models import EMBEDDED_SHAPE, BaseShape
from core.training.energy import assumed_watts
from core.training.presets import TrainConfig, n_steps

# Measured with the embedded model: float32, two cores of an AMD EPYC, real posts of mixed length.
DEFAULT_TOKENS_PER_SECOND = 400.0
# Evaluation goes forward only, about three times as fast.
EVALUATION_SPEED_UP = 3.0
# Loading, and what is measured at the end beside the hold-out: by heart, plain questions.
OTHER_SECONDS = 60.0
# A request that is answered at the end, by three systems, a dozen at a time.
SECONDS_A_REQUEST = 10.0
# One request answered twenty-five times by two systems.
SECONDS_AGAIN = 110.0
# Measured with the embedded model: libraries; then activations per token of a micro-batch. Weights take four bytes each.
LIBRARIES_MB, MB_PER_TOKEN, BYTES_PER_PARAMETER = 1_000.0, 2.5, 4


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """What a run with the same base model took on this data folder, newest ones first where there are several.

    seconds: of its steps. job_seconds: from its start to its end. n_evaluation_tokens: forwarded for hold-out losses.
    guessed_memory_mb: what the formula said of it. energy_wh: of the whole job.
    """

    tokens_per_second: float
    seconds: float
    job_seconds: float
    n_evaluation_tokens: int
    peak_memory_mb: float
    guessed_memory_mb: float
    energy_wh: float


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """What a run will take, from its start to its end. is_measured_here: told from earlier runs with this base on this data folder.

    guessed_memory_mb: by the formula alone. energy_wh is an assumption of so many watts a core until a run has measured it.
    """

    n_steps: int
    n_train_tokens: int
    n_evaluation_tokens: int
    minutes: float
    peak_memory_mb: float
    guessed_memory_mb: float
    energy_wh: float
    tokens_per_second: float
    is_measured_here: bool


def estimate_run(
    config: TrainConfig,
    *,
    n_train: int,
    n_train_tokens: int,
    n_evaluation_tokens: int,
    earlier: Sequence[EarlierRun] = (),
    shape: BaseShape = EMBEDDED_SHAPE,
) -> RunEstimate:
    """Estimate a run on n_train examples that hold n_train_tokens tokens together.

    n_evaluation_tokens: tokens of validation and test together. earlier: from which speed, everything beside the steps, memory
    and power are learnt, each by its median. shape: of the base model; speed falls with its parameters, memory per token grows
    with width and layers.
    """
    steps = _steps(config, n_train, n_train_tokens)
    tokens = round(n_train_tokens * steps * config.batch_size / max(1, n_train))
    forwarded = round(n_evaluation_tokens * (2 + config.n_evaluations) / 2)
    size = shape.n_parameters / EMBEDDED_SHAPE.n_parameters
    by_size = DEFAULT_TOKENS_PER_SECOND / size
    speed = median(run.tokens_per_second for run in earlier) if earlier else by_size
    again = SECONDS_AGAIN if config.ask_again and config.n_drafts else 0.0
    guess = OTHER_SECONDS + size * (SECONDS_A_REQUEST * config.n_drafts + again)
    other = median(max(0.0, _other_seconds(run)) for run in earlier) if earlier else guess
    seconds = tokens / speed + forwarded / (speed * EVALUATION_SPEED_UP) + other
    breadth = shape.width * shape.n_layers / (EMBEDDED_SHAPE.width * EMBEDDED_SHAPE.n_layers)
    activations = MB_PER_TOKEN * breadth * max(config.micro_batch_tokens, config.max_length_tokens)
    guessed = LIBRARIES_MB + shape.n_parameters * BYTES_PER_PARAMETER / 2**20 + activations
    share = median(run.peak_memory_mb / run.guessed_memory_mb for run in earlier) if earlier else 1.0
    watts = median(run.energy_wh * 3_600 / run.job_seconds for run in earlier) if earlier else assumed_watts()
    return RunEstimate(
        n_steps=steps,
        n_train_tokens=tokens,
        n_evaluation_tokens=forwarded,
        minutes=seconds / 60,
        peak_memory_mb=guessed * share,
        guessed_memory_mb=guessed,
        energy_wh=watts * seconds / 3_600,
        tokens_per_second=speed,
        is_measured_here=bool(earlier),
    )


def _steps(config: TrainConfig, n_train: int, n_train_tokens: int) -> int:
    """By the passes, or by the tokens that are trained on where the configuration says how many."""
    if not config.train_tokens or not n_train_tokens:
        return n_steps(config, n_train)
    steps = max(1, round(config.train_tokens * n_train / (n_train_tokens * config.batch_size)))
    return min(config.max_steps, steps) if config.max_steps else steps


def _other_seconds(run: EarlierRun) -> float:
    """What a run took beside its steps and its hold-out losses."""
    return run.job_seconds - run.seconds - run.n_evaluation_tokens / (run.tokens_per_second * EVALUATION_SPEED_UP)

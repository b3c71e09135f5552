"""Minutes and memory of a run before it starts, from counts and from what this machine did before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.training.base_models import EMBEDDED_SHAPE, BaseShape
from core.training.presets import TrainConfig, n_steps

# Measured with the embedded model: float32, two cores of an AMD EPYC, real posts of mixed length.
DEFAULT_TOKENS_PER_SECOND = 400.0
# Evaluation goes forward only, about three times as fast.
EVALUATION_SPEED_UP = 3.0
START_SECONDS = 12.0
# Measured with the embedded model: libraries; then activations per token of a micro-batch. Weights take four bytes each.
LIBRARIES_MB, MB_PER_TOKEN, BYTES_PER_PARAMETER = 1_000.0, 2.5, 4


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """What a run will take. is_measured_here: the speed comes from earlier runs with this base on this data folder."""

    n_steps: int
    n_train_tokens: int
    minutes: float
    peak_memory_mb: float
    tokens_per_second: float
    is_measured_here: bool


def estimate_run(
    config: TrainConfig,
    *,
    n_train: int,
    n_train_tokens: int,
    n_evaluation_tokens: int,
    measured_speeds: Sequence[float] = (),
    shape: BaseShape = EMBEDDED_SHAPE,
) -> RunEstimate:
    """Estimate a run on n_train examples that hold n_train_tokens tokens together.

    n_evaluation_tokens: tokens of validation and test together. measured_speeds: tokens per second, newest first.
    shape: of the base model; speed falls with its parameters, memory per token grows with width and layers.
    """
    steps = n_steps(config, n_train)
    tokens = round(n_train_tokens * steps * config.batch_size / max(1, n_train))
    by_size = DEFAULT_TOKENS_PER_SECOND * EMBEDDED_SHAPE.n_parameters / shape.n_parameters
    speed = sorted(measured_speeds)[len(measured_speeds) // 2] if measured_speeds else by_size
    evaluation = n_evaluation_tokens * (2 + config.n_evaluations) / 2 / (speed * EVALUATION_SPEED_UP)
    seconds = START_SECONDS + tokens / speed + evaluation
    breadth = shape.width * shape.n_layers / (EMBEDDED_SHAPE.width * EMBEDDED_SHAPE.n_layers)
    activations = MB_PER_TOKEN * breadth * max(config.micro_batch_tokens, config.max_length_tokens)
    memory = LIBRARIES_MB + shape.n_parameters * BYTES_PER_PARAMETER / 2**20 + activations
    return RunEstimate(steps, tokens, seconds / 60, memory, speed, bool(measured_speeds))

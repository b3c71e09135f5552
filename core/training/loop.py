"""The training loop: LoRA, loss on answers only, exact resume.

A plain loop instead of a trainer framework: on two CPU cores it read 2.6 times the tokens a second of
TRL's trainer with its defaults, and 1.4 times those of the same trainer tuned by hand
(tests/benchmarks/train_speed.json), and the loss mask is the point. Method: LoRA (Hu et al. 2021), AdamW,
linear warm-up and cosine decay.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import PeftModel

from core.training.at_a_time import TokensAtATime
from core.training.batches import TrainingRow, batches_for_tokens, optimiser_batches
from core.training.best_weights import BestWeights
from core.training.checkpoints import (
    Counters,
    has_checkpoint,
    load_checkpoint,
    run_fingerprint,
    save_checkpoint,
)
from core.training.evaluation import HoldOutLoss, evaluate
from core.training.memory import peak_memory
from core.training.models import output_weight
from core.training.presets import CURVE_EXAMPLES, TrainConfig, n_steps
from core.training.progress import Progress
from core.training.ranks import Ranks
from core.training.row_loss import summed_loss

LAST_RATE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What training did. Losses in nats per trained token, on the test split; None where there is none.

    is_cancelled: stopped on request before the last step; a checkpoint was made. best_step: whose weights were kept, with
    the lowest validation loss; None where the last were. stopped_early: it ended because that loss no longer fell.
    n_train_tokens: that were read, over all steps. n_answer_tokens: those of them that were learnt, the answers'; None where
    nobody counted them. device_memory_mb: of the graphics processor, the fullest where there are several; None without one.
    """

    is_cancelled: bool
    n_steps: int
    n_train_tokens: int
    seconds: float
    tokens_per_second: float
    base_loss: HoldOutLoss | None
    tuned_loss: HoldOutLoss | None
    peak_memory_mb: float
    best_step: int | None = None
    stopped_early: bool = False
    n_answer_tokens: int | None = None
    device_memory_mb: float | None = None


def train(
    model: PeftModel,
    config: TrainConfig,
    *,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    test_rows: Sequence[TrainingRow],
    checkpoint: Path,
    progress: Progress,
    base_sha256: str = "",
) -> TrainResult:
    """Train the adapter of `model` in place; goes on from `checkpoint` where there is one. base_sha256: noted in its checkpoints.

    Tells progress every step: event "step" with loss, rate, tokens; event "eval" with hold-out loss.
    """
    base_loss = evaluate(model, test_rows, progress, phase="Measuring the base model", use_adapter=False)
    run = take_steps(
        model, config, train_rows=train_rows, validation_rows=validation_rows, checkpoint=checkpoint, progress=progress,
        base_sha256=base_sha256,
    )  # fmt: skip
    is_cancelled = not run.is_over
    tuned_loss = None
    if not is_cancelled:
        run.take_best(progress)
        tuned_loss = evaluate(model, test_rows, progress, phase="Measuring the tuned model")
        # Cut short, it would be compared with a base loss over other rows; resuming measures again.
        is_cancelled = tuned_loss is not None and len(tuned_loss.examples) < len(test_rows)
    done, peak = run.counters, peak_memory()
    return TrainResult(
        is_cancelled=is_cancelled,
        n_steps=done.step,
        n_train_tokens=done.n_train_tokens,
        seconds=done.seconds,
        tokens_per_second=done.n_train_tokens / done.seconds if done.seconds else 0.0,
        base_loss=base_loss,
        tuned_loss=tuned_loss,
        peak_memory_mb=peak.host_mb,
        device_memory_mb=peak.device_mb,
        best_step=run.taken_step,
        stopped_early=done.step < run.n_steps and not is_cancelled,
        n_answer_tokens=sum(row.n_target_tokens for batch in run.batches[: done.step] for row in batch),
    )


def take_steps(
    model: PeftModel,
    config: TrainConfig,
    *,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    checkpoint: Path,
    progress: Progress,
    base_sha256: str = "",
) -> Run:
    """The steps of a run, from its checkpoint to the end or until it is cancelled; a checkpoint is made at the end.

    Several processes that were started together share the work; the first measures the hold-out and writes.
    """
    run = Run(model, config, train_rows, checkpoint, base_sha256)
    curve_rows = validation_rows[:CURVE_EXAMPLES]
    evaluate_at = _evaluation_steps(config, run.n_steps)
    if run.counters.step == 0 and run.ranks.leads and not progress.cancelled():
        _evaluate_curve(model, curve_rows, 0, progress)
    last_checkpoint = time.monotonic()

    def measure() -> None:
        """The hold-out after this step, unless it was measured; a cancel may have cut it short before the checkpoint."""
        if run.counters.step in evaluate_at and run.counters.measured < run.counters.step and run.ranks.leads:
            run.note_hold_out(_evaluate_curve(model, curve_rows, run.counters.step, progress), progress)
            run.start_clock(progress)

    run.start_clock(progress)
    measure()
    while run.ranks.as_the_first_says(not run.is_over and not progress.cancelled()):
        run.one_step(progress)
        measure()
        if time.monotonic() - last_checkpoint > config.checkpoint_minutes * 60:
            run.save(progress)
            last_checkpoint = time.monotonic()
    run.save(progress)
    return run


def learning_rate(config: TrainConfig, step: int, total: int) -> float:
    """Rate of step 0..total-1: linear warm-up, then down to a tenth along a cosine or a line, or no more change."""
    warmup = max(1, round(config.warmup_share * total))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    share = (step - warmup) / max(1, total - warmup)
    left = {"cosine": (1 + math.cos(math.pi * share)) / 2, "linear": 1 - share, "constant": 1.0}[config.schedule]
    return config.learning_rate * (LAST_RATE_SHARE + (1 - LAST_RATE_SHARE) * left)


class Run:
    """One run between its steps."""

    def __init__(
        self, model: PeftModel, config: TrainConfig, rows: Sequence[TrainingRow], checkpoint: Path, base_sha256: str
    ) -> None:
        self.model, self.config, self.checkpoint, self.base_sha256 = model, config, checkpoint, base_sha256
        self.batches = _batches(config, rows)
        self.n_steps = len(self.batches)
        self.parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.optimiser = torch.optim.AdamW(
            self.parameters.values(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        torch.manual_seed(config.seed)
        self.fingerprint = run_fingerprint(config.as_before(), rows)
        self.counters = Counters()
        if has_checkpoint(checkpoint):
            self.counters = load_checkpoint(checkpoint, self.parameters, self.optimiser, fingerprint=self.fingerprint)
        self.best = BestWeights(checkpoint, self.parameters, fingerprint=self.fingerprint, before=self.counters.step)
        self.taken_step: int | None = None
        self.weight = output_weight(model)
        self.at_a_time = TokensAtATime(config, self.weight.device)
        self.ranks = Ranks()
        self._clock = 0.0
        model.train()

    @property
    def is_over(self) -> bool:
        """All steps are done, or the hold-out loss has not fallen for as long as the run's patience lasts."""
        has_lost_patience = bool(self.config.patience) and self.best.n_since >= self.config.patience
        return self.counters.step >= self.n_steps or has_lost_patience

    def note_hold_out(self, loss: float | None, progress: Progress) -> None:
        """Keep the weights where this loss is the lowest so far. None where it was not measured to its end."""
        if loss is not None:
            self.counters.measured = self.counters.step
        if loss is not None and (self.config.keep_best or self.config.patience):
            self.best.note(self.counters.step, loss)
            if self.best.step == self.counters.step:
                # A run that is resumed must not stand before the best that it knows.
                self.save(progress)
                self.best.clear_others()
            if self.is_over and self.counters.step < self.n_steps:
                progress.event(
                    "stopped_early", step=self.counters.step, best_step=self.best.step, n_since=self.best.n_since
                )

    def take_best(self, progress: Progress) -> None:
        """Put the best weights back, where they are not the last ones."""
        if self.config.keep_best and self.best.step is not None:
            self.taken_step = self.best.step
            if self.best.step < self.counters.step:
                self.best.restore()
                progress.event("best", step=self.best.step, loss=self.best.loss)

    def start_clock(self, progress: Progress) -> None:
        """Training time runs from here; call it again after what is no training."""
        progress.report(phase="Training", done=self.counters.step, total=self.n_steps)
        self._clock = time.perf_counter()

    def one_step(self, progress: Progress) -> None:
        """Forward, backward and update on one optimiser batch."""
        batch = self.batches[self.counters.step]
        n_targets = sum(self._weight_of(row) for row in batch)
        rate = learning_rate(self.config, self.counters.step, self.n_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate

        def nats_of(rows: list[TrainingRow]) -> torch.Tensor:
            loss = summed_loss(self.model, self.weight, rows, prompt_weight=self.config.prompt_weight)
            # Every labelled token of the optimiser batch weighs the same, whichever micro-batch it is in.
            (loss / n_targets).backward()
            return loss.detach()

        told = self.at_a_time.each(self.ranks.own_part(batch), self.parameters.values(), progress, nats_of)
        # Read only now: on a GPU, reading one would wait for it before the next micro-batch begins.
        nats = self.ranks.sum_gradients(self.parameters.values(), sum(map(float, told), 0.0))
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.config.clip_norm)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self._count(batch)
        self._tell(progress, nats / n_targets, rate)

    def _weight_of(self, row: TrainingRow) -> float:
        """What a row counts: its answer's tokens, and those of its prompt as far as they count."""
        n_others = row.n_tokens - 1 - row.n_target_tokens
        return row.n_target_tokens + self.config.prompt_weight * n_others

    def save(self, progress: Progress) -> None:
        if not self.ranks.leads:
            return
        save_checkpoint(
            self.checkpoint, self.parameters, self.optimiser, self.counters, fingerprint=self.fingerprint,
            base_sha256=self.base_sha256,
        )  # fmt: skip
        progress.event("checkpoint", step=self.counters.step)

    def _count(self, batch: Sequence[TrainingRow]) -> None:
        now = time.perf_counter()
        self.counters.step += 1
        self.counters.n_train_tokens += sum(row.n_tokens for row in batch)
        self.counters.seconds += now - self._clock
        self._clock = now

    def _tell(self, progress: Progress, loss: float, rate: float) -> None:
        done = self.counters
        speed = done.n_train_tokens / done.seconds
        progress.event(
            "step",
            step=done.step,
            n_steps=self.n_steps,
            loss=loss,
            learning_rate=rate,
            n_train_tokens=done.n_train_tokens,
            tokens_per_second=speed,
        )
        left = (self.n_steps - done.step) * done.seconds / done.step
        progress.report(
            phase="Training", done=done.step, total=self.n_steps, loss=loss, tokens_per_second=speed, eta_seconds=left
        )


def _batches(config: TrainConfig, rows: Sequence[TrainingRow]) -> list[list[TrainingRow]]:
    """The batches of all steps: so many passes, or so many tokens; never more than max_steps where that is set."""
    n_tokens = config.train_answer_tokens or config.train_tokens
    if n_tokens:
        batches = batches_for_tokens(
            rows,
            batch_size=config.batch_size,
            n_tokens=n_tokens,
            seed=config.seed,
            of_answers=bool(config.train_answer_tokens),
        )
        return batches[: config.max_steps] if config.max_steps else batches
    return optimiser_batches(rows, batch_size=config.batch_size, n_steps=n_steps(config, len(rows)), seed=config.seed)


def _evaluation_steps(config: TrainConfig, total: int) -> set[int]:
    if not config.n_evaluations:
        return set()
    return {max(1, round(total * (i + 1) / config.n_evaluations)) for i in range(config.n_evaluations)}


def _evaluate_curve(model: PeftModel, rows: Sequence[TrainingRow], step: int, progress: Progress) -> float | None:
    """Nats per trained token on the rows of the curve; None where there are none, or a cancel cut it short."""
    loss = evaluate(model, rows, progress, phase="Measuring the hold-out")
    # Cut short by a cancel, the mean would stand for other rows than the curve's other points.
    if loss is None or len(loss.examples) < len(rows):
        return None
    progress.event("eval", step=step, loss=loss.mean, n_examples=len(loss.examples))
    return loss.mean

"""The training loop: LoRA, loss on answers only, exact resume.

A plain loop instead of a trainer framework: on a CPU it is several times faster (see
tests/benchmarks/train_speed.py), and the loss mask is the point. Method: LoRA (Hu et al. 2021),
AdamW, linear warm-up and cosine decay.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import PeftModel

from core.training.batches import TrainingRow, micro_batches, optimiser_batches
from core.training.checkpoints import (
    Counters,
    has_checkpoint,
    load_checkpoint,
    run_fingerprint,
    save_checkpoint,
)
from core.training.evaluation import HoldOutLoss, evaluate
from core.training.loss import summed_answer_loss
from core.training.memory import peak_memory_mb
from core.training.models import as_tensors, hidden_states, output_weight
from core.training.presets import TrainConfig, n_steps
from core.training.progress import Progress

# Enough for a curve; the whole test split is measured once, at the end.
CURVE_EXAMPLES = 24
LAST_RATE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What training did. Losses in nats per trained token, on the test split; None where there is none.

    is_cancelled: stopped on request before the last step; a checkpoint was made.
    """

    is_cancelled: bool
    n_steps: int
    n_train_tokens: int
    seconds: float
    tokens_per_second: float
    base_loss: HoldOutLoss | None
    tuned_loss: HoldOutLoss | None
    peak_memory_mb: float


def train(
    model: PeftModel,
    config: TrainConfig,
    *,
    train_rows: Sequence[TrainingRow],
    validation_rows: Sequence[TrainingRow],
    test_rows: Sequence[TrainingRow],
    checkpoint: Path,
    progress: Progress,
) -> TrainResult:
    """Train the adapter of `model` in place; goes on from `checkpoint` where there is one.

    Tells progress every step: event "step" with loss, rate, tokens; event "eval" with hold-out loss.
    """
    base_loss = evaluate(model, test_rows, progress, phase="Measuring the base model", use_adapter=False)
    run = _Run(model, config, train_rows, checkpoint)
    curve_rows = validation_rows[:CURVE_EXAMPLES]
    evaluate_at = _evaluation_steps(config, run.n_steps)
    if run.counters.step == 0 and not progress.cancelled():
        _evaluate_curve(model, curve_rows, 0, progress)
    last_checkpoint = time.monotonic()
    run.start_clock()
    while run.counters.step < run.n_steps and not progress.cancelled():
        run.one_step(progress)
        if run.counters.step in evaluate_at:
            _evaluate_curve(model, curve_rows, run.counters.step, progress)
            run.start_clock()
        if time.monotonic() - last_checkpoint > config.checkpoint_minutes * 60:
            run.save(progress)
            last_checkpoint = time.monotonic()
    is_cancelled = run.counters.step < run.n_steps
    run.save(progress)
    tuned_loss = None
    if not is_cancelled:
        tuned_loss = evaluate(model, test_rows, progress, phase="Measuring the tuned model")
        # Cut short, it would be compared with a base loss over other rows; resuming measures again.
        is_cancelled = tuned_loss is not None and len(tuned_loss.examples) < len(test_rows)
    done = run.counters
    return TrainResult(
        is_cancelled=is_cancelled,
        n_steps=done.step,
        n_train_tokens=done.n_train_tokens,
        seconds=done.seconds,
        tokens_per_second=done.n_train_tokens / done.seconds if done.seconds else 0.0,
        base_loss=base_loss,
        tuned_loss=tuned_loss,
        peak_memory_mb=peak_memory_mb(),
    )


def learning_rate(config: TrainConfig, step: int, total: int) -> float:
    """Rate of step 0..total-1: linear warm-up, then a cosine down to a tenth."""
    warmup = max(1, round(config.warmup_share * total))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    share = (step - warmup) / max(1, total - warmup)
    return config.learning_rate * (LAST_RATE_SHARE + (1 - LAST_RATE_SHARE) * (1 + math.cos(math.pi * share)) / 2)


class _Run:
    """One run between its steps."""

    def __init__(self, model: PeftModel, config: TrainConfig, rows: Sequence[TrainingRow], checkpoint: Path) -> None:
        self.model, self.config, self.checkpoint = model, config, checkpoint
        self.n_steps = n_steps(config, len(rows))
        self.batches = optimiser_batches(rows, batch_size=config.batch_size, n_steps=self.n_steps, seed=config.seed)
        self.parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.optimiser = torch.optim.AdamW(
            self.parameters.values(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        torch.manual_seed(config.seed)
        self.fingerprint = run_fingerprint(config.to_dict(), rows)
        self.counters = Counters()
        if has_checkpoint(checkpoint):
            self.counters = load_checkpoint(checkpoint, self.parameters, self.optimiser, fingerprint=self.fingerprint)
        self.weight = output_weight(model)
        self._clock = 0.0
        model.train()

    def start_clock(self) -> None:
        """Training time runs from here; call it again after what is no training."""
        self._clock = time.perf_counter()

    def one_step(self, progress: Progress) -> None:
        """Forward, backward and update on one optimiser batch."""
        batch = self.batches[self.counters.step]
        n_targets = sum(row.n_target_tokens for row in batch)
        rate = learning_rate(self.config, self.counters.step, self.n_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        nats = 0.0
        for rows in micro_batches(batch, budget_tokens=self.config.micro_batch_tokens):
            ids, labels = as_tensors(rows, self.weight.device)
            loss = summed_answer_loss(hidden_states(self.model, ids), self.weight, labels)
            # Every labelled token of the optimiser batch weighs the same, whichever micro-batch it is in.
            (loss / n_targets).backward()
            nats += float(loss.detach())
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.config.clip_norm)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self._count(batch)
        self._tell(progress, nats / n_targets, rate)

    def save(self, progress: Progress) -> None:
        save_checkpoint(self.checkpoint, self.parameters, self.optimiser, self.counters, fingerprint=self.fingerprint)
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


def _evaluation_steps(config: TrainConfig, total: int) -> set[int]:
    if not config.n_evaluations:
        return set()
    return {max(1, round(total * (i + 1) / config.n_evaluations)) for i in range(config.n_evaluations)}


def _evaluate_curve(model: PeftModel, rows: Sequence[TrainingRow], step: int, progress: Progress) -> None:
    loss = evaluate(model, rows, progress, phase="Measuring the hold-out")
    # Cut short by a cancel, the mean would stand for other rows than the curve's other points.
    if loss is not None and len(loss.examples) == len(rows):
        progress.event("eval", step=step, loss=loss.mean, n_examples=len(loss.examples))

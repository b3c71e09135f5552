"""Learning from which of two texts people prefer: the loss, its steps, and how often a model prefers what they did.

Method: direct preference optimisation (Rafailov and others, 2023), with the negative log-likelihood of the preferred text
beside it (Pang and others, 2024). Most pairs are a draft and the same draft after a few words were changed; for such pairs the
plain loss is known to make both texts less likely, the preferred one too (Pal and others, Smaug, 2024), and the second term
holds it.

Memory is that of ordinary training. The reference is the adapter as it was at the start, whose log-probabilities are computed once;
and a step first reads its texts without a gradient, which tells how much each text counts, so that they then go through
in any groups, one alone if need be (the idea of gradient caching, Gao and others, 2021). It costs a third more time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from torch.nn.functional import logsigmoid

from core.nouns import Dropped, Example, PreferencePair
from core.training.at_a_time import TokensAtATime
from core.training.batches import TrainingRow, optimiser_batches, tokenise_examples
from core.training.chat_format import ChatFormat
from core.training.checkpoints import Counters, has_checkpoint, load_checkpoint, run_fingerprint, save_checkpoint
from core.training.evaluation import evaluate
from core.training.loop import learning_rate
from core.training.models import keep_saving_memory, output_weight
from core.training.preference_plan import PreferenceConfig
from core.training.presets import CURVE_EXAMPLES, n_steps
from core.training.progress import Progress, Silent
from core.training.row_loss import loss_by_row

# Log-probability of each text by the id of its row, summed over the tokens of the answer.
LogProbabilities = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PairRows:
    """A pair as tokens, labelled on the answers alone."""

    id: str
    chosen: TrainingRow
    rejected: TrainingRow

    @property
    def rows(self) -> tuple[TrainingRow, TrainingRow]:
        return self.chosen, self.rejected


@dataclass(frozen=True, slots=True)
class Preferred:
    """How a model stands to pairs.

    n_likelier: pairs whose chosen text it finds likelier, token for token. n_moved: pairs for which the chosen text gained against
    the rejected one since the reference; margin: by how many nats, on average. chosen_change: of the chosen text alone.
    """

    n: int
    n_likelier: int
    n_moved: int
    margin: float
    chosen_change: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PreferenceResult:
    """What learning from pairs did. after: None where it was cancelled before its end; a checkpoint was made then."""

    n_steps: int
    n_train_tokens: int
    seconds: float
    before: Preferred
    after: Preferred | None


def tokenise_pairs(
    pairs: Sequence[PreferencePair], form: ChatFormat, *, max_length_tokens: int
) -> tuple[list[PairRows], list[Dropped]]:
    """Pairs of which both texts fit, and those that do not, with the reason; nothing is cut."""
    found, dropped = [], []
    for pair in pairs:
        rows, refused = tokenise_examples(pair_examples(pair), form, max_length_tokens=max_length_tokens)
        if refused:
            dropped.append(refused[0])
        else:
            found.append(PairRows(pair.id, rows[0], rows[1]))
    return found, dropped


def pair_examples(pair: PreferencePair) -> tuple[Example, Example]:
    """The two texts of a pair as answers to its prompt: the chosen one, and the rejected one."""
    return _example(pair, "chosen", pair.chosen), _example(pair, "rejected", pair.rejected)


def preference_loss(
    chosen: torch.Tensor, rejected: torch.Tensor, reference_chosen: torch.Tensor, reference_rejected: torch.Tensor, *, beta: float
) -> torch.Tensor:  # fmt: skip
    """The loss of each pair, in nats: (pairs,). All four: log-probabilities of the texts, summed over their tokens.

    ln 2 where model and reference agree. Source: Rafailov and others, 2023, equation 7.
    """
    margin = (chosen - reference_chosen) - (rejected - reference_rejected)
    return -logsigmoid(beta * margin)


def log_probabilities(
    model: PeftModel, pairs: Sequence[PairRows], progress: Progress, *, phase: str
) -> LogProbabilities | None:
    """Of all texts of the pairs, without a gradient; None when a cancel cut it short."""
    rows = [row for pair in pairs for row in pair.rows]
    told = evaluate(model, rows, progress, phase=phase)
    if told is None or len(told.examples) < len(rows):
        return None
    return {one.example_id: -one.nats for one in told.examples}


def preferred(pairs: Sequence[PairRows], now: LogProbabilities, reference: LogProbabilities) -> Preferred:
    """How the model with these log-probabilities stands to the pairs. pairs: at least one."""
    likelier, margins, changes = 0, [], []
    for pair in pairs:
        chosen, rejected = pair.chosen.example_id, pair.rejected.example_id
        likelier += now[chosen] / pair.chosen.n_target_tokens > now[rejected] / pair.rejected.n_target_tokens
        changes.append(now[chosen] - reference[chosen])
        margins.append(changes[-1] - (now[rejected] - reference[rejected]))
    n = len(pairs)
    return Preferred(n, likelier, sum(margin > 0 for margin in margins), sum(margins) / n, sum(changes) / n)


def learn_preferences(
    model: PeftModel,
    config: PreferenceConfig,
    *,
    pairs: Sequence[PairRows],
    measured: Sequence[PairRows],
    validation_rows: Sequence[TrainingRow],
    start_sha256: str,
    checkpoint: Path,
    progress: Progress,
    base_sha256: str = "",
) -> PreferenceResult | None:
    """Train the adapter of `model` in place, from its weights as they are; goes on from `checkpoint` where there is one.

    measured: pairs on which preference is told before and after. start_sha256: of the adapter's weights as they are; base_sha256: of
    the base model, noted in checkpoints. Returns None when it was cancelled before it could begin. Tells progress every step: event "step" with loss, margin, rate, tokens; event
    "eval" with the loss on the validation rows.
    """
    # The same draws of a dropout would have to fall on reference and model; there is none in either.
    model.eval()
    every = list({pair.id: pair for pair in [*pairs, *measured]}.values())
    reference = log_probabilities(model, every, progress, phase="Reading the pairs with the run as it is")
    if reference is None:
        return None
    run = _Steps(model, config, pairs, reference, start_sha256, checkpoint, base_sha256)
    curve = validation_rows[:CURVE_EXAMPLES]
    if run.counters.step == 0:
        _tell_hold_out(model, curve, 0, progress)
    last_checkpoint = time.monotonic()
    run.start_clock(progress)
    run.measure(curve, progress)
    while not run.is_over and not progress.cancelled():
        run.one_step(progress)
        run.measure(curve, progress)
        if time.monotonic() - last_checkpoint > config.run.checkpoint_minutes * 60:
            run.save(progress)
            last_checkpoint = time.monotonic()
    run.save(progress)
    now = log_probabilities(model, measured, progress, phase="Reading the pairs again") if run.is_over else None
    done = run.counters
    return PreferenceResult(
        n_steps=done.step,
        n_train_tokens=done.n_train_tokens,
        seconds=done.seconds,
        before=preferred(measured, reference, reference),
        after=preferred(measured, now, reference) if now is not None else None,
    )


class _Steps:
    """The optimiser's steps over pairs."""

    def __init__(
        self,
        model: PeftModel,
        config: PreferenceConfig,
        pairs: Sequence[PairRows],
        reference: LogProbabilities,
        start_sha256: str,
        checkpoint: Path,
        base_sha256: str,
    ) -> None:
        self.model, self.config, self.reference, self.checkpoint = model, config, reference, checkpoint
        self.base_sha256 = base_sha256
        self.by_chosen = {pair.chosen.example_id: pair for pair in pairs}
        self.n_steps = n_steps(config.run, len(pairs))
        # Pairs go by their chosen text: of like length, the two texts of a pair mostly are.
        self.batches = optimiser_batches(
            [pair.chosen for pair in pairs], batch_size=config.run.batch_size, n_steps=self.n_steps, seed=config.run.seed
        )  # fmt: skip
        self.parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.optimiser = torch.optim.AdamW(
            self.parameters.values(), lr=config.run.learning_rate, weight_decay=config.run.weight_decay
        )
        torch.manual_seed(config.run.seed)
        rows = [row for pair in pairs for row in pair.rows]
        self.fingerprint = run_fingerprint(config.to_dict() | {"start": start_sha256}, rows)
        self.counters = Counters()
        if has_checkpoint(checkpoint):
            self.counters = load_checkpoint(checkpoint, self.parameters, self.optimiser, fingerprint=self.fingerprint)
        self.weight = output_weight(model)
        self.at_a_time = TokensAtATime(config.run, self.weight.device)
        self._clock = 0.0

    @property
    def is_over(self) -> bool:
        return self.counters.step >= self.n_steps

    def evaluation_steps(self) -> set[int]:
        """After which steps the validation rows are measured; the last one among them."""
        n = self.config.run.n_evaluations
        return {max(1, round(self.n_steps * (i + 1) / n)) for i in range(n)}

    def measure(self, rows: Sequence[TrainingRow], progress: Progress) -> None:
        """The hold-out after this step, where it is due and was not measured; a cancel may have cut it short before the checkpoint."""
        done = self.counters
        if done.step in self.evaluation_steps() and done.measured < done.step:
            if _tell_hold_out(self.model, rows, done.step, progress):
                done.measured = done.step
            self.start_clock(progress)

    def start_clock(self, progress: Progress) -> None:
        """Training time runs from here; call it again after what is no training."""
        progress.report(phase="Learning from the pairs", done=self.counters.step, total=self.n_steps)
        self._clock = time.perf_counter()

    def one_step(self, progress: Progress) -> None:
        """Read, weigh, go forward and backward, and update, on one batch of pairs."""
        batch = [self.by_chosen[row.example_id] for row in self.batches[self.counters.step]]
        rate = learning_rate(self.config.run, self.counters.step, self.n_steps)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        facts, slopes = self._weigh(batch)
        keep_saving_memory(self.model)

        def learn(rows: list[TrainingRow]) -> None:
            nats = loss_by_row(self.model, self.weight, rows)
            (nats * torch.tensor([-slopes[row.example_id] for row in rows], device=nats.device)).sum().backward()

        self.at_a_time.each([row for pair in batch for row in pair.rows], self.parameters.values(), progress, learn)
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.config.run.clip_norm)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self._count(batch)
        self._tell(progress, rate, facts)

    def save(self, progress: Progress) -> None:
        save_checkpoint(
            self.checkpoint, self.parameters, self.optimiser, self.counters, fingerprint=self.fingerprint,
            base_sha256=self.base_sha256,
        )  # fmt: skip
        progress.event("checkpoint", step=self.counters.step)

    def _weigh(self, batch: Sequence[PairRows]) -> tuple[dict[str, float], dict[str, float]]:
        """What the step tells of its pairs; and the slope of their loss by the log-probability of each text, by its row's id."""
        now = log_probabilities(self.model, batch, Silent(), phase="")
        assert now is not None, "nobody cancels what is silent"
        chosen = _values(now, [pair.chosen for pair in batch]).requires_grad_()
        rejected = _values(now, [pair.rejected for pair in batch]).requires_grad_()
        reference = [_values(self.reference, [pair.rows[side] for pair in batch]) for side in (0, 1)]
        preference = preference_loss(chosen, rejected, reference[0], reference[1], beta=self.config.beta)
        nats_a_token = -chosen / torch.tensor([pair.chosen.n_target_tokens for pair in batch])
        loss = (preference + self.config.nll_weight * nats_a_token).mean()
        by_chosen, by_rejected = torch.autograd.grad(loss, (chosen, rejected))
        slopes: dict[str, float] = {}
        for pair, up, down in zip(batch, by_chosen.tolist(), by_rejected.tolist(), strict=True):
            # A pair that stands in a batch twice, where there are few, has the same slope each time.
            slopes |= {pair.chosen.example_id: up, pair.rejected.example_id: down}
        margins = (chosen - reference[0]) - (rejected - reference[1])
        facts = {
            name: float(told.detach().mean())
            for name, told in {"loss": preference, "margin": margins, "chosen_loss": nats_a_token}.items()
        }
        return facts, slopes

    def _count(self, batch: Sequence[PairRows]) -> None:
        now = time.perf_counter()
        self.counters.step += 1
        self.counters.n_train_tokens += sum(row.n_tokens for pair in batch for row in pair.rows)
        self.counters.seconds += now - self._clock
        self._clock = now

    def _tell(self, progress: Progress, rate: float, facts: dict[str, float]) -> None:
        done = self.counters
        speed = done.n_train_tokens / done.seconds
        counted = {"n_train_tokens": done.n_train_tokens, "tokens_per_second": speed}
        progress.event("step", step=done.step, n_steps=self.n_steps, learning_rate=rate, **facts, **counted)
        left = (self.n_steps - done.step) * done.seconds / done.step
        progress.report(
            phase="Learning from the pairs", done=done.step, total=self.n_steps, loss=facts["loss"], tokens_per_second=speed,
            eta_seconds=left,
        )  # fmt: skip


def _example(pair: PreferencePair, side: str, text: str) -> Example:
    messages = ({"role": "user", "content": pair.prompt}, {"role": "assistant", "content": text})
    return Example(f"{pair.id}:{side}", pair.id, pair.id, pair.brief_id, messages)


def _values(told: LogProbabilities, rows: Sequence[TrainingRow]) -> torch.Tensor:
    return torch.tensor([told[row.example_id] for row in rows], dtype=torch.float64)


def _tell_hold_out(model: PeftModel, rows: Sequence[TrainingRow], step: int, progress: Progress) -> bool:
    """Whether it was measured to its end, and so told."""
    loss = evaluate(model, rows, progress, phase="Measuring the hold-out")
    # Cut short by a cancel, the mean would stand for other rows than the curve's other points.
    if loss is None or len(loss.examples) < len(rows):
        return False
    progress.event("eval", step=step, loss=loss.mean, n_examples=len(loss.examples))
    return True

"""What a trained model is asked at the end of any run, before its adapter is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peft import PeftModel

from core.jobs.context import JobCancelled, JobContext
from core.jobs.folder import write_json
from core.nouns import Example, Split
from core.training.base_models import context_tokens
from core.training.batches import TrainingRow
from core.training.by_heart import by_heart_told, learnt_by_heart
from core.training.canaries import exposures, exposures_told
from core.training.chat_format import ChatFormat
from core.training.consistency import asked_again, consistency_told
from core.training.draft_voice import drafts_of_held_out, voice_of_drafts
from core.training.evaluation import evaluate
from core.training.general_ability import QUESTIONS, neutral_rows
from core.training.presets import TrainConfig


def evidence_of(
    model: PeftModel,
    form: ChatFormat,
    examples: Mapping[Split, Sequence[Example]],
    config: TrainConfig,
    context: JobContext,
    *,
    learnt: Sequence[Sequence[TrainingRow]],
) -> dict[str, Any]:
    """All of it, by its name among the run's metrics. Raises JobCancelled: resuming measures again.

    examples: those that the run learnt from and is measured on. learnt: their rows, and others that it learnt in another way.
    """
    evidence = _known_and_able(model, learnt, form, context) | {
        "voice": _voice_of(model, form, examples, config, context),
        "consistency": _consistency_of(model, form, examples, config, context),
        "canaries": exposures_told(exposures(model, form, config.n_canaries, seed=config.seed, progress=context)),
    }
    if context.cancelled():
        raise JobCancelled
    return evidence


def _known_and_able(
    model: PeftModel, learnt: Sequence[Sequence[TrainingRow]], form: ChatFormat, context: JobContext
) -> dict[str, Any]:
    """What the trained model knows by heart, and whether it still answers what has nothing to do with these texts."""
    known = learnt_by_heart(model, learnt, form.tokenizer, context)
    base, tuned = (
        evaluate(model, neutral_rows(form), context, phase="Measuring general ability", use_adapter=use_adapter)
        for use_adapter in (False, True)
    )
    if context.cancelled():
        raise JobCancelled
    ability = {"base": base.mean if base else None, "tuned": tuned.mean if tuned else None, "n": len(QUESTIONS)}
    return {"by_heart": by_heart_told(known), "general_ability": ability}


def _voice_of(
    model: PeftModel,
    form: ChatFormat,
    examples: Mapping[Split, Sequence[Example]],
    config: TrainConfig,
    context: JobContext,
) -> dict[str, Any] | None:
    """Drafts for held-out requests, kept in `drafts.json`, and how near they come to the voice."""
    held_out = [*examples[Split.TEST], *examples[Split.VALIDATION]]
    drafts = drafts_of_held_out(
        model, form, train=examples[Split.TRAIN], held_out=held_out, n_requests=config.n_drafts,
        seed=config.seed, max_position=context_tokens(form.folder), progress=context,
    )  # fmt: skip
    if context.cancelled():
        raise JobCancelled
    write_json(context.out / "drafts.json", {"requests": drafts})
    return voice_of_drafts(drafts, held_out) if drafts else None


def _consistency_of(
    model: PeftModel,
    form: ChatFormat,
    examples: Mapping[Split, Sequence[Example]],
    config: TrainConfig,
    context: JobContext,
) -> dict[str, Any] | None:
    """How alike drafts are when the same is asked again; None where the run does not ask."""
    held_out = [*examples[Split.TEST], *examples[Split.VALIDATION]]
    if not config.ask_again or not config.n_drafts:
        return None
    texts = asked_again(
        model, form, train=examples[Split.TRAIN], held_out=held_out, seed=config.seed,
        max_position=context_tokens(form.folder), progress=context,
    )  # fmt: skip
    return consistency_told(texts, held_out, seed=config.seed)

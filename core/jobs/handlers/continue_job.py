"""Goes on from a run's adapter with preference pairs: what reviewers signed off rather than what the model wrote.

Measures the same hold-out before and after, so that one sees what the pairs did to the voice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from peft import PeftModel

from core.curate.versions import read_version
from core.errors import Invalid
from core.jobs.broken_off import MEMORY_REMEDIES
from core.jobs.context import JobCancelled, JobContext
from core.jobs.handlers.check_step import tell_dropped, tell_findings, tell_resumed, tried
from core.jobs.handlers.evidence_step import evidence_of
from core.jobs.handlers.run_outcome import RunClock
from core.nouns import Example, Split
from core.review.pairs import read_pairs
from core.training.adapters import save_adapter
from core.training.base_models import folder_sha256
from core.training.batches import TrainingRow
from core.training.chat_format import ChatFormat, chat_format
from core.training.checkpoints import check_begun_on, has_checkpoint
from core.training.dry_step import dry_step
from core.training.evaluation import HoldOutLoss, evaluate
from core.training.loop import TrainResult
from core.training.machine import use_threads
from core.training.manifests import read_manifest
from core.training.memory import free_memory_mb, peak_memory
from core.training.merging import check_base
from core.training.models import load_base, ready_model_folder, with_adapter
from core.training.pair_checks import HELD_OUT, CheckedPairs, check_pairs
from core.training.preference_plan import PreferenceConfig, config_of
from core.training.preferences import PreferenceResult, learn_preferences
from core.training.preflight import Checked, check_examples


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """What is measured before and after: a split's rows. n_left_out: test examples of whose record a pair holds the brief."""

    split: Split
    rows: list[TrainingRow]
    n_left_out: int


def run(context: JobContext) -> dict[str, Any]:
    """Learn, measure, save. Cancelled runs end with a checkpoint, from which "resume" goes on."""
    clock = RunClock()
    settings = context.settings
    config = config_of(settings["config"])
    use_threads(None)
    context.report(phase="Checking version, pairs and adapter", done=0, total=0)
    examples, n_left_out = _examples(settings)
    start = Path(settings["start"])
    begun_from = read_manifest(start, trained_sha256=settings["continues"]["weights_sha256"])
    context.report(phase="Loading the run to go on from", done=0, total=0)
    base_folder = ready_model_folder(config.run.base, Path(settings["models"]))
    check_base(base_folder, begun_from)
    base_sha256 = folder_sha256(base_folder)
    check_begun_on(Path(settings["checkpoint"]), base_sha256=base_sha256, base_name=base_folder.name)
    form = chat_format(base_folder)
    checked = check_examples(examples, form, config.run)
    pairs = _checked_pairs(context, checked, form, config)
    learnt, aside, rows = pairs.learnt, pairs.aside, checked.rows
    # Where no test row is left, the validation split stands in.
    split = Split.TEST if rows[Split.TEST] else Split.VALIDATION
    held_out = _HeldOut(split, rows[split], n_left_out)
    free_mb = free_memory_mb()
    model = with_adapter(
        load_base(base_folder), start, is_trainable=True, saves_memory=config.run.gradient_checkpointing
    )
    _try_longest(model, pairs, config, context, free_mb=free_mb)
    was_resumed = has_checkpoint(Path(settings["checkpoint"]))
    tell_resumed(Path(settings["checkpoint"]), context)
    base = _measured(model, held_out, context, phase="Measuring the base model", use_adapter=False)
    before = _measured(model, held_out, context, phase="Measuring the run as it is")
    result = learn_preferences(
        model,
        config,
        pairs=learnt,
        measured=aside or learnt,
        validation_rows=rows[Split.VALIDATION],
        start_sha256=settings["continues"]["weights_sha256"],
        checkpoint=Path(settings["checkpoint"]),
        progress=context,
        base_sha256=base_sha256,
    )
    if result is None or result.after is None:
        raise JobCancelled
    after = _measured(model, held_out, context, phase="Measuring the tuned model")
    learnt_rows = [rows[Split.TRAIN], [pair.chosen for pair in learnt]]
    evidence = evidence_of(model, form, checked.examples, config.run, context, learnt=learnt_rows)
    manifest = save_adapter(
        model,
        context.out / "adapter",
        config=config.run,
        base_folder=base_folder,
        version_facts={name: settings[name] for name in ("version", "content_sha256", "run", "continues")},
        result=_as_result(result, held_out, base, after),
        base_sha256=base_sha256,
        network=context.network_facts(),
    )
    if manifest["weights_sha256"] == begun_from["weights_sha256"]:
        raise Invalid(
            "The adapter is the same as the one that it went on from: not one weight changed.",
            remedy="Choose a higher learning rate.",
        )
    facts = {
        "preference": _preference_told(
            result, held_out, before=before, after=after, n_learnt=len(learnt), n_aside=len(aside)
        ),
        # What the adapter has learnt from examples; the pairs are told beside them.
        "n_train_examples": len(rows[Split.TRAIN]),
        "n_dropped": settings["continues"]["n_pairs"] - len(learnt) - len(aside),
    }
    return clock.outcome(manifest, examples[Split.TEST], was_resumed=was_resumed) | evidence | facts


def _examples(settings: dict[str, Any]) -> tuple[dict[Split, tuple[Example, ...]], int]:
    """The version's examples, its hash checked, and how many test examples are left out.

    A text whose brief is in a pair is held out no more once what reviewers made of it is learnt from, nor is any that freezing
    kept together with it.
    """
    version = read_version(Path(settings["version_folder"]), expected_sha256=settings["content_sha256"])
    records = set(settings["records"])
    groups = {e.group for split in version.examples.values() for e in split if e.record_id in records}
    left = {
        split: tuple(e for e in version.examples[split] if e.record_id not in records and e.group not in groups)
        for split in (Split.VALIDATION, Split.TEST)
    }
    return version.examples | left, len(version.examples[Split.TEST]) - len(left[Split.TEST])


def _checked_pairs(context: JobContext, checked: Checked, form: ChatFormat, config: PreferenceConfig) -> CheckedPairs:
    """The pairs as they will be learnt, with what was found told and kept. Raises Refused where the run must not go on."""
    pairs = read_pairs(Path(context.settings["pairs"]), expected_sha256=context.settings["continues"]["pairs_sha256"])
    found = check_pairs(pairs, checked, form, config)
    tell_dropped(found.dropped, context, split="pairs")
    for split in HELD_OUT:
        tell_dropped(checked.dropped[split], context, split=split.value)
    tell_findings(found.told, found.findings, context)
    return found


def _try_longest(
    model: PeftModel, pairs: CheckedPairs, config: PreferenceConfig, context: JobContext, *, free_mb: float | None
) -> None:
    """Try the longest texts before anything is measured, and add what that says to the check. Raises Refused where they do not fit.

    free_mb: before the model was loaded; None where nobody knows.
    """
    texts = [row for pair in pairs.learnt for row in pair.rows]
    step = partial(dry_step, model, texts, config.run, context)
    measured, found = tried(step, free_mb=free_mb, of="texts", remedy=MEMORY_REMEDIES["continue"])
    findings = [*pairs.told["findings"], *map(asdict, found)]
    tell_findings(pairs.told | {"dry_step": measured, "findings": findings}, found, context)


def _measured(
    model: PeftModel, held_out: _HeldOut, context: JobContext, *, phase: str, use_adapter: bool = True
) -> HoldOutLoss | None:
    """The loss on all that is held out; None where nothing is. Raises JobCancelled when a cancel cut it short."""
    loss = evaluate(model, held_out.rows, context, phase=phase, use_adapter=use_adapter)
    if context.cancelled() or (loss is not None and len(loss.examples) < len(held_out.rows)):
        raise JobCancelled
    return loss


def _preference_told(
    result: PreferenceResult, held_out: _HeldOut, *, before: HoldOutLoss | None, after: HoldOutLoss | None, n_learnt: int, n_aside: int
) -> dict[str, Any]:  # fmt: skip
    """What the pairs did: to the preference on those that were measured, and to the loss on what is held out."""
    assert result.after is not None, "a cancelled run is told of nowhere"
    return {
        "n_pairs": n_learnt + n_aside,
        "n_learnt": n_learnt,
        "is_aside": bool(n_aside),
        "before": result.before.to_dict(),
        "after": result.after.to_dict(),
        "hold_out": {
            "split": held_out.split.value,
            "n": len(held_out.rows),
            "n_left_out": held_out.n_left_out,
            "before": before.mean if before else None,
            "after": after.mean if after else None,
        },
    }


def _as_result(
    result: PreferenceResult, held_out: _HeldOut, base: HoldOutLoss | None, after: HoldOutLoss | None
) -> TrainResult:
    """In the form in which any run is saved. The losses that runs are compared by are of the test split alone."""
    is_test, peak = held_out.split is Split.TEST, peak_memory()
    return TrainResult(
        is_cancelled=False,
        n_steps=result.n_steps,
        n_train_tokens=result.n_train_tokens,
        seconds=result.seconds,
        tokens_per_second=result.n_train_tokens / result.seconds,
        base_loss=base if is_test else None,
        tuned_loss=after if is_test else None,
        peak_memory_mb=peak.host_mb,
        device_memory_mb=peak.device_mb,
    )

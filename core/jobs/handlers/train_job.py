"""Trains one adapter on one frozen version whose hash is checked first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from core.curate.versions import read_version
from core.jobs.context import JobCancelled, JobContext
from core.jobs.handlers.check_step import tell_dropped, tell_findings, tell_resumed
from core.jobs.handlers.evidence_step import evidence_of
from core.jobs.handlers.run_outcome import RunClock
from core.nouns import Split
from core.training.adapters import save_adapter
from core.training.base_models import folder_sha256
from core.training.chat_format import chat_format
from core.training.checkpoints import check_begun_on, has_checkpoint
from core.training.loop import TrainResult, train
from core.training.machine import use_threads
from core.training.memory import PeakMemory
from core.training.models import load_base, ready_model_folder, with_new_adapter
from core.training.preflight import check_examples
from core.training.presets import config_from
from core.training.ranked import take_steps_together


def run(context: JobContext) -> dict[str, Any]:
    """Train, evaluate, save. Cancelled runs end with a checkpoint, from which "resume" goes on."""
    clock = RunClock()
    settings = context.settings
    config = config_from(settings["config"])
    use_threads(settings.get("threads"))
    context.report(phase="Checking the version", done=0, total=0)
    version = read_version(Path(settings["version_folder"]), expected_sha256=settings["content_sha256"])
    context.report(phase="Loading the base model", done=0, total=0)
    base_folder = ready_model_folder(config.base, Path(settings["models"]))
    base_sha256, checkpoint = folder_sha256(base_folder), Path(settings["checkpoint"])
    check_begun_on(checkpoint, base_sha256=base_sha256, base_name=base_folder.name)
    form = chat_format(base_folder)
    checked = check_examples(version.examples, form, config)
    rows = checked.rows
    for split, dropped in checked.dropped.items():
        tell_dropped(dropped, context, split=split.value)
    tell_findings(checked.told, checked.findings, context)
    model = with_new_adapter(load_base(base_folder), config)
    was_resumed = has_checkpoint(checkpoint)
    tell_resumed(checkpoint, context)
    train_rows = [*rows[Split.TRAIN], *checked.planted]
    together = None
    if config.processes > 1:
        # They leave a checkpoint after the last step, from which this process goes on to the measurements.
        together = take_steps_together(
            config, base_folder, train_rows=train_rows, validation_rows=rows[Split.VALIDATION],
            checkpoint=checkpoint, progress=context, n_threads=torch.get_num_threads(), base_sha256=base_sha256,
        )  # fmt: skip
    result = train(
        model,
        config,
        train_rows=train_rows,
        validation_rows=rows[Split.VALIDATION],
        test_rows=rows[Split.TEST],
        checkpoint=checkpoint,
        progress=context,
        base_sha256=base_sha256,
    )
    if result.is_cancelled:
        raise JobCancelled
    evidence = evidence_of(model, form, checked.examples, config, context, learnt=[rows[Split.TRAIN]])
    manifest = save_adapter(
        model,
        context.out / "adapter",
        config=config,
        base_folder=base_folder,
        version_facts={
            "version": settings["version"],
            "content_sha256": version.content_sha256,
            "run": settings["run"],
        },
        result=_with_memory(result, together),
        base_sha256=base_sha256,
        network=context.network_facts(),
    )
    facts = {"n_train_examples": len(rows[Split.TRAIN]), "n_dropped": sum(map(len, checked.dropped.values()))}
    return clock.outcome(manifest, version.examples[Split.TEST], was_resumed=was_resumed) | evidence | facts


def _with_memory(result: TrainResult, together: PeakMemory | None) -> TrainResult:
    """The result with what several processes held at once, where that was more than what this one needed for its measurements."""
    if together is None:
        return result
    peak = together.or_more(PeakMemory(result.peak_memory_mb, result.device_memory_mb))
    return replace(result, peak_memory_mb=peak.host_mb, device_memory_mb=peak.device_mb)

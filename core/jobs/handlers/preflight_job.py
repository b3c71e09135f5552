"""Checks a run before it starts, with the very settings that it would have: examples, template, memory and speed."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from core.curate.versions import read_version
from core.jobs.context import JobContext
from core.jobs.folder import write_json
from core.jobs.handlers.check_step import tried
from core.nouns import Split
from core.training.chat_format import chat_format
from core.training.dry_step import DryStep, dry_step
from core.training.machine import use_threads
from core.training.memory import free_memory_mb
from core.training.models import load_base, ready_model_folder, with_new_adapter
from core.training.preflight import Checked, Finding, check_examples
from core.training.presets import TrainConfig, config_from


def run(context: JobContext) -> dict[str, Any]:
    """Write preflight.json; the result holds the findings and what the dry step measured."""
    settings = context.settings
    config = config_from(settings["config"])
    use_threads()
    context.report(phase="Reading the version", done=0, total=0)
    version = read_version(Path(settings["version_folder"]), expected_sha256=settings["content_sha256"])
    base_folder = ready_model_folder(config.base, Path(settings["models"]))
    n_examples = sum(map(len, version.examples.values()))
    context.report(phase=f"Checking {n_examples:,} examples", done=0, total=0)
    checked = check_examples(version.examples, chat_format(base_folder), config)
    measured: dict[str, Any] | None = None
    on_trial: list[Finding] = []
    if checked.rows[Split.TRAIN]:
        step = partial(_longest_rows, checked, base_folder, config, context)
        measured, on_trial = tried(step, free_mb=free_memory_mb())
    findings = [*checked.told["findings"], *map(asdict, on_trial)]
    told = checked.told | {"dry_step": measured, "findings": findings}
    write_json(context.out / "preflight.json", told)
    return {
        "findings": told["findings"],
        "dry_step": measured,
        "n_trained_tokens": told["lengths"][Split.TRAIN.value]["n_trained_tokens"],
        "n_dropped": told["n_dropped"],
        "n_leaks": told["n_leaks"],
    }


def _longest_rows(checked: Checked, base_folder: Path, config: TrainConfig, context: JobContext) -> DryStep:
    context.report(phase="Loading the base model", done=0, total=0)
    model = with_new_adapter(load_base(base_folder), config)
    return dry_step(model, checked.rows[Split.TRAIN], config, context)

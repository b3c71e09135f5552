"""An adapter on disk: LoRA weights in PEFT's own form, and a manifest of how they came about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from core.errors import Invalid
from core.training.base_models import base_name, file_sha256, folder_sha256
from core.training.evaluation import HoldOutLoss
from core.training.loop import TrainResult
from core.training.machine import library_facts, machine_facts
from core.training.manifests import WEIGHTS
from core.training.presets import TrainConfig


def save_adapter(
    model: PeftModel,
    folder: Path,
    *,
    config: TrainConfig,
    base_folder: Path,
    version_facts: Mapping[str, Any],
    result: TrainResult,
    base_sha256: str = "",
    network: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write weights and manifest.json. Returns the manifest. Raises Invalid when nothing was learnt.

    base_sha256: of the base model as it was loaded; where it is left out, as its files are now.
    network: how the run was kept off it, as `core.outgoing.isolation` tells; None where that is not known.
    """
    if not learnt_anything(model):
        raise Invalid(
            "The adapter is the same as before training: not one weight changed.",
            remedy="Train for at least one step, with a learning rate above zero.",
        )
    model.save_pretrained(str(folder))
    # PEFT notes the path that the base was loaded from; paths of this machine do not travel.
    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    settings["base_model_name_or_path"] = base_name(base_folder)
    (folder / "adapter_config.json").write_text(json.dumps(settings, indent=2, sort_keys=True), encoding="utf-8")
    (folder / "README.md").unlink(missing_ok=True)
    manifest = {
        "base": {"name": base_name(base_folder), "sha256": base_sha256 or folder_sha256(base_folder)},
        "dataset": dict(version_facts),
        "config": config.to_dict(),
        "weights_sha256": file_sha256(folder / WEIGHTS),
        "metrics": metrics(result),
        "libraries": library_facts(),
        "machine": machine_facts(),
        "network": dict(network) if network is not None else None,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")
    return manifest


def learnt_anything(model: PeftModel) -> bool:
    """Whether any B matrix differs from the zeros that it starts from."""
    return any(bool(torch.any(p != 0)) for name, p in model.named_parameters() if "lora_B" in name)


def metrics(result: TrainResult) -> dict[str, Any]:
    """The figures of a run under the names of the command-line contract, with each test example's loss."""
    return {
        "n_steps": result.n_steps,
        "n_train_tokens": result.n_train_tokens,
        "n_answer_tokens": result.n_answer_tokens,
        "seconds": result.seconds,
        "tokens_per_second": result.tokens_per_second,
        "base_eval_loss": result.base_loss.mean if result.base_loss else None,
        "eval_loss": result.tuned_loss.mean if result.tuned_loss else None,
        "peak_memory_mb": result.peak_memory_mb,
        "device_memory_mb": result.device_memory_mb,
        "best_step": result.best_step,
        "stopped_early": result.stopped_early,
        "examples": _by_example(result.base_loss, result.tuned_loss),
    }


def _by_example(base: HoldOutLoss | None, tuned: HoldOutLoss | None) -> list[dict[str, Any]]:
    if base is None or tuned is None:
        return []
    tuned_by_id = {loss.example_id: loss for loss in tuned.examples}
    return [
        {
            **asdict(loss),
            "base": loss.nats / loss.n_target_tokens,
            "tuned": tuned_by_id[loss.example_id].nats / loss.n_target_tokens,
        }
        for loss in base.examples
        if loss.example_id in tuned_by_id
    ]

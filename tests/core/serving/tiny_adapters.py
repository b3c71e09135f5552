"""Adapters with random weights on the tiny model, saved as training saves them."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model

from core.training.base_models import file_sha256, folder_sha256
from core.training.models import load_base


def save_tiny_adapter(base: Path, folder: Path, *, seed: int, std: float = 0.4, **settings: object) -> Path:
    """settings: of PEFT's own configuration, over the usual ones. Its weights are far from zero, so that they show."""
    torch.manual_seed(seed)
    options = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear", "task_type": "CAUSAL_LM"} | settings
    model = get_peft_model(load_base(base), LoraConfig(**options))
    for name, weight in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=std)
    model.save_pretrained(str(folder))
    manifest = {
        "base": {"name": base.name, "sha256": folder_sha256(base)},
        "weights_sha256": file_sha256(folder / "adapter_model.safetensors"),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder

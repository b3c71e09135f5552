"""Tiny models whose every weight matters, with adapters, for tests of what is taken away.

A random model of the usual small numbers says nearly the same whatever is in it; these say something else when a row
stands in the wrong place.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM

from tests.core.training.tiny import tiny_folder


def tiny_model(folder: Path, *, architecture: str = "llama", is_tied: bool = True) -> Path:
    """A model folder with a chat template, written into `folder`."""
    tiny_folder(folder)
    told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    names = (
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "num_key_value_heads",
    )
    own = {
        "max_position_embeddings": 512,
        "rms_norm_eps": 1e-5,
        "eos_token_id": 0,
        "bos_token_id": 1,
        "pad_token_id": 0,
    }
    rope = {"rope_type": "default", "rope_theta": 5_000.0}
    config = AutoConfig.for_model(
        architecture, **{name: told[name] for name in names}, **own, rope_parameters=rope, tie_word_embeddings=is_tied
    )
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(1 + 0.2 * torch.randn_like(parameter) if parameter.dim() == 1 and parameter.mean() > 0.5
                            else 0.2 * torch.randn_like(parameter))  # fmt: skip
    model.save_pretrained(folder)
    return folder


def tiny_adapter(model: Any, folder: Path, *, rank: int = 4) -> Path:
    """An adapter that has learnt something, saved in PEFT's form."""
    torch.manual_seed(5)
    tuned = get_peft_model(
        model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    with torch.no_grad():
        for name, parameter in tuned.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.2 * torch.randn_like(parameter))
    tuned.save_pretrained(str(folder))
    return folder

"""Adds an adapter's weights to its base model's, so that the two are one model in safetensors.

Done in float32 on the processor, whatever the run was trained on: a sum that is rounded twice is another model.
Saved in the number type of the base model's own files. What else a model folder needs (tokenizer, template,
licence) is copied from the base model's folder as it is.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM

from core.errors import Invalid, ModelMissing
from core.training.base_models import check_adapter, check_weights, folder_sha256

COPIED_FILES = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
    "tokenizer.model", "chat_template.jinja",
)  # fmt: skip
LICENCE_FILES = ("LICENSE*", "LICENCE*", "NOTICE*", "USE_POLICY*")
NUMBER_TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def check_base(folder: Path, manifest: dict[str, Any]) -> None:
    """Raises Invalid when the folder's model is not the one that the adapter was trained on."""
    found, expected = folder_sha256(folder), manifest["base"]["sha256"]
    if found != expected:
        raise Invalid(
            f"The base model in {folder.name} has the SHA-256 {found[:12]}…, the adapter was trained on {expected[:12]}….",
            remedy="Put the base model back that the run was trained on, or train again.",
        )


def load_exactly(folder: Path) -> Any:
    """The model of a folder in float32 on the processor, read as transformers alone reads it. Raises ModelMissing."""
    check_weights(folder)
    try:
        return AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, trust_remote_code=False, local_files_only=True
        ).eval()
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelMissing(f"The model in {folder.name} could not be loaded: {error}") from error


def with_plain_adapter(model: Any, adapter: Path) -> PeftModel:
    """The model with an adapter as PEFT itself adds it."""
    check_adapter(adapter)
    return PeftModel.from_pretrained(model, adapter, is_trainable=False, use_safetensors=True).eval()


def merged(model: PeftModel) -> Any:
    """One model whose weights hold what the adapter added. The given one is used up. Raises Invalid for a weight that is no number."""
    try:
        return model.merge_and_unload(safe_merge=True).eval()
    except ValueError as error:
        raise Invalid(
            f"The adapter cannot be added to its base model: {error}", remedy="Train again; the adapter is damaged."
        ) from error


def save_merged(model: Any, base_folder: Path, target: Path, *, number_type: str) -> None:
    """Write a model folder that loads without the studio. number_type: float32, float16 or bfloat16."""
    model.to(NUMBER_TYPES[number_type]).save_pretrained(target)
    copy_beside_weights(base_folder, target, COPIED_FILES)


def copy_beside_weights(base_folder: Path, target: Path, patterns: tuple[str, ...]) -> None:
    for pattern in (*patterns, *LICENCE_FILES):
        for file in base_folder.glob(pattern):
            if file.is_file():
                shutil.copyfile(file, target / file.name)


def number_type_of(config: dict[str, Any]) -> str:
    """What the base model's own files hold, as its config.json says; float32 where it says nothing that is known."""
    told = str(config.get("dtype") or config.get("torch_dtype") or "float32")
    return told if told in NUMBER_TYPES else "float32"

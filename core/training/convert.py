"""Makes the embedded base model usable: from quantised GGUF to safetensors, once.

Reading the GGUF takes some fifteen seconds, and the model it gives refuses to be saved; so its
weights go into a fresh model of the same configuration, which loads in a second from then on.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from core.training.base_models import (
    SMOLLM2,
    EmbeddedModel,
    check_sha256,
    converted_folder,
    embedded_file,
    is_converted,
)


def ensure_converted(models: Path, model: EmbeddedModel = SMOLLM2) -> Path:
    """The folder of the converted model, made when it is not there. Safe when two processes do it at once."""
    folder = converted_folder(models, model)
    if is_converted(models, model):
        return folder
    source = embedded_file(model)
    check_sha256(source, model.sha256)
    models.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix="converting_", dir=models))
    try:
        _convert(source, temporary)
        put_in_place(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def put_in_place(temporary: Path, folder: Path) -> None:
    """Rename, unless another process was faster: then its folder stands and ours is thrown away."""
    try:
        temporary.rename(folder)
    except OSError:
        if not (folder / "model.safetensors").exists():
            raise


def _convert(source: Path, target: Path) -> None:
    options = {"gguf_file": source.name, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(source.parent, **options)
    loaded = AutoModelForCausalLM.from_pretrained(source.parent, dtype=torch.float32, **options)
    settings = loaded.config.to_dict()
    settings.pop("quantization_config", None)
    config = AutoConfig.for_model(**settings)
    fresh = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    fresh.load_state_dict(loaded.state_dict())
    fresh.generation_config = loaded.generation_config
    fresh.save_pretrained(target)
    tokenizer.save_pretrained(target)

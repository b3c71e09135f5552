"""Loads a base model for training or writing: safetensors only, never code from a model folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM

from core.errors import Invalid, ModelMissing
from core.training.base_models import EMBEDDED, check_adapter, check_weights, model_folder
from core.training.batches import TrainingRow
from core.training.convert import ensure_converted
from core.training.fused_lora import fuse
from core.training.fused_norms import fuse_norms
from core.training.packed_rows import can_pack, take_packed_rows
from core.training.presets import TrainConfig
from core.training.products import quicken

# Matrix products keep something for every shape that they meet; few shapes keep that small.
LENGTH_STEP = 32
# Ways in which a model may bend its logits after the output layer; the frozen-output loss does not know them.
UNSUPPORTED_SETTINGS = ("final_logit_softcapping", "logits_scaling", "logit_scale")


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def ready_model_folder(base: str, models: Path) -> Path:
    """The folder of the base model; the embedded one is converted when this is its first use."""
    return ensure_converted(models) if base == EMBEDDED else model_folder(base, models)


def load_base(folder: Path) -> Any:
    """The model of a folder, in float32 on a CPU and bfloat16 on a GPU. Raises ModelMissing, Invalid."""
    target = device()
    dtype = torch.bfloat16 if target.type == "cuda" else torch.float32
    check_weights(folder)
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, trust_remote_code=False, local_files_only=True
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelMissing(f"The model in {folder.name} could not be loaded: {error}") from error
    bent = [name for name in UNSUPPORTED_SETTINGS if getattr(model.config, name, None) not in (None, 1, 1.0)]
    if bent:
        raise Invalid(
            f"{folder.name} changes its output with {bent[0]}, which training here does not support.",
            remedy="Choose another base model.",
        )
    moved: Any = model.to(target)  # type: ignore[arg-type]
    return moved


def load_for_reading(folder: Path) -> Any:
    """The model of a folder for what wants no gradient: to judge texts that are there. Raises ModelMissing, Invalid."""
    model = load_base(folder).eval()
    quicken(model)
    return model


def with_new_adapter(model: Any, config: TrainConfig) -> PeftModel:
    """The model with fresh LoRA weights on all linear layers, seeded."""
    torch.manual_seed(config.seed)
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        use_rslora=config.use_rslora,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    adapted = _quick(get_peft_model(model, lora))
    _pack_where_it_pays(model)
    return _saving_memory(adapted) if config.gradient_checkpointing else adapted


def with_adapter(model: Any, adapter: Path, *, is_trainable: bool = False, saves_memory: bool = False) -> PeftModel:
    """The model with a trained adapter: for writing and for evaluation, or to train it on."""
    check_adapter(adapter)
    adapted = _quick(PeftModel.from_pretrained(model, adapter, is_trainable=is_trainable, use_safetensors=True))
    if is_trainable:
        _pack_where_it_pays(model)
    return _saving_memory(adapted) if saves_memory else adapted


def _pack_where_it_pays(model: Any) -> None:
    """Rows that are learnt from go through it without padding, on a graphics processor. model: without an adapter."""
    if device().type == "cuda" and can_pack(model):
        take_packed_rows(model)


def _saving_memory(adapted: PeftModel) -> PeftModel:
    """Activations are made anew on the way back."""
    # After wrapping: before, the embeddings would be made to want a gradient that nothing uses.
    _without_adapter(adapted).activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    return adapted


def keep_saving_memory(model: PeftModel) -> None:
    """Let layers that make activations anew go on doing so in evaluation mode, where they would not; all else stays in it, dropout too."""
    for module in model.modules():
        if getattr(module, "gradient_checkpointing", False):
            module.training = True


def _quick(model: PeftModel) -> PeftModel:
    quicken(model)
    fuse(model)
    if device().type == "cuda":
        fuse_norms(model)
    return model


def hidden_states(model: Any, ids: torch.Tensor, **more: Any) -> torch.Tensor:
    """(rows, length, width) before the output layer; ids padded on the right, no mask needed. model: with or without an adapter.

    more: what the decoder is told beside the ids, as of packed rows.
    """
    output = _without_adapter(model).get_decoder()(input_ids=ids, use_cache=False, **more)
    hidden: torch.Tensor = output.last_hidden_state
    return hidden


def output_weight(model: Any) -> torch.Tensor:
    """(vocabulary, width), frozen."""
    weight: torch.Tensor = _without_adapter(model).get_output_embeddings().weight.detach()
    return weight


def _without_adapter(model: Any) -> Any:
    """The model inside of an adapter's wrapping; the adapter's layers stay in it."""
    return model.get_base_model() if isinstance(model, PeftModel) else model


def as_tensors(rows: Sequence[TrainingRow], where: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, labels) of equal shape (rows, length), padded on the right with token 0 and label -100.

    length: the longest row's, rounded up to LENGTH_STEP.
    """
    longest = -(-max(row.n_tokens for row in rows) // LENGTH_STEP) * LENGTH_STEP
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    labels = torch.full((len(rows), longest), -100, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : row.n_tokens] = torch.tensor(row.ids)
        labels[i, : row.n_tokens] = torch.tensor(row.labels)
    return ids.to(where), labels.to(where)


def token_shares(rows: Sequence[TrainingRow], labels: torch.Tensor, prompt_weight: float) -> torch.Tensor:
    """(rows, length): 1 for a token of an answer, prompt_weight for any other, 0 for padding."""
    shares = torch.zeros(labels.shape, dtype=torch.float32)
    for i, row in enumerate(rows):
        shares[i, : row.n_tokens] = prompt_weight
    return torch.where(labels.cpu() != -100, 1.0, shares).to(labels.device)

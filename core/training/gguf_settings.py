"""What a GGUF file says of a model's shape, told from its config.json, and which models it can be said of.

Only architectures whose file was loaded again and compared are written; another one, or a setting that the file
has no word for, is refused in a sentence, before anything is loaded. Keys: the GGUF specification of ggml.

Not covered: rope that is scaled for longer texts, sliding windows, biases in Llama's layers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Invalid, ModelMissing

ARCHITECTURES = {"llama": "Llama", "qwen2": "Qwen2"}
DEFAULT_ROPE_THETA = 10_000.0


@dataclass(frozen=True, slots=True)
class GgufSettings:
    """The shape under the file's own terms. n_rows: of the embedding, so the number of tokens that the file lists."""

    architecture: str
    n_layers: int
    width: int
    inner_width: int
    n_heads: int
    n_key_heads: int
    head_width: int
    context_length: int
    rope_theta: float
    norm_epsilon: float
    n_rows: int
    is_tied: bool


def read_config(folder: Path) -> dict[str, Any]:
    """The config.json of a model folder. Raises ModelMissing."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMissing(
            f"The config.json of {folder.name} cannot be read: {error}.", remedy="Name a folder that holds a model."
        ) from error
    return config


def gguf_settings(config: dict[str, Any], name: str) -> GgufSettings:
    """The settings of a model with this configuration. name: what to call the model. Raises Invalid."""
    architecture = str(config.get("model_type"))
    if architecture not in ARCHITECTURES:
        raise Invalid(
            f"{name} is of the architecture {architecture!r}, which is not written as GGUF here; "
            f"supported are {' and '.join(ARCHITECTURES.values())}.",
            remedy="Export it as merged or as adapter.",
        )
    heads, width = int(config["num_attention_heads"]), int(config["hidden_size"])
    settings = GgufSettings(
        architecture=architecture,
        n_layers=int(config["num_hidden_layers"]),
        width=width,
        inner_width=int(config["intermediate_size"]),
        n_heads=heads,
        n_key_heads=int(config.get("num_key_value_heads") or heads),
        head_width=int(config.get("head_dim") or width // heads),
        context_length=int(config["max_position_embeddings"]),
        rope_theta=float(_rope(config).get("rope_theta") or DEFAULT_ROPE_THETA),
        norm_epsilon=float(config.get("rms_norm_eps", 1e-6)),
        n_rows=int(config["vocab_size"]),
        is_tied=bool(config.get("tie_word_embeddings")),
    )
    unsaid = _unsaid(config, settings)
    if unsaid:
        raise Invalid(
            f"{name} has {unsaid}, which the GGUF export does not write.", remedy="Export it as merged or as adapter."
        )
    return settings


def _rope(config: dict[str, Any]) -> dict[str, Any]:
    """The rope settings, wherever this age of configuration keeps them."""
    return {"rope_theta": config.get("rope_theta")} | (
        config.get("rope_parameters") or config.get("rope_scaling") or {}
    )


def _unsaid(config: dict[str, Any], settings: GgufSettings) -> str:
    """The first setting that the file cannot say, in words; empty when it can say all."""
    rope = _rope(config)
    kind = rope.get("rope_type") or rope.get("type") or "default"
    activation = config.get("hidden_act", "silu")
    if kind != "default":
        return f"rope of the kind {kind!r}"
    if rope.get("partial_rotary_factor") not in (None, 1, 1.0):
        return f"rope on a share of {rope['partial_rotary_factor']} of each head"
    if activation != "silu":
        return f"the activation {activation!r}"
    if settings.architecture == "llama" and (config.get("attention_bias") or config.get("mlp_bias")):
        return "biases in its layers"
    if settings.architecture == "qwen2" and config.get("use_sliding_window"):
        return "a sliding window"
    if settings.architecture == "qwen2" and settings.head_width * settings.n_heads != settings.width:
        return f"heads of {settings.head_width} numbers in a width of {settings.width}"
    return ""

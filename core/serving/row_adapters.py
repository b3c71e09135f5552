"""Several adapters on one base model: each row of a batch gets the part of its own.

An adapter's weights are kept as plain tensors beside the base, whose linear layers add them to the rows
that ask for it. So texts of different adapters, and of none, share every pass over the base's weights.

Covered is what this project trains: LoRA on linear layers. What PEFT knows beyond (DoRA, biases,
ranks by layer, whole layers saved along) is refused by name, never left out of the sum.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch.nn import Linear, Module

from core.errors import Invalid
from core.training.base_models import folder_sha256
from core.training.manifests import WEIGHTS, read_manifest
from core.training.products import product

PREFIX = "base_model.model."
PLAIN_SETTINGS: dict[str, tuple[Any, ...]] = {
    "peft_type": ("LORA",), "bias": ("none",), "use_dora": (False, None), "rank_pattern": ({}, None), "alpha_pattern": ({}, None),
    "modules_to_save": (None, []), "fan_in_fan_out": (False, None), "lora_bias": (False, None), "trainable_token_indices": (None, []),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AdapterWeights:
    """By the name of a linear layer: A of (rank, in) and B of (out, rank), B with the scale in it."""

    folder: Path
    layers: Mapping[str, tuple[torch.Tensor, torch.Tensor]]


def load_adapter(folder: Path, base_sha256: str, like: torch.Tensor) -> AdapterWeights:
    """The adapter of a folder, in the type and on the device of a tensor. Raises Invalid.

    Its bytes must be those that were saved, and the base model, of this hash, the one it was trained on.
    """
    manifest = read_manifest(folder)
    if manifest["base"]["sha256"] != base_sha256:
        raise Invalid(
            f"The adapter was trained on {manifest['base']['name']}, whose files have changed since.",
            remedy="Put the base model back as it was, or train again.",
        )
    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    for name, allowed in PLAIN_SETTINGS.items():
        if name in settings and settings[name] not in allowed:
            raise Invalid(
                f"The adapter has {name} set to {settings[name]!r}, which serving does not know.",
                remedy="Serve one that was trained here.",
            )
    rank = settings["r"]
    scale = settings["lora_alpha"] / (rank**0.5 if settings.get("use_rslora") else rank)
    tensors = load_file(str(folder / WEIGHTS))
    return AdapterWeights(folder, _paired(tensors, scale, like))


def _paired(
    tensors: dict[str, torch.Tensor], scale: float, like: torch.Tensor
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    layers = {}
    unknown = [name for name in tensors if not name.startswith(PREFIX) or ".lora_" not in name]
    if unknown:
        raise Invalid(f"The adapter holds {unknown[0]}, which serving does not know.")
    for name, a in tensors.items():
        if name.endswith(".lora_A.weight"):
            b = tensors[name.replace(".lora_A.", ".lora_B.")]
            where = name.removeprefix(PREFIX).removesuffix(".lora_A.weight")
            layers[where] = (a.to(like), b.to(like) * scale)
    return layers


class AdapterShelf:
    """The adapters used last, at most `most` of them. One that leaves the shelf lives on as long as a text uses it."""

    def __init__(self, base_folder: Path, like: torch.Tensor, *, most: int) -> None:
        self._base_folder, self._like, self._most = base_folder, like, most
        self._base_sha256 = ""
        self._shelf: OrderedDict[str, AdapterWeights] = OrderedDict()

    def get(self, folder: str) -> AdapterWeights | None:
        """The adapter of a folder; None for "". Raises Invalid, OSError."""
        if not folder:
            return None
        if folder not in self._shelf:
            # Told once: the model in memory stays what it was, whatever is put into its folder.
            self._base_sha256 = self._base_sha256 or folder_sha256(self._base_folder)
            self._shelf[folder] = load_adapter(Path(folder), self._base_sha256, self._like)
        self._shelf.move_to_end(folder)
        while len(self._shelf) > self._most:
            self._shelf.popitem(last=False)
        return self._shelf[folder]


class RowAdapters:
    """Lets the linear layers of a model add each row's adapter. `use` says which, for the passes that follow."""

    def __init__(self, model: Module) -> None:
        self._groups: list[tuple[AdapterWeights, torch.Tensor | None]] = []
        for name, layer in model.named_modules():
            if type(layer) is Linear:
                layer.forward = self._forward_of(name, layer)  # type: ignore[method-assign]

    def use(self, adapters: Sequence[AdapterWeights | None], where: torch.device) -> None:
        """adapters: of each row of the next batch."""
        rows: dict[int, list[int]] = {}
        for row, adapter in enumerate(adapters):
            if adapter is not None:
                rows.setdefault(id(adapter), []).append(row)
        by_id = {id(adapter): adapter for adapter in adapters if adapter is not None}
        self._groups = [
            (by_id[key], None if len(own) == len(adapters) else torch.tensor(own, device=where))
            for key, own in rows.items()
        ]

    def _forward_of(self, name: str, layer: Linear) -> Any:
        def forward(x: torch.Tensor) -> torch.Tensor:
            y = product(x.reshape(-1, x.shape[-1]), layer.weight, layer.bias).view(*x.shape[:-1], -1)
            for adapter, rows in self._groups:
                pair = adapter.layers.get(name)
                if pair is not None:
                    _add(y, x, pair, rows)
            return y

        return forward


def _add(y: torch.Tensor, x: torch.Tensor, pair: tuple[torch.Tensor, torch.Tensor], rows: torch.Tensor | None) -> None:
    """y += x A' B', in place, for these rows of (rows, positions, width) or for all."""
    a, b = pair
    if rows is None:
        y.view(-1, y.shape[-1]).addmm_(x.reshape(-1, x.shape[-1]) @ a.T, b.T)
    else:
        y.index_add_(0, rows, (x[rows] @ a.T) @ b.T)

"""A run's state between two steps, as safetensors and JSON: no pickle is ever read.

Holds the adapter, the optimiser's moments, the random state and the counters; with them the next
step on the same CPU and versions is the same to the bit.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


@dataclass(slots=True)
class Counters:
    """What a run has done so far. seconds: optimiser time, evaluation excluded."""

    step: int = 0
    n_train_tokens: int = 0
    seconds: float = 0.0


def save_checkpoint(
    folder: Path, parameters: dict[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer, counters: Counters
) -> None:
    """Replace the folder's checkpoint in one step; a kill in the middle leaves the older one."""
    temporary = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    tensors: dict[str, torch.Tensor] = {"random_state": torch.get_rng_state()}
    for name, parameter in parameters.items():
        tensors[f"weight/{name}"] = parameter.detach().cpu().contiguous()
        for key, value in optimiser.state.get(parameter, {}).items():
            tensors[f"{key}/{name}"] = torch.as_tensor(value).detach().cpu().contiguous()
    save_file(tensors, temporary / "state.safetensors")
    (temporary / "counters.json").write_text(json.dumps(asdict(counters)), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def has_checkpoint(folder: Path) -> bool:
    return (folder / "counters.json").exists()


def load_checkpoint(
    folder: Path, parameters: dict[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer
) -> Counters:
    """Put a saved state back. Returns the counters."""
    tensors = load_file(folder / "state.safetensors")
    for name, parameter in parameters.items():
        with torch.no_grad():
            parameter.copy_(tensors[f"weight/{name}"])
        state = {
            key: tensors[f"{key}/{name}"].to(parameter.device if key != "step" else "cpu")
            for key in ("step", "exp_avg", "exp_avg_sq")
            if f"{key}/{name}" in tensors
        }
        if state:
            optimiser.state[parameter] = state
    torch.set_rng_state(tensors["random_state"])
    return Counters(**json.loads((folder / "counters.json").read_text(encoding="utf-8")))

"""A run's state between two steps, as one safetensors file: no pickle is ever read.

Holds the adapter, the optimiser's moments, the random state and the counters; with them the next
step on the same CPU and versions is the same to the bit. One file, so that a kill at any moment
leaves either the older checkpoint or the newer one, whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from core.errors import Conflict
from core.training.batches import TrainingRow
from core.whole_files import replacing

STATE = "state.safetensors"
RESTORE = "Restore the folder `runs` from a backup, or start a new run."
MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass(slots=True)
class Counters:
    """What a run has done so far. seconds: optimiser time, evaluation excluded. measured: the last step with a hold-out loss."""

    step: int = 0
    n_train_tokens: int = 0
    seconds: float = 0.0
    measured: int = 0


def run_fingerprint(settings: Mapping[str, Any], rows: Sequence[TrainingRow]) -> str:
    """SHA-256 over settings and training rows: what a run must share with the checkpoint it goes on from."""
    digest = hashlib.sha256(json.dumps(dict(settings), sort_keys=True).encode())
    for row in rows:
        digest.update(json.dumps([row.example_id, row.ids, row.labels]).encode())
    return digest.hexdigest()


def save_checkpoint(
    folder: Path,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    counters: Counters,
    *,
    fingerprint: str,
    base_sha256: str = "",
) -> None:
    """Replace the folder's checkpoint in one step. base_sha256: of the base model, which `check_begun_on` then asks for."""
    tensors: dict[str, torch.Tensor] = {"random_state": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["random_state_gpu"] = torch.cuda.get_rng_state()
    for name, parameter in parameters.items():
        tensors[f"weight/{name}"] = parameter.detach().cpu().contiguous()
        for key, value in optimiser.state.get(parameter, {}).items():
            tensors[f"{key}/{name}"] = torch.as_tensor(value).detach().cpu().contiguous()
    folder.mkdir(parents=True, exist_ok=True)
    told = {"counters": json.dumps(asdict(counters)), "fingerprint": fingerprint, "base_sha256": base_sha256}
    with replacing(folder / STATE) as unfinished:
        save_file(tensors, unfinished, metadata=told)


def has_checkpoint(folder: Path) -> bool:
    return (folder / STATE).exists()


def step_of(folder: Path) -> int:
    """The step after which the folder's checkpoint was made; 0 where there is none. Raises Conflict when it is damaged."""
    return int(json.loads(_facts(folder)["counters"])["step"]) if has_checkpoint(folder) else 0


def check_begun_on(folder: Path, *, base_sha256: str, base_name: str) -> None:
    """Raises Conflict where the folder's checkpoint was made on another base model, or is damaged.

    One that does not say what it was made on, as older ones do not, is taken as it is.
    """
    begun_on = _facts(folder).get("base_sha256") if has_checkpoint(folder) else None
    if begun_on and begun_on != base_sha256:
        raise Conflict(
            f"The base model in {base_name} has the SHA-256 {base_sha256[:12]}…, the run was begun on {begun_on[:12]}….",
            remedy="Put the base model back that the run was begun on and resume it, or start a new run.",
        )


def load_checkpoint(
    folder: Path,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    *,
    fingerprint: str,
) -> Counters:
    """Put a saved state back. Returns the counters. Raises Conflict when it is another run's, or damaged."""
    facts = _facts(folder)
    if facts["fingerprint"] != fingerprint:
        raise Conflict(
            "The checkpoint was made with other settings or other examples than this run has.",
            remedy="Start a new run instead of resuming.",
        )
    tensors = load_file(folder / STATE)
    for name, parameter in parameters.items():
        with torch.no_grad():
            parameter.copy_(tensors[f"weight/{name}"])
        state = {
            key: tensors[f"{key}/{name}"].to(parameter.device if key != "step" else "cpu")
            for key in MOMENTS
            if f"{key}/{name}" in tensors
        }
        if state:
            optimiser.state[parameter] = state
    torch.set_rng_state(tensors["random_state"])
    # There is none in a checkpoint of a processor, nor in one from before this was kept.
    if torch.cuda.is_available() and "random_state_gpu" in tensors:
        torch.cuda.set_rng_state(tensors["random_state_gpu"])
    return Counters(**json.loads(facts["counters"]))


def _facts(folder: Path) -> dict[str, str]:
    """What a checkpoint says of itself. Raises Conflict when it is damaged."""
    try:
        with safe_open(folder / STATE, framework="pt") as file:
            facts: dict[str, str] = file.metadata()
            return facts
    except SafetensorError as error:
        raise Conflict(
            f"The checkpoint of this run cannot be read: {error}.",
            remedy=RESTORE,
        ) from error

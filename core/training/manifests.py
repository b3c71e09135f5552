"""The manifest of an adapter, read without the model: what it was made of, and whether its weights are still those."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.errors import Invalid
from core.training.base_models import file_sha256

WEIGHTS, MANIFEST = "adapter_model.safetensors", "manifest.json"


def manifest_of(folder: Path) -> dict[str, Any]:
    """What stands beside an adapter's weights, whatever these are now. Raises Invalid where it is gone or cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or "weights_sha256" not in manifest:
            raise ValueError("it does not say which weights it is of")
    except FileNotFoundError:
        raise _gone(MANIFEST) from None
    except (OSError, ValueError) as error:
        raise Invalid(
            f"The {MANIFEST} of the adapter cannot be read: {error}.",
            remedy="Restore it from a backup, or train again.",
        ) from error
    return manifest


def read_manifest(folder: Path, *, trained_sha256: str | None = None) -> dict[str, Any]:
    """The manifest of an adapter whose weights are the ones that were saved. Raises Invalid.

    trained_sha256: of the weights of the run that it should be of; None where the run does not say.
    """
    manifest = manifest_of(folder)
    if not (folder / WEIGHTS).exists():
        raise _gone(WEIGHTS)
    found = file_sha256(folder / WEIGHTS)
    if found != manifest["weights_sha256"]:
        raise Invalid(
            f"The adapter's weights have the SHA-256 {found[:12]}…, its manifest says {manifest['weights_sha256'][:12]}….",
            remedy="The file was changed after training; train again or restore it from a backup.",
        )
    if trained_sha256 not in (None, found):
        raise Invalid(
            f"The adapter has the SHA-256 {found[:12]}…, the run was trained with {trained_sha256[:12]}….",
            remedy="It is another run's, or was changed since. Restore it from a backup, or train again.",
        )
    return manifest


def _gone(name: str) -> Invalid:
    return Invalid(
        f"The {name} of the adapter is gone from the disk.", remedy="Restore it from a backup, or train again."
    )

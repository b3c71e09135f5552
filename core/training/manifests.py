"""The manifest of an adapter, read without the model: what it was made of, and whether its weights are still those."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.errors import Invalid
from core.training.base_models import file_sha256

WEIGHTS = "adapter_model.safetensors"


def read_manifest(folder: Path, *, trained_sha256: str | None = None) -> dict[str, Any]:
    """The manifest of an adapter whose weights are the ones that were saved. Raises Invalid.

    trained_sha256: of the weights of the run that it should be of; None where the run does not say.
    """
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
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

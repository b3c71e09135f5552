"""The set-up's last step: check both embedded models by their hash, and make the base model ready.

Run as `python -m core.training.prepare`; converting takes some twenty seconds, once.
"""

from __future__ import annotations

import sys

from core.config import models_folder
from core.curate.encoder import ENCODER_PACKAGE, WEIGHTS_SHA256
from core.errors import ProofroomError
from core.training.base_models import SMOLLM2, check_sha256, embedded_file, package_file
from core.training.convert import ensure_converted


def main() -> int:
    """Prepare the models of this installation. Returns 1 with a sentence when one is missing or damaged."""
    try:
        check_sha256(embedded_file(), SMOLLM2.sha256)
        check_sha256(package_file(ENCODER_PACKAGE, "model.safetensors"), WEIGHTS_SHA256)
        print(f"Models ready in {ensure_converted(models_folder()).parent}")
    except ProofroomError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

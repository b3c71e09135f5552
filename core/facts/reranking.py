"""A cross-encoder of the user's own, where one is configured: reads request and passage together, and orders what was found.

PROOFROOM_RERANKER names its folder on this machine, in the format of sentence-transformers, safetensors only. Loaded by workers alone: it brings torch
with it. Without one the order of the search stands.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import ModelMissing
from core.facts.retrieval import Hit

VARIABLE = "PROOFROOM_RERANKER"
# Reading pairs takes long: so many of the best are read.
DEPTH = 20

# A request and passages to their scores, higher for the better.
Scores = Callable[[str, Sequence[str]], Sequence[float]]


def reranker_folder() -> Path | None:
    """Where the cross-encoder lies; None where none is configured. Raises ModelMissing where there is none in the folder."""
    named = os.environ.get(VARIABLE, "").strip()
    if not named:
        return None
    folder = Path(named)
    if not (folder / "config.json").is_file() or not (folder / "model.safetensors").is_file():
        raise ModelMissing(
            f"{VARIABLE} names {folder}, where there is no cross-encoder: config.json and model.safetensors.",
            remedy="Name its folder, or leave the variable out.",
        )
    return folder


class CrossEncoder:
    """Scores of request and passage, read together."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import CrossEncoder as Model

        self._model = Model(
            str(folder), local_files_only=True, trust_remote_code=False, model_kwargs={"use_safetensors": True}
        )
        if self._model.num_labels != 1:
            raise ModelMissing(
                f"The cross-encoder in {folder} gives {self._model.num_labels} figures for a pair, not one.", remedy="Name one that scores pairs."
            )  # fmt: skip

    def scores(self, request: str, passages: Sequence[str]) -> list[float]:
        return [
            float(x) for x in self._model.predict([(request, passage) for passage in passages], show_progress_bar=False)
        ]


def reordered(hits: Sequence[Hit], passages: Sequence[str], request: str, scores: Scores) -> list[Hit]:
    """The best by the cross-encoder first; what it did not read comes after in the order of the search. passages: all, by place."""
    read, rest = list(hits[:DEPTH]), list(hits[DEPTH:])
    if not read:
        return []
    found = scores(request, [passages[hit.place] for hit in read])
    order = sorted(range(len(read)), key=lambda at: (-found[at], at))
    return [read[at] for at in order] + rest

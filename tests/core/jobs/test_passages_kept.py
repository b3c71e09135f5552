"""What was embedded in one measurement is not embedded again in the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.curate.encoder import DIMENSIONS, Vectors
from core.jobs.context import JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers import curate_job


class Counting:
    """An encoder that remembers what it was asked, and gives each text a direction of its own."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], told: Callable[[int], None]) -> Vectors:
        self.asked += texts
        return np.asarray([np.eye(DIMENSIONS, dtype=np.float32)[len(text)] for text in texts])


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Counting:
    made = Counting()
    monkeypatch.setattr(curate_job, "loaded_encoder", lambda: made)
    return made


def context(folder: Path) -> JobContext:
    job = JobFolder(folder)
    job.create({"id": folder.name, "kind": "curate", "project_id": "p", "settings": {}})
    job.inputs.mkdir(exist_ok=True)
    job.unfinished.mkdir()
    return JobContext(job)


def test_only_new_passages_are_embedded_and_all_are_left_for_the_next(tmp_path: Path, encoder: Counting) -> None:
    first, second = context(tmp_path / "first"), context(tmp_path / "second")
    curate_job._passage_vectors(first, ["one", "three"])
    (first.out / "passages.parquet").rename(second.inputs / "passages.parquet")
    encoder.asked.clear()
    vectors = curate_job._passage_vectors(second, ["three", "seventeen", "one"])
    assert encoder.asked == ["seventeen"]
    assert vectors.argmax(axis=1).tolist() == [5, 9, 3]
    assert (second.out / "passages.parquet").exists()

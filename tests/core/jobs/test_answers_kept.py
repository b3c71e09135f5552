"""What was embedded in one measurement is not embedded again in the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.curate.encoder import DIMENSIONS, Vectors
from core.curate.records_in import RecordIn
from core.jobs.context import JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers import curate_job
from tests.core.curate.test_flags import post, thread


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


def threads(*answers: str) -> list[RecordIn]:
    return [thread(answer) for answer in answers]


def test_only_new_answers_are_embedded_and_all_are_left_for_the_next(tmp_path: Path, encoder: Counting) -> None:
    first, second = context(tmp_path / "first"), context(tmp_path / "second")
    curate_job._answer_vectors(first, threads("one", "three"))
    (first.out / "answers.parquet").rename(second.inputs / "answers.parquet")
    encoder.asked.clear()
    vectors = curate_job._answer_vectors(second, [*threads("three", "seventeen", "one"), post("a post")])
    assert encoder.asked == ["seventeen"]
    assert {place: int(vector.argmax()) for place, vector in vectors.items()} == {0: 5, 1: 9, 2: 3}
    assert (second.out / "answers.parquet").exists()

"""The measuring job's quality step on sixty posts with made-up meanings; posts have no answer, so no model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.curate.records_in import RecordIn
from core.jobs.context import JobContext
from core.jobs.folder import JobFolder
from core.jobs.handlers.quality_step import measure_quality
from core.nouns import Flag, Goal, RecordKind
from tests.core.curate.test_voice import plain, shouting

N = 60


def measured(tmp_path: Path, settings: dict[str, Any]) -> tuple[list[dict[str, float]], list[list[Flag]]]:
    """Post 58 shouts, post 59 is about something else."""
    folder = JobFolder(tmp_path / "job")
    folder.create({"id": "job", "kind": "curate", "project_id": "p", "settings": settings})
    texts = [plain(i) for i in range(N - 2)] + [shouting(1), plain(999)]
    records = [
        RecordIn(f"r{i}", f"r{i}", RecordKind.DOCUMENT, "T", f"T\n\n{t}", {"body": t}) for i, t in enumerate(texts)
    ]
    vectors = np.asarray([1.0, 0.0, 0.0, 0.0]) + 0.08 * np.random.default_rng(1).standard_normal((N, 4))
    vectors[N - 1] = [0.0, 1.0, -1.0, 0.0]
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return measure_quality(JobContext(folder), records, Goal.VOICE, vectors, {}, [])


@pytest.mark.parametrize("gold", [[], [f"r{i}" for i in range(12)]])
def test_the_odd_ones_out_are_flagged_against_the_bulk_and_against_gold(tmp_path: Path, gold: list[str]) -> None:
    signals, flags = measured(tmp_path, {"gold": gold})
    by_name = {
        name: [i for i, found in enumerate(flags) if name in {f.name for f in found}]
        for name in ("off_topic", "off_voice")
    }
    assert by_name == {"off_topic": [59], "off_voice": [58]}
    assert ("gold_typicality" in signals[0]) is bool(gold)
    assert signals[58]["voice_distance"] > 2 * signals[0]["voice_distance"]


def test_what_is_odd_about_a_voice_is_said_against_the_reference(tmp_path: Path) -> None:
    _, flags = measured(tmp_path, {"gold": [f"r{i}" for i in range(12)]})
    (flag,) = [f for f in flags[58] if f.name == "off_voice"]
    assert "from your gold subset" in flag.evidence
    assert "exclamation marks" in flag.evidence

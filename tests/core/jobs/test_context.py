"""A job says how long each of its phases took."""

from __future__ import annotations

from pathlib import Path

from core.jobs.context import JobContext
from core.jobs.folder import JobFolder


def test_a_phase_that_comes_back_adds_to_its_seconds(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path / "job")
    folder.create({"id": "job", "kind": "curate", "project_id": "p", "settings": {}})
    now = 100.0
    context = JobContext(folder, clock=lambda: now)
    for later, phase in ((1.0, "Reading"), (2.5, "Reading"), (4.0, "Writing"), (5.0, "Reading")):
        now = 100.0 + later
        context.report(phase=phase, done=0, total=1)
    now = 107.0
    context.finish("done")
    assert folder.status()["seconds"] == {"Starting": 1.0, "Reading": 5.0, "Writing": 1.0}

"""A run of a served studio, from its start to its steps."""

from __future__ import annotations

import time
from pathlib import Path

from tests.served import ServedStudio

ENDED = {"done", "failed", "lost"}


def start_run(studio: ServedStudio, tiny: Path, *, steps: int) -> dict[str, str]:
    studio.import_posts("p")
    frozen = studio.post("/projects/p/versions", {"name": "v", "recipe": "everything"})
    assert studio.wait(frozen["job"], until=ENDED)["state"] == "done"
    settings = {
        "base": str(tiny), "max_length_tokens": 4096, "micro_batch_tokens": 8192, "epochs": 50.0, "batch_size": 1,
        "max_steps": steps, "n_evaluations": 0, "n_drafts": 0, "checkpoint_minutes": 0.01,
    }  # fmt: skip
    started: dict[str, str] = studio.post("/projects/p/runs", {"version": "v", "settings": settings})
    return started


def steps_of(studio: ServedStudio, run: str) -> list[int]:
    return [step["step"] for step in studio.get(f"/runs/{run}/curve")["steps"]]


def wait_for_steps(studio: ServedStudio, run: str, n: int, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while len(steps_of(studio, run)) < n:
        assert time.monotonic() < deadline
        time.sleep(0.1)

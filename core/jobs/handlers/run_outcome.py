"""What any run tells at its end beside its evidence: metrics with the tags of their texts, weights, machine, time and energy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from core.nouns import Example
from core.training.energy import EnergyMeter


class RunClock:
    """Counts time and energy from its making on."""

    def __init__(self) -> None:
        self._started, self._meter = time.monotonic(), EnergyMeter()

    def outcome(self, manifest: dict[str, Any], tests: Sequence[Example], *, was_resumed: bool) -> dict[str, Any]:
        """tests: the examples of the test split. was_resumed: some of the run was done in other jobs, so time and energy are not told."""
        tags = {example.id: list(example.tags) for example in tests}
        examples = [one | {"tags": tags[one["example_id"]]} for one in manifest["metrics"]["examples"]]
        return manifest["metrics"] | {
            "examples": examples,
            "weights_sha256": manifest["weights_sha256"],
            "libraries": manifest["libraries"],
            "machine": manifest["machine"],
            "network": manifest["network"],
            "job_seconds": None if was_resumed else time.monotonic() - self._started,
            "energy_wh": None if was_resumed else self._meter.watt_hours(),
            "energy_is_measured": self._meter.is_measured,
        }

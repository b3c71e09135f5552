"""Energy that a run takes: from the processor's or the graphics card's own meter where it can be read, else from an assumption.

Meters: Intel's and AMD's running average power limit under Linux (for its readers only, on most systems), and the card's power
draw as its driver tells it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

METERS = Path("/sys/class/powercap")
# A busy core of a server processor with its share of memory and fans; stated wherever it is used.
ASSUMED_WATTS_PER_CORE = 10.0
JOULES_PER_WH = 3_600.0


def assumed_watts() -> float:
    return ASSUMED_WATTS_PER_CORE * (os.cpu_count() or 1)


class EnergyMeter:
    """Counts from its making on. is_measured: whether a meter could be read."""

    def __init__(self, meters: Path = METERS) -> None:
        self._started = time.monotonic()
        self._files = [file for file in sorted(meters.glob("*-rapl:?/energy_uj")) if _read(file) is not None]
        self._before = {file: _read(file) or 0 for file in self._files}

    @property
    def is_measured(self) -> bool:
        return bool(self._files)

    def watt_hours(self) -> float:
        """Since the meter was made."""
        if not self._files:
            return assumed_watts() * (time.monotonic() - self._started) / JOULES_PER_WH
        joules = 0.0
        for file in self._files:
            now, before = _read(file) or 0, self._before[file]
            # The counter begins anew at its highest value.
            highest = _read(file.with_name("max_energy_range_uj")) or 0
            joules += (now - before if now >= before else now + highest - before) / 1e6
        return joules / JOULES_PER_WH


def _read(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None

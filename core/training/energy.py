"""Energy that a run takes: from the processor's own meter where it can be read, else from an assumption.

Meters: Intel's and AMD's running average power limit under Linux (for its readers only, on most systems). A graphics card's energy is
not in it.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

METERS = Path("/sys/class/powercap")
# A busy core of a server processor with its share of memory and fans; stated wherever it is used.
ASSUMED_WATTS_PER_CORE = 10.0
# Said of every run that worked with one: these watt-hours may be the smaller part.
WITHOUT_GPU = "The energy of the graphics processor is not counted"
JOULES_PER_WH = 3_600.0
# A counter begins anew after some 65,000 joules; at a kilowatt that takes a minute.
SECONDS_A_READING = 20.0


def assumed_watts() -> float:
    return ASSUMED_WATTS_PER_CORE * (os.cpu_count() or 1)


class EnergyMeter:
    """Counts from its making on. is_measured: whether a meter could be read."""

    def __init__(self, meters: Path = METERS) -> None:
        self._started = time.monotonic()
        self._last = {
            file: now
            for file in sorted(meters.glob("*-rapl:?/energy_uj"))
            if not _is_of_the_platform(file) and (now := _read(file)) is not None
        }
        self._joules = 0.0
        self._lock = threading.Lock()
        if self._last:
            threading.Thread(target=self._keep_reading, name="energy meter", daemon=True).start()

    @property
    def is_measured(self) -> bool:
        return bool(self._last)

    def watt_hours(self) -> float:
        """Since the meter was made."""
        if not self._last:
            return assumed_watts() * (time.monotonic() - self._started) / JOULES_PER_WH
        self.read()
        return self._joules / JOULES_PER_WH

    def read(self) -> None:
        """Add what was used since the last reading; called often enough that no counter can begin anew twice."""
        with self._lock:
            for file, before in self._last.items():
                now = _read(file)
                if now is None:
                    continue
                highest = _read(file.with_name("max_energy_range_uj")) or 0
                self._joules += (now - before if now >= before else now + highest - before) / 1e6
                self._last[file] = now

    def _keep_reading(self) -> None:
        while True:
            time.sleep(SECONDS_A_READING)
            self.read()


def _is_of_the_platform(file: Path) -> bool:
    """Whether this meter counts the whole board, as laptops have one: the processors, counted by their own, are in it again."""
    try:
        return file.with_name("name").read_text(encoding="ascii").strip() == "psys"
    except (OSError, ValueError):
        return False


def _read(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None

"""How much memory a run has held: this process's, and that of the graphics processor it works with; and how much the machine has free.

Not covered: the limit of a container.
"""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from pathlib import Path

MB = 2**20
MACHINE, STATUS = Path("/proc/meminfo"), Path("/proc/self/status")


def free_memory_mb(machine: Path = MACHINE) -> float | None:
    """What programs can still take without swapping, in megabytes (2**20 bytes); None where the system does not tell."""
    return _megabytes(machine, "MemAvailable:")


@dataclass(frozen=True, slots=True)
class PeakMemory:
    """The most that was ever held, in megabytes (2**20 bytes). host_mb: resident. device_mb: of one graphics processor; None without one."""

    host_mb: float
    device_mb: float | None = None

    def beside(self, other: PeakMemory) -> PeakMemory:
        """Both at once, where each may have a part of the same graphics processor."""
        devices = [one.device_mb for one in (self, other) if one.device_mb is not None]
        return PeakMemory(self.host_mb + other.host_mb, sum(devices) if devices else None)

    def or_more(self, other: PeakMemory) -> PeakMemory:
        """The higher of each, of what was held one after the other."""
        devices = [one.device_mb for one in (self, other) if one.device_mb is not None]
        return PeakMemory(max(self.host_mb, other.host_mb), max(devices, default=None))


def peak_memory() -> PeakMemory:
    """Of this process since it began."""
    import torch

    device = torch.cuda.max_memory_allocated() / MB if torch.cuda.is_available() else None
    return PeakMemory(peak_host_mb(), device)


def peak_host_mb(status: Path = STATUS) -> float:
    """The most resident memory that this process ever held, in megabytes."""
    # getrusage would count what the parent held when it started this process, too.
    told = _megabytes(status, "VmHWM:")
    if told is not None:
        return told
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (MB if sys.platform == "darwin" else 1024)


def _megabytes(file: Path, name: str) -> float | None:
    """What a line of the system's says in kilobytes; None where there is no such file or line, as under some kernels."""
    if not file.exists():
        return None
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    line = next((one for one in lines if one.startswith(name)), None)
    return int(line.split()[1]) / 1024 if line else None

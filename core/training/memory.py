"""How much memory this process has held, and how much the machine has free. Not covered: the limit of a container."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

MACHINE = Path("/proc/meminfo")


def free_memory_mb(machine: Path = MACHINE) -> float | None:
    """What programs can still take without swapping, in megabytes (2**20 bytes); None where the system does not tell."""
    if not machine.exists():
        return None
    line = next(x for x in machine.read_text(encoding="ascii").splitlines() if x.startswith("MemAvailable:"))
    return int(line.split()[1]) / 1024


def peak_memory_mb() -> float:
    """The most resident memory that this process ever held, in megabytes (2**20 bytes)."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would count what the parent held when it started this process, too.
        line = next(x for x in status.read_text(encoding="ascii").splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 1024)

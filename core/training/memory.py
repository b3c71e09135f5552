"""How much memory this process has held."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_memory_mb() -> float:
    """The most resident memory that this process ever held, in megabytes (2**20 bytes)."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would count what the parent held when it started this process, too.
        line = next(x for x in status.read_text(encoding="ascii").splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 1024)

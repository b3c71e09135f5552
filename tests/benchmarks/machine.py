"""What a benchmark's figures hold for: the machine, the versions, the load, and the matrix-product peak.

The peak is measured in the process that is measured, just before and after the work, by PyTorch's own
product and by the one that training uses, and the best of all rounds counts: a high peak makes our own
share of it look smaller, never larger.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

THREADS = 2
LIBRARIES = ("torch", "transformers", "peft", "accelerate", "tokenizers")


def float32_peak_gflops(*, size: int = 2048, rounds: int = 5, products: int = 4) -> float:
    """Best speed of a square float32 matrix product, in 1e9 floating-point operations per second."""
    from core.training.products import product

    a, b = torch.randn(size, size), torch.randn(size, size)
    best = 0.0
    for multiply in (torch.mm, product):
        for _ in range(rounds):
            started = time.perf_counter()
            for _ in range(products):
                multiply(a, b)
            best = max(best, products * 2 * size**3 / (time.perf_counter() - started) / 1e9)
    return best


def circumstances() -> dict[str, Any]:
    """Machine, versions, date and load, to stand beside every figure."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": THREADS,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "load_before": [round(x, 2) for x in os.getloadavg()],
    }


def speeds_told(speeds: list[float]) -> dict[str, float]:
    """Median, lowest and highest tokens a second of several rounds."""
    return {
        "tokens_per_second_median": round(statistics.median(speeds), 1),
        "lowest": round(min(speeds), 1),
        "highest": round(max(speeds), 1),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor()
    lines = info.read_text(encoding="utf-8").splitlines()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    return f"{facts.get('model name', 'unknown')}, family {facts.get('cpu family', '?')}"

"""What a result on this machine depends on beside data and settings: processor, threads, libraries."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

LIBRARIES = ("torch", "transformers", "peft", "safetensors", "tokenizers")


def machine_facts() -> dict[str, Any]:
    """processor, cores, threads that torch works with, and the graphics processor, "none" where there is none."""
    return {
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
    }


def library_facts() -> dict[str, str]:
    """The version of each library that training goes through."""
    return {name: version(name) for name in LIBRARIES}


def processor_name() -> str:
    """The processor's own name where the system tells it, else its kind."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def use_threads(n: int | None = None) -> None:
    """Work with n threads, else with all cores, unless the environment says how many."""
    if n is not None:
        torch.set_num_threads(n)
    elif "OMP_NUM_THREADS" not in os.environ:
        # PyTorch's own choice counts two threads of one core once.
        torch.set_num_threads(os.cpu_count() or 1)

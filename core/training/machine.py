"""What a result on this machine depends on beside data and settings: processor, threads, libraries."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any

import torch

from core.training.hardware import NO_GPU, processor_name

LIBRARIES = ("torch", "transformers", "peft", "safetensors", "tokenizers")


def machine_facts() -> dict[str, Any]:
    """processor, cores, threads that torch works with, and the graphics processor, "none" where there is none."""
    return {
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else NO_GPU,
    }


def library_facts() -> dict[str, str]:
    """The version of each library that training goes through."""
    return {name: version(name) for name in LIBRARIES}


def use_threads(n: int | None = None) -> None:
    """Work with n threads, else with all cores, unless the environment says how many."""
    if n is not None:
        torch.set_num_threads(n)
    elif "OMP_NUM_THREADS" not in os.environ:
        # PyTorch's own choice counts two threads of one core once.
        torch.set_num_threads(os.cpu_count() or 1)

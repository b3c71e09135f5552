"""This machine as it can be told without a model library: what the figures of earlier runs are held against.

Not covered: which graphics processor the installed PyTorch can use; only a run knows that.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

NVIDIA = Path("/proc/driver/nvidia/gpus")
# Where there is none of these, there is no graphics processor that PyTorch could use.
GPU_DEVICES = (Path("/dev/nvidiactl"), Path("/dev/kfd"), Path("/dev/dxg"))
NO_GPU = "none"


@dataclass(frozen=True, slots=True)
class Hardware:
    """gpus: the names of its graphics processors; None where there is one whose name the system does not tell."""

    processor: str
    cores: int
    gpus: tuple[str, ...] | None

    def may_have(self, gpu: str) -> bool:
        """Whether a run that worked with this graphics processor, "none" for none, may have been on this machine."""
        # A part of one is named after it.
        return (
            gpu == NO_GPU or self.gpus is None or any(gpu == one or gpu.startswith(f"{one} MIG") for one in self.gpus)
        )


@lru_cache(maxsize=1)
def hardware() -> Hardware:
    """This machine."""
    return Hardware(processor_name(), os.cpu_count() or 1, gpu_names(NVIDIA, GPU_DEVICES))


def processor_name() -> str:
    """The processor's own name where the system tells it, else its kind."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def gpu_names(nvidia: Path, devices: tuple[Path, ...]) -> tuple[str, ...] | None:
    """nvidia: where NVIDIA's driver lists its processors. devices: files, one of which is there with any graphics processor."""
    lines = [line for file in nvidia.glob("*/information") for line in file.read_text(encoding="utf-8").splitlines()]
    names = {line.partition(":")[2].strip() for line in lines if line.startswith("Model:")}
    if names:
        return tuple(sorted(names))
    return None if any(device.exists() for device in devices) else ()

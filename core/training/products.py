"""Matrix products by the faster of the two libraries that PyTorch brings along.

On a processor that is not Intel's, PyTorch's own float32 product (MKL) takes a slower path than oneDNN
does: on two cores of an AMD EPYC with AVX-512, 225 against 510 GFLOP/s. Same sums, in another order.

Not covered, and left as they are: GPUs, and other types than float32.
"""

from __future__ import annotations

import platform
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch.nn import Linear, Module


@lru_cache(maxsize=1)
def prefers_onednn() -> bool:
    """Whether oneDNN multiplies float32 matrices faster here.

    Told by the processor's maker: a choice by the clock would differ from run to run, and with it the last bits of a
    resumed run.
    """
    return (
        platform.machine() in ("x86_64", "AMD64")
        and "GenuineIntel" not in _processor()
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )


def product(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """x @ weight.T + bias, for x of (n, in) and weight of (out, in), both also as transposed views. No gradient."""
    if prefers_onednn() and x.dtype == weight.dtype == torch.float32 and x.device.type == "cpu":
        made: torch.Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
        return made
    return torch.nn.functional.linear(x, weight, bias)


def quicken(model: Module) -> int:
    """Let every plain linear layer use `product` where no gradient is wanted. Returns how many there are."""
    layers = [layer for layer in model.modules() if type(layer) is Linear] if prefers_onednn() else []
    for layer in layers:
        layer.forward = _forward_of(layer)  # type: ignore[method-assign]
    return len(layers)


def _forward_of(layer: Linear) -> Any:
    own = layer.forward

    def forward(x: torch.Tensor) -> torch.Tensor:
        if torch.is_grad_enabled():
            return own(x)
        return product(x.reshape(-1, x.shape[-1]), layer.weight, layer.bias).view(*x.shape[:-1], -1)

    return forward


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    return info.read_text(encoding="utf-8") if info.exists() else platform.processor()

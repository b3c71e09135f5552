"""LoRA layers that add the adapter's part in place: the same sums as PEFT's own, with fewer passes over memory.

PEFT makes the adapter's output as a tensor of its own, scales it, adds it, and sums two gradients of the
input on the way back. On a CPU each of these is a walk through memory beside the matrix products; here the
products themselves accumulate. Measured on real posts: a fifth less memory.

On a GPU the base weights are in bfloat16 and the adapter's in float32: its products are taken in the base's type, as a trainer with
automatic mixed precision takes them, and what it learns is added up in float32. PEFT's own forward would multiply in float32.

Not covered: several adapters at once, dropout, DoRA, an adapter of a smaller type than the base's; such layers keep PEFT's own forward.
"""

from __future__ import annotations

from typing import Any

import torch
from peft import PeftModel
from peft.tuners.lora import Linear as LoraLinear
from torch.nn import Identity, Linear

from core.training.products import product


class _FusedLora(torch.autograd.Function):
    """x W' + bias + scale (x A') B', for x of (positions, in) in the type of W; W and the bias are frozen."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        a: torch.Tensor,
        b: torch.Tensor,
        scale: float,
    ) -> torch.Tensor:
        inner = product(x, a.to(x.dtype))
        ctx.save_for_backward(x, weight, a, b, inner)
        ctx.scale = scale
        return product(x, weight, bias).addmm_(inner, b.to(x.dtype).T, alpha=scale)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (gradient,) = gradients
        x, weight, full_a, full_b, inner = ctx.saved_tensors
        a, b = full_a.to(x.dtype), full_b.to(x.dtype)
        inner_gradient = product(gradient, b.T).mul_(ctx.scale)
        a_gradient = product(inner_gradient.T, x.T)
        # The small side first: a product with sixteen rows is three times as fast as one with sixteen columns.
        b_gradient = product(inner.T, gradient.T).mul_(ctx.scale).T.contiguous()
        x_gradient = None
        if ctx.needs_input_grad[0]:
            x_gradient = product(gradient, weight.T).addmm_(inner_gradient, a)
        return x_gradient, None, None, a_gradient.to(full_a.dtype), b_gradient.to(full_b.dtype), None


def fuse(model: PeftModel) -> int:
    """Give every LoRA layer that allows it the fused forward. Returns how many there are."""
    layers = [layer for layer in model.modules() if isinstance(layer, LoraLinear) and _is_plain(layer)]
    for layer in layers:
        layer.forward = _forward_of(layer)  # type: ignore[method-assign]
    return len(layers)


def _is_plain(layer: LoraLinear) -> bool:
    base = layer.get_base_layer()
    if type(base) is not Linear or len(layer.active_adapters) != 1:
        return False
    name = layer.active_adapters[0]
    a, b = layer.lora_A[name], layer.lora_B[name]
    return (
        isinstance(layer.lora_dropout[name], Identity)
        and not layer.use_dora.get(name, False)
        and a.bias is None
        and b.bias is None
        and a.weight.dtype == b.weight.dtype
        and a.weight.dtype in (base.weight.dtype, torch.float32)
    )


def _forward_of(layer: LoraLinear) -> Any:
    own, name = layer.forward, layer.active_adapters[0]

    def forward(x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        base = layer.get_base_layer()
        if args or kwargs or layer.merged or layer.disable_adapters or x.dtype != base.weight.dtype:
            unfused: torch.Tensor = own(x, *args, **kwargs)
            return unfused
        output: torch.Tensor = _FusedLora.apply(
            x.reshape(-1, x.shape[-1]),
            base.weight,
            base.bias,
            layer.lora_A[name].weight,
            layer.lora_B[name].weight,
            layer.scaling[name],
        )
        return output.view(*x.shape[:-1], -1)

    return forward

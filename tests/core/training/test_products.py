"""The faster products and the fused LoRA give what PyTorch and PEFT give, forward and backward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from core.training.fused_lora import fuse
from core.training.fused_norms import fuse_norms
from core.training.products import product, quicken
from tests.core.training.exportable import tiny_model
from tests.core.training.tiny import tiny_folder

N_LINEAR_LAYERS, N_NORMS = 14, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


def adapted(folder: Path, *, dropout: float = 0.0, dtype: torch.dtype = torch.float32) -> PeftModel:
    """A model whose adapter is past its zeros, the same each time."""
    torch.manual_seed(3)
    base: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
    config = LoraConfig(r=4, lora_alpha=8, lora_dropout=dropout, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    return model


def loss_and_gradients(model: PeftModel) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    ids = torch.randint(2, 100, (3, 21), generator=torch.Generator().manual_seed(5))
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    return loss.detach(), {n: p.grad for n, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize(("n", "width", "out"), [(1, 3, 2), (37, 19, 64), (128, 64, 16)])
def test_a_product_is_the_linear_layers_also_on_transposed_views(n: int, width: int, out: int) -> None:
    torch.manual_seed(0)
    x, weight, bias = torch.randn(n, width), torch.randn(out, width), torch.randn(out)
    torch.testing.assert_close(product(x, weight, bias), torch.nn.functional.linear(x, weight, bias))
    other = torch.randn(n, out)
    torch.testing.assert_close(product(x.T, other.T), x.T @ other)


def test_the_fused_layers_give_the_loss_and_the_gradients_of_peft(folder: Path) -> None:
    expected_loss, expected = loss_and_gradients(adapted(folder))
    fused = adapted(folder)
    assert fuse(fused) == N_LINEAR_LAYERS
    loss, gradients = loss_and_gradients(fused)
    torch.testing.assert_close(loss, expected_loss)
    assert gradients.keys() == expected.keys()
    assert len(gradients) == 2 * N_LINEAR_LAYERS
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected[name], msg=name)


def test_the_adapter_can_still_be_switched_off(folder: Path) -> None:
    plain, fused = adapted(folder), adapted(folder)
    fuse(fused)
    quicken(fused)
    ids = torch.arange(2, 30).unsqueeze(0)
    with torch.inference_mode():
        with plain.disable_adapter(), fused.disable_adapter():
            torch.testing.assert_close(fused(input_ids=ids).logits, plain(input_ids=ids).logits)
        torch.testing.assert_close(fused(input_ids=ids).logits, plain(input_ids=ids).logits)


def test_layers_with_dropout_keep_the_forward_of_peft(folder: Path) -> None:
    assert fuse(adapted(folder, dropout=0.1)) == 0


def test_the_norms_in_one_pass_give_what_the_models_own_give(folder: Path) -> None:
    plain, fused = adapted(folder), adapted(folder)
    assert fuse_norms(fused) == N_NORMS
    expected_loss, expected = loss_and_gradients(plain)
    loss, gradients = loss_and_gradients(fused)
    torch.testing.assert_close(loss, expected_loss)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected[name], msg=name)


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_an_adapter_in_float32_beside_weights_in_bfloat16_is_fused_and_learns_the_same_in_float32(
    tmp_path: Path, architecture: str
) -> None:
    tiny_model(tmp_path, architecture=architecture)
    told = []
    for is_fused in (False, True):
        model = adapted(tmp_path, dtype=torch.bfloat16)
        assert fuse(model) == N_LINEAR_LAYERS if is_fused else True
        told.append(loss_and_gradients(model))
    (expected_loss, expected), (loss, gradients) = told
    torch.testing.assert_close(loss, expected_loss, rtol=1e-2, atol=1e-2)
    assert {gradient.dtype for gradient in gradients.values()} == {torch.float32}
    for name, gradient in gradients.items():
        # Rounded to bfloat16 on the way, where PEFT's own goes back in float32.
        torch.testing.assert_close(
            gradient, expected[name], rtol=0.1, atol=0.05 * float(expected[name].abs().max()), msg=name
        )

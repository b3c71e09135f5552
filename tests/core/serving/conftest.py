"""The tiny random model that tests of serving share, with two adapters. No token follows itself for ever, and none ends a text."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tests.core.serving.tiny_adapters import save_tiny_adapter
from tests.core.training.tiny import tiny_folder


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_folder(tmp_path_factory.mktemp("tiny"))
    torch.manual_seed(0)
    config = LlamaConfig.from_pretrained(folder, tie_word_embeddings=False, initializer_range=0.3, eos_token_id=None)
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="package")
def adapters(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("adapters")
    return save_tiny_adapter(tiny, folder / "a", seed=1), save_tiny_adapter(tiny, folder / "b", seed=2)

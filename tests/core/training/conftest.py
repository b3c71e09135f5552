"""The tiny random model that a module's tests share: its folder, its chat format, itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from core.training import models
from core.training.chat_format import ChatFormat
from core.training.models import load_for_reading
from tests.core.training.tiny import tiny_folder


@pytest.fixture(scope="module")
def on_the_processor() -> Iterator[None]:
    """Models in float32 wherever the tests run: on a graphics processor they are in bfloat16, whose third digit is a rounding error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "device", lambda: torch.device("cpu"))
        yield


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def form(tiny: Path) -> ChatFormat:
    return ChatFormat(tiny)


@pytest.fixture(scope="module")
def model(tiny: Path) -> Any:
    return load_for_reading(tiny)

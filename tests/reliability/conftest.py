"""A studio in a process of its own, and a model that is trained in a second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.training.tiny import LONG, tiny_folder
from tests.served import ServedStudio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[ServedStudio]:
    served = ServedStudio(tmp_path)
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"), context=LONG)

"""Shared fixtures: a data folder, an open workspace, and the real data where it is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder, offline_environment
from core.workflows.workspace import Workspace, open_workspace

REPOSITORY = Path(__file__).resolve().parents[1]
REAL_DATA = REPOSITORY.parent / "shared" / "data"

os.environ.update(offline_environment())


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def workspace(folder: DataFolder) -> Iterator[Workspace]:
    opened = open_workspace(folder)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    if not REAL_DATA.exists():
        pytest.skip(f"the real data is not beside the repository ({REAL_DATA.name})")
    return REAL_DATA

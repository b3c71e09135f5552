"""The studio's app as a client in this process meets it, without a runtime left behind: a process has only one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from starlette.testclient import TestClient
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime import Runtime

from core.config import DataFolder
from studio import running
from studio.server import create_app

ADDRESS = "http://127.0.0.1:8501"
# At every start Streamlit looks into each installed package for components; between two tests none is installed.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@contextmanager
def opened_app(folder: DataFolder, **options: Any) -> Iterator[TestClient]:
    """A client of the studio on `folder`, which is started before and stopped after. options: of the client."""
    running.start(folder)
    # Streamlit's runtime outlives its app; the next one in this process would be refused.
    Runtime._instance = None
    try:
        with TestClient(create_app(folder), base_url=ADDRESS, **options) as opened:
            yield opened
    finally:
        Runtime._instance = None
        running.stop()

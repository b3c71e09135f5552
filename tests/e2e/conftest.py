"""A running studio on an empty data folder, and Debian's Chromium."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[str]:
    """The address of a studio of its own."""
    data = tmp_path / "data"
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "studio.cli", "serve", "--port", "0", "--data", str(data)],
            cwd=REPOSITORY, stdout=log, stderr=log,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not (data / "server.json").exists():
            assert server.poll() is None, (tmp_path / "server.log").read_text()
            assert time.monotonic() < deadline, "the studio did not start within a minute"
            time.sleep(0.1)
        try:
            yield f"http://127.0.0.1:{json.loads((data / 'server.json').read_text())['port']}"
        finally:
            server.terminate()
            server.wait(timeout=30)
            _end_workers(data)


def _end_workers(data: Path) -> None:
    """Workers outlive their server by design; a test leaves none behind."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(data) in part for part in process.info["cmdline"] or []):
            process.kill()


@pytest.fixture
def page(browser: Browser, studio: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    outside: list[str] = []
    opened.on("request", lambda r: outside.append(r.url) if not r.url.startswith((studio, "data:", "blob:")) else None)
    yield opened
    context.close()
    assert outside == [], "a page asked another host"

"""The server itself asks nobody: through its pages in a browser and its API it connects to, and looks up, no host but its own machine's.

It listens, so it cannot be cut off as a job is. What is seen is what Python's own sockets do in every process of the studio (tests/guard), not what
native code does behind them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from core.config import DataFolder
from core.workflows import curating, deciding, importing, projects
from core.workflows.workspace import open_workspace
from studio.navigation import SPECS
from tests.e2e import made_up
from tests.e2e.test_pages import THINGS, Studio, body, served
from tests.e2e.visiting import opened
from tests.jobs_by_hand import finish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GUARD = Path(__file__).resolve().parents[1] / "guard"
ASKS = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Path]]:
    """A studio with records and nothing of the outside switched on, and what the watch in its processes notes."""
    root = tmp_path_factory.mktemp("asks-nobody")
    workspace = open_workspace(DataFolder(root / "data"), executor=made_up.MadeUpWorkers())
    projects.create_project(workspace, name="voice", goal="voice", by="Ann")
    uploads = [
        importing.keep_upload(workspace, f"{n}.md", body(n, THINGS[n % len(THINGS)]).encode()) for n in range(12)
    ]
    terms = importing.Terms(owner="Ann", basis="consent", purpose="test", expires_on=None)
    finish(workspace, importing.import_files(workspace, "voice", uploads, terms, name="posts", by="Ann")["job"])
    finish(workspace, curating.measure_records(workspace, "voice", by="Ann") or "")
    for record in deciding.queue(workspace, "voice", deciding.RecordFilter()):
        deciding.decide(workspace, "voice", record, "keep", by="Ann")
    made_up.frozen(workspace, "voice", "v1")
    made_up.trained(workspace, "voice", "v1")
    workspace.close()
    log = root / "asked.jsonl"
    for studio in served(root / "data", environment={"PYTHONPATH": str(GUARD), "PROOFROOM_GUARD_LOG": str(log)}):
        yield studio, log


def noted(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_the_watch_sees_a_host_that_is_asked(tmp_path: Path) -> None:
    asks = "import socket; socket.socket().connect_ex(('192.0.2.1', 9))"
    environment = {"PYTHONPATH": str(GUARD), "PROOFROOM_GUARD_LOG": str(tmp_path / "log")}
    code = f"import socket\nsocket.setdefaulttimeout(0.1)\n{asks}\ntry: socket.getaddrinfo('a.invalid', 9)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert [one["kind"] for one in noted(tmp_path / "log") if one["kind"] in ASKS] == [
        "socket.connect",
        "socket.getaddrinfo",
    ]


def test_through_all_pages_and_the_api_no_other_host_is_asked(browser: Browser, watched: tuple[Studio, Path]) -> None:
    studio, log = watched
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    for spec in SPECS:
        opened(context, studio, "" if spec.path == "desk" else spec.path).close()
    opened(context, studio, "explore?words=van").close()
    context.close()
    token = {"Authorization": f"Bearer {(studio.data / 'token').read_text()}", "X-Proofroom-By": "Ann"}
    with httpx.Client(base_url=studio.address, headers=token, timeout=60, trust_env=False) as client:
        paths = client.get("/api/openapi.json").json()["paths"]
        for path, ways in paths.items():
            if "get" in ways:
                client.get(f"/api{path.replace('{project}', 'voice').replace('{kind}', 'record')}")
        # For which the model that embeds is started.
        assert client.get("/api/projects/voice/records?about=a+van+in+winter", timeout=300).is_success
        assert client.get("/healthz").is_success
        assert client.get("/metrics").is_success
        assert client.post("/api/projects", json={"name": "another", "goal": "support"}).is_success
    told = noted(log)
    assert studio.process.pid in {one["pid"] for one in told if one["kind"] == "watched"}
    assert [one for one in told if one["kind"] in ASKS] == []

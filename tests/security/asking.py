"""The studio's own API as a script asks it: a project, an import to its end, its report."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from core.config import DataFolder
from core.nouns import FINAL_JOB_STATES
from studio.access import ensure_token
from tests.studio.opened_app import ADDRESS, opened_app

TERMS = {"owner": "Ann", "basis": "consent", "purpose": "test"}

__all__ = ["ADDRESS", "TERMS", "as_owner", "imported", "listing", "opened_app", "waited"]


def as_owner(client: TestClient, folder: DataFolder) -> TestClient:
    client.headers.update({"Authorization": f"Bearer {ensure_token(folder.token_file)}", "X-Proofroom-By": "Ann"})
    return client


def imported(
    client: TestClient, project: str, files: dict[str, bytes], *, goal: str = "support", **more: Any
) -> dict[str, Any]:
    """The report of an import of these files into a new project."""
    assert client.post("/api/projects", json={"name": project, "goal": goal}).is_success
    sent = [
        client.put("/api/uploads", params={"path": name}, content=content).json() for name, content in files.items()
    ]
    body = TERMS | {"files": [{"sha256": one["sha256"], "path": one["path"]} for one in sent]} | more
    started = client.post(f"/api/projects/{project}/imports", json=body).json()
    ended = waited(client, started["job"])
    assert ended["state"] == "done", ended["reason"]
    report: dict[str, Any] = client.get(f"/api/sources/{started['source']}").json()
    return report


def waited(client: TestClient, job: str, *, seconds: float = 600) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        progress: dict[str, Any] = client.get(f"/api/jobs/{job}").json()
        if progress["state"] in FINAL_JOB_STATES:
            return progress
        time.sleep(0.1)
    raise AssertionError(f"{job} did not end: {progress}")


def listing(folder: Path) -> set[str]:
    """Every file and folder in it, by its path there."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}

"""A studio in a process of its own, which a test may kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil

REPOSITORY = Path(__file__).resolve().parents[1]


class ServedStudio:
    """Start, kill -9 and start again on one data folder."""

    def __init__(
        self, root: Path, *, python: Path = Path(sys.executable), cwd: Path = REPOSITORY, options: Sequence[str] = ()
    ) -> None:
        """options: of `proofroom serve`."""
        self.data = root / "data"
        self._python, self._cwd, self._options = python, cwd, options
        self._log = root / "server.log"
        self.process: subprocess.Popen[bytes]
        self.http: httpx.Client

    def start(self) -> None:
        (self.data / "server.json").unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [self._python, "-m", "studio.cli", "serve", "--port", "0", "--data", str(self.data), *self._options],
                cwd=self._cwd, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while not (self.data / "server.json").exists():
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        port = json.loads((self.data / "server.json").read_text())["port"]
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}/api",
            headers={"Authorization": f"Bearer {(self.data / 'token').read_text()}", "X-Proofroom-By": "Ann"},
            timeout=60,
            trust_env=False,
        )

    def kill_9(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.http.close()

    def stop(self) -> None:
        """End the server and every worker that it left."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        self.http.close()
        for process in psutil.process_iter(["cmdline"]):
            if any(str(self.data) in part for part in process.info["cmdline"] or []):
                process.kill()

    def get(self, path: str) -> Any:
        return self._checked(self.http.get(path))

    def post(self, path: str, body: Any = None) -> Any:
        return self._checked(self.http.post(path, json=body or {}))

    def wait(self, job: str, *, until: set[str], seconds: float = 120) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            progress: dict[str, Any] = self.get(f"/jobs/{job}")
            if progress["state"] in until:
                return progress
            time.sleep(0.1)
        raise AssertionError(progress)

    def import_posts(self, project: str, n: int = 12) -> None:
        self.post("/projects", {"name": project, "goal": "voice"})
        started = self.start_import(project, n)
        assert self.wait(started["job"], until={"done", "failed", "lost"})["state"] == "done"

    def start_import(self, project: str, n: int = 12) -> dict[str, str]:
        """The ids of source and job."""
        files = []
        for i in range(n):
            text = f"# Post {i}\n\n" + " ".join(f"word{(i * 7 + k) % 97}" for k in range(120)) + "."
            sent = self._checked(self.http.put("/uploads", params={"path": f"post-{i}.md"}, content=text.encode()))
            files.append({"sha256": sent["sha256"], "path": sent["path"]})
        body = {"files": files, "owner": "Ann", "basis": "consent", "purpose": "test"}
        started: dict[str, str] = self.post(f"/projects/{project}/imports", body)
        return started

    def worker_of(self, job: str, *, seconds: float = 30) -> int:
        """The process id of a job's worker, as soon as there is one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for process in psutil.process_iter(["cmdline"]):
                if any(part.endswith(job) for part in process.info["cmdline"] or []):
                    return int(process.pid)
        raise AssertionError(f"no worker of {job}")

    def memory_maps(self) -> str:
        return Path(f"/proc/{self.process.pid}/maps").read_text()

    def _checked(self, response: httpx.Response) -> Any:
        assert response.is_success, response.text
        return response.json()


def kill_9(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)

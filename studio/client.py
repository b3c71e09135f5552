"""The command line's way to the studio: finds the server of a data folder, or starts one.

A server that was started here runs in the background and ends itself after ten idle minutes. A studio elsewhere is asked at
PROOFROOM_ADDRESS, with a person's own token in PROOFROOM_TOKEN.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from core.config import CLIENT_TOKEN, DataFolder, offline_environment
from core.errors import Invalid, ProofroomError, StoreBusy
from core.nouns import FINAL_JOB_STATES, JobState

ADDRESS, TOKEN = "PROOFROOM_ADDRESS", CLIENT_TOKEN
START_SECONDS, OTHER_SERVER_SECONDS = 30.0, 10.0
# A backup, or a doctor's look at every file, takes its time.
REQUEST_SECONDS = 1_800.0
POLL_SECONDS = 0.2
UPLOAD_PIECE_BYTES = 1024 * 1024


class ApiRefused(ProofroomError):
    """The studio said no; the sentence is its own."""

    code = "refused_by_api"


class Client:
    """Requests to the server of one data folder, in one person's name."""

    def __init__(self, folder: DataFolder, *, by: str) -> None:
        """Raises StoreBusy when a server cannot be started."""
        self._place = f"on {folder.root}"
        elsewhere = os.environ.get(ADDRESS)
        if elsewhere:
            address, token = _checked_address(elsewhere), os.environ.get(TOKEN, "")
            self._place = f"at {address}"
        else:
            address = _running_address(folder) or _start_background_server(folder)
            token = os.environ.get(TOKEN) or folder.token_file.read_text(encoding="ascii").strip()
        self._http = httpx.Client(
            base_url=f"{address}/api",
            headers={"Authorization": f"Bearer {token}", "X-Proofroom-By": quote(by)},
            timeout=REQUEST_SECONDS,
            trust_env=False,
            verify=_authorities(),
        )

    def close(self) -> None:
        """Let go of the connection; the server goes on."""
        self._http.close()

    def get(self, *parts: str, **parameters: Any) -> Any:
        """parts: of the path, each as it is; an id may hold a slash or a question mark."""
        return self._ask("GET", parts, params=parameters).json()

    def get_text(self, *parts: str, **parameters: Any) -> str:
        return self._ask("GET", parts, params=parameters).text

    def get_bytes(self, *parts: str, **parameters: Any) -> bytes:
        return self._ask("GET", parts, params=parameters).content

    def post(self, *parts: str, body: Any = None) -> Any:
        return self._ask("POST", parts, json=body if body is not None else {}).json()

    def put(self, *parts: str, body: Any, **parameters: Any) -> Any:
        return self._ask("PUT", parts, json=body, params=parameters).json()

    def patch(self, *parts: str, body: Any) -> Any:
        return self._ask("PATCH", parts, json=body).json()

    def delete(self, *parts: str) -> Any:
        return self._ask("DELETE", parts).json()

    def upload(self, file: Path, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask("PUT", ["uploads"], params={"path": name}, content=_content(file)).json()
        return answer

    def send(self, file: Path, *parts: str) -> dict[str, Any]:
        """Put a file's bytes somewhere else than among the uploads."""
        answer: dict[str, Any] = self._ask("PUT", parts, content=_content(file)).json()
        return answer

    def wait(self, job: str, *, quiet: bool) -> dict[str, Any]:
        """Wait for a job, with its progress on standard error. Raises ApiRefused when it ended without a result."""
        shown = ""
        while True:
            progress: dict[str, Any] = self.get("jobs", job)
            line = _progress_line(progress)
            if not quiet and line != shown:
                print(line, file=sys.stderr, flush=True)
                shown = line
            if progress["state"] in FINAL_JOB_STATES:
                break
            time.sleep(POLL_SECONDS)
        if progress["state"] != JobState.DONE:
            raise ApiRefused(f"{progress['label']} ended as {progress['state']}: {progress['reason']}", job=job)
        return progress

    def _ask(self, method: str, parts: Sequence[str], **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, "/" + "/".join(quote(part, safe="") for part in parts), **options)
        except httpx.HTTPError as error:
            raise ApiRefused(
                f"The studio {self._place} did not answer: {error or type(error).__name__}.",
                remedy="Look into server.log there, and repeat the command; it starts the studio again.",
            ) from error
        self._check(response)
        return response

    def _check(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        try:
            problem = response.json()
        except ValueError:
            raise ApiRefused(f"The studio answered {response.status_code}: {response.text[:200]}") from None
        raise ApiRefused(problem["message"], remedy=problem.get("remedy", ""))


def _content(file: Path) -> bytes | Iterator[bytes]:
    """A small file whole, a large one piece by piece: an archive need not fit into memory."""
    return file.read_bytes() if file.stat().st_size <= UPLOAD_PIECE_BYTES else _pieces(file)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(UPLOAD_PIECE_BYTES):
            yield piece


def _progress_line(progress: dict[str, Any]) -> str:
    if progress["state"] in FINAL_JOB_STATES:
        return f"{progress['label']}: {progress['state']}"
    line = f"{progress['label']}: {progress['phase'] or progress['state']}"
    if progress["total"]:
        line += f" {progress['done']:g}/{progress['total']:g}"
    if progress["facts"].get("n_rows"):
        line += f", {progress['facts']['n_rows']:,} rows, {progress['facts']['rows_per_second']:,.0f} a second"
    if progress["eta_seconds"] and progress["eta_seconds"] > 60:
        line += f", about {progress['eta_seconds'] / 60:.0f} min left"
    return line


def _checked_address(address: str) -> str:
    """Raises Invalid for one on the way to which a token could be read."""
    found = urlsplit(address)
    if found.scheme != "https" and not (found.scheme == "http" and found.hostname in ("127.0.0.1", "localhost", "::1")):
        raise Invalid(
            f"{ADDRESS} is {address!r}, and a token could be read on the way there.", remedy="Give an https address."
        )
    return f"{found.scheme}://{found.netloc}"


@cache
def _authorities() -> ssl.SSLContext:
    """Whom a studio elsewhere must be certified by. Reading the list takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=False)


def _running_address(folder: DataFolder) -> str | None:
    """The address of a server that answers; a file left behind by a killed one does not count."""
    try:
        facts = json.loads(folder.server_file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    address: str = facts.get("address") or f"http://127.0.0.1:{facts['port']}"
    try:
        healthy = httpx.get(f"{address}/healthz", timeout=5.0, trust_env=False, verify=_authorities())
    except httpx.HTTPError:
        return None
    return address if healthy.is_success else None


def _start_background_server(folder: DataFolder) -> str:
    folder.create()
    log = folder.root / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "studio.cli",
                "serve",
                "--data",
                str(folder.root),
                "--port",
                "0",
                "--ends-when-idle",
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=os.environ | offline_environment(),
            cwd=Path(__file__).resolve().parents[1],
        )
    has_ended, deadline = False, time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        address = _running_address(folder)
        if address is not None:
            return address
        if process.poll() is not None and not has_ended:
            # Another command may have been quicker; its server owns the folder, and answers in a moment.
            has_ended = True
            deadline = min(deadline, time.monotonic() + OTHER_SERVER_SECONDS)
        time.sleep(0.1)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise StoreBusy(f"No studio could be started on {folder.root}: {' '.join(last) or 'it did not answer in time'}")

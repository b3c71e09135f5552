"""Signing in at a server of its own: the printed link, and real websockets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from studio.gate import COOKIE
from tests.core.workflows.accounts_by_hand import PASSWORD
from tests.served import REPOSITORY


@dataclass
class Served:
    """printed: what it said at its start. token: the data folder's."""

    address: str
    printed: str
    token: str

    def websocket(self, session: str = "", **headers: str) -> ClientConnection:
        cookie = {"Cookie": f"{COOKIE}={session}"} if session else {}
        return connect(
            self.address.replace("http:", "ws:") + "/_stcore/stream", additional_headers=cookie | headers, proxy=None
        )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    with Started(root) as opened:
        yield opened


class Started:
    """A studio with --sign-in on a folder, until the end of the block."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> Served:
        data, log = self._root / "data", self._root / "server.log"
        with log.open("w") as opened:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "studio.cli", "serve", "--sign-in", "--port", "0", "--data", str(data)],
                cwd=REPOSITORY, stdout=opened, stderr=opened,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while "Proofroom is open" not in log.read_text() or not (data / "server.json").exists():
            assert self._process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        address = json.loads((data / "server.json").read_text())["address"]
        while not httpx.get(f"{address}/healthz", trust_env=False, timeout=60).is_success:
            time.sleep(0.1)
        return Served(address, log.read_text(), (data / "token").read_text())

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)


def owner_session(served: Served) -> str:
    """The first account made by the printed link; afterwards its person signs in."""
    link = re.search(r"/join#(invitation-\S+)", served.printed)
    assert link is not None
    with httpx.Client(base_url=served.address, trust_env=False, timeout=60) as client:
        form = client.get("/join").text.split('name="form" value="', 1)[1].split('"', 1)[0]
        sent = {"form": form, "link": link[1], "name": "Olga", "password": PASSWORD, "again": PASSWORD}
        answer = client.post("/join", data=sent)
        if answer.status_code == 401:
            answer = client.post("/sign-in", data={"form": form, "name": "Olga", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client.cookies[COOKIE]


def test_the_link_that_the_start_prints_works_once(served: Served) -> None:
    assert owner_session(served) != owner_session(served)


def test_a_websocket_without_a_session_or_from_another_site_is_refused(served: Served) -> None:
    session = owner_session(served)
    for refused in (
        lambda: served.websocket(),
        lambda: served.websocket("session-0123456789ab-" + "A" * 43),
        lambda: served.websocket(session, Origin="https://evil.example"),
    ):
        with pytest.raises(InvalidStatus) as answer:
            refused()
        assert answer.value.response.status_code == 403


def test_an_open_websocket_is_closed_when_its_session_ends(served: Served) -> None:
    session = owner_session(served)
    headers = {"Authorization": f"Bearer {served.token}"}
    with served.websocket(session) as socket:
        ended = httpx.delete(
            f"{served.address}/api/sessions/{session.split('-')[1]}", headers=headers, trust_env=False, timeout=60
        )
        assert ended.is_success, ended.text
        with pytest.raises(ConnectionClosed) as closed:
            listen(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


def listen(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=30)


def test_a_second_start_prints_no_link_once_there_is_an_account(tmp_path: Path) -> None:
    with Started(tmp_path) as first:
        owner_session(first)
    with Started(tmp_path) as second:
        assert "/join#" not in second.printed

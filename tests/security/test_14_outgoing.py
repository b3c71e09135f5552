"""What leaves the machine goes to the one host that an owner named, at an address that was looked at when the connection was made; else nothing leaves."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpcore
import pytest

from core.config import SECRETS, offline_environment
from core.errors import Refused
from core.jobs.executor import environment_for
from core.jobs.folder import JobFolder
from core.jobs.handlers.external_step import write_elsewhere
from core.jobs.handlers.opinion_step import ask_elsewhere
from core.outgoing.chat_endpoint import ChatEndpoint, EndpointFailed, checked_url
from core.outgoing.checked_backend import CheckedBackend, is_public
from core.outgoing.endpoint_key import FOR_VARIABLE, KEY_VARIABLE, EndpointKey
from core.records.sandbox import _Child
from core.training.generation import Sampling
from tests.core.outgoing.conftest import server
from tests.core.outgoing.listening import Asked, told
from tests.core.outgoing.test_external_step import context
from tests.core.outgoing.test_opinion_step import draft
from tests.security.inputs import ADDRESSES, URLS

__all__ = ["server"]

PUBLIC = ("93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2001:4860:4860::8888", "64:ff9b::101:101")


class Connections(httpcore.NetworkBackend):
    """In the place of the machine's own network: notes where a connection was made to, and makes none."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        self.made.append(host)
        raise httpcore.ConnectError("there is nothing here")


def backend_to(host: str, *, allows_private: bool, needs_private: bool = False) -> CheckedBackend:
    return CheckedBackend(
        host, allows_private=allows_private, needs_private=needs_private, if_private="Allow it.", if_in_the_clear="Use https."
    )  # fmt: skip


def connect(host: str, *, allows_private: bool = False, needs_private: bool = False) -> list[str]:
    """Where the connection was made to. Raises Refused."""
    backend, made = backend_to(host, allows_private=allows_private, needs_private=needs_private), Connections()
    backend._inner = made  # type: ignore[assignment]
    try:
        backend.connect_tcp(host, 443)
    except httpcore.ConnectError:
        return made.made
    raise AssertionError("the stand-in connects to nothing")


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_spelling_of_an_inner_address_is_connected_to(address: str) -> None:
    with pytest.raises(Refused, match="no public address"):
        connect(address)


@pytest.mark.parametrize(
    "address", [one for one in ADDRESSES if one.count(".") == 3 and ":" not in one and not one.startswith("0")]
)
def test_no_inner_address_is_one_inside_another_either(address: str) -> None:
    inner = int.from_bytes(socket.inet_aton(address), "big")
    for outer in (
        f"::ffff:{address}",
        f"64:ff9b::{inner >> 16:x}:{inner & 0xFFFF:x}",
        f"2002:{inner >> 16:x}:{inner & 0xFFFF:x}::1",
    ):
        assert not is_public(outer), outer


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is(address: str) -> None:
    assert is_public(address)
    with pytest.raises(Refused, match="a public address, and without https"):
        connect(address, allows_private=True, needs_private=True)


def resolving_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to these, one list for each time that is asked; what is asked for is noted."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_once_and_that_answer_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = resolving_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    assert connect("models.example") == ["93.184.216.34"]
    assert asked == ["models.example"]
    with pytest.raises(Refused, match=r"models\.example is at 127\.0\.0\.1"):
        connect("models.example")


def test_a_name_with_one_inner_address_among_others_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, ["93.184.216.34", "10.0.0.8"])
    with pytest.raises(Refused, match=r"is at 10\.0\.0\.8"):
        connect("models.example")


def test_of_a_name_with_several_addresses_the_next_one_is_tried_where_nobody_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `localhost`, of which a server often listens at one alone. Each of them was looked at before the first was tried."""
    resolving_to(monkeypatch, ["::1", "127.0.0.1", "::1"])
    assert connect("localhost", allows_private=True) == ["::1", "127.0.0.1"]


def test_another_host_than_the_named_one_is_never_connected_to() -> None:
    backend = backend_to("models.example", allows_private=True)
    for host in ("evil.example", "models.example.evil.example", "MODELS.example.", "127.0.0.1"):
        with pytest.raises(Refused, match=r"only models\.example is allowed"):
            backend.connect_tcp(host, 443)
    with pytest.raises(Refused):
        backend.connect_unix_socket("/var/run/docker.sock")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:{other}/v1/chat/completions",
        "//evil.example/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
    ],
)
def test_no_redirect_takes_the_key_anywhere(server: Asked, status: int, to: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        server.answers = [(status, {"Location": to.replace("{other}", str(other.getsockname()[1]))}, b"")]
        endpoint = ChatEndpoint(
            f"http://127.0.0.1:{server.port}/v1", "m", key=EndpointKey("secret"), allows_private=True
        )
        try:
            with pytest.raises(EndpointFailed, match=f"answered {status}"):
                endpoint.ask("Write.", max_tokens=9, temperature=0.7, top_p=0.9, seed=5)
        finally:
            endpoint.close()
        with pytest.raises(TimeoutError):
            other.accept()
    assert len(server.requests) == 1


def test_a_proxy_of_the_environment_is_not_taken(server: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answers = [(200, {}, told("A text."))]
    endpoint = ChatEndpoint(f"http://127.0.0.1:{server.port}/v1", "m", key=EndpointKey("secret"), allows_private=True)
    assert endpoint.ask("Write.", max_tokens=9, temperature=0.7, top_p=0.9, seed=5).text == "A text."
    endpoint.close()


@pytest.mark.parametrize("url", URLS)
def test_what_is_no_safe_address_is_refused(url: str) -> None:
    with pytest.raises(Refused, match=r"is no address|Without https"):
        checked_url(url, allows_private=False)


def test_the_key_goes_to_the_address_for_which_it_was_given_and_to_no_other(
    server: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may set up another address has the key sent there no more than anybody else."""
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    monkeypatch.setenv(FOR_VARIABLE, f"http://127.0.0.1:{server.port}/v1")
    write_elsewhere(context(tmp_path / "own", server), ["Write."], Sampling(max_new_tokens=9), seed=1)
    ask_elsewhere(context(tmp_path / "judge", server), [draft("d1")])
    monkeypatch.setenv(FOR_VARIABLE, "https://models.example/v1")
    write_elsewhere(context(tmp_path / "other", server), ["Write."], Sampling(max_new_tokens=9), seed=1)
    ask_elsewhere(context(tmp_path / "other_judge", server), [draft("d1")])
    assert [headers.get("Authorization") for _, headers, _ in server.requests] == ["Bearer secret"] * 2 + [None] * 2
    assert "secret" not in str(server.requests[2:])


def test_an_answer_without_an_end_is_not_read_to_its_end(server: Asked) -> None:
    server.answers = [(200, {}, json.dumps({"choices": [{"message": {"content": "a" * (5 * 2**20)}}]}).encode())]
    endpoint = ChatEndpoint(f"http://127.0.0.1:{server.port}/v1", "m", key=EndpointKey(""), allows_private=True)
    with pytest.raises(EndpointFailed, match="more than 4 MB"):
        endpoint.ask("Write.", max_tokens=9, temperature=0.7, top_p=0.9, seed=5)
    endpoint.close()


def test_every_library_is_told_to_stay_offline_and_to_count_nobody() -> None:
    told_off = offline_environment()
    for name in (
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
        "HF_DATASETS_OFFLINE",
        "HF_HUB_DISABLE_TELEMETRY",
        "DO_NOT_TRACK",
    ):
        assert told_off[name] == "1", name
    assert told_off["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] == "false"


@pytest.fixture
def secrets_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, f"the value of {name}")


def secrets_in(environment: Iterable[str]) -> set[str]:
    return SECRETS & set(environment)


@pytest.mark.usefixtures("secrets_around")
@pytest.mark.parametrize(
    ("settings", "got"),
    [({}, set()), ({"endpoint": None}, set()), ({"endpoint": {"url": "https://models.example/v1"}}, {KEY_VARIABLE})],
)
def test_of_the_secrets_in_the_environment_a_job_gets_the_endpoints_key_alone_and_where_it_asks_there(
    tmp_path: Path, settings: dict[str, Any], got: set[str]
) -> None:
    folder = JobFolder(tmp_path)
    folder.create({"kind": "draft", "settings": settings})
    assert secrets_in(environment_for(folder)) == got


def names_around(pid: int) -> set[str]:
    """Of the variables that the process was started with."""
    lines = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return {line.partition("=")[0] for line in lines}


@pytest.mark.usefixtures("secrets_around")
def test_the_process_that_parses_foreign_files_has_none_of_the_secrets() -> None:
    child = _Child(1_024)
    try:
        # Until it has become another program, it has this one's environment or none.
        deadline = time.monotonic() + 20
        while "OMP_NUM_THREADS" not in (names := names_around(child._process.pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        child.stop()
    assert "OMP_NUM_THREADS" in names
    assert secrets_in(names) == set()

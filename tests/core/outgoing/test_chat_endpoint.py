"""The endpoint elsewhere: what is sent, what is refused before anything is sent, and what its failures are told as."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from core.errors import Refused
from core.outgoing.chat_endpoint import ChatEndpoint, EndpointFailed, checked_url
from core.outgoing.endpoint_key import EndpointKey
from tests.core.outgoing.listening import Asked, told


def ask(server: Asked, *, allows_private: bool = True, key: str = "secret", waits: list[float] | None = None) -> Any:
    endpoint = ChatEndpoint(
        f"http://127.0.0.1:{server.port}/v1", "m", key=EndpointKey(key), allows_private=allows_private,
        sleep=(waits if waits is not None else []).append,
    )  # fmt: skip
    try:
        return endpoint.ask("Write.", max_tokens=90, temperature=0.7, top_p=0.9, seed=5)
    finally:
        endpoint.close()


def test_a_text_is_asked_for_as_the_api_has_it(server: Asked) -> None:
    answer = ask(server)
    assert (answer.text, answer.n_tokens, answer.is_cut) == ("A text.", 3, False)
    ((path, headers, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert body == {
        "model": "m", "messages": [{"role": "user", "content": "Write."}], "max_tokens": 90, "temperature": 0.7, "top_p": 0.9, "seed": 5,
    }  # fmt: skip


def test_without_a_key_none_is_sent(server: Asked) -> None:
    ask(server, key="")
    assert "Authorization" not in server.requests[0][1]


def test_a_text_at_the_limit_is_known_to_be_cut(server: Asked) -> None:
    server.answers = [(200, {}, told("A text", "length"))]
    assert ask(server).is_cut


def test_an_address_on_this_machine_is_refused_before_anything_is_sent(server: Asked) -> None:
    with pytest.raises(Refused, match=r"127\.0\.0\.1 is at 127\.0\.0\.1, which is no public address"):
        ask(server, allows_private=False)
    assert server.requests == []


def test_a_name_is_held_against_the_address_that_it_has_now(server: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    private = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.8", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: private)
    endpoint = ChatEndpoint("https://models.example/v1", "m", key=EndpointKey("secret"), allows_private=False)
    with pytest.raises(Refused, match=r"models\.example is at 10\.0\.0\.8"):
        endpoint.ask("Write.", max_tokens=9, temperature=0.7, top_p=0.9, seed=5)
    endpoint.close()


def test_a_redirect_is_not_followed_so_the_key_goes_nowhere_else(server: Asked) -> None:
    server.answers = [(302, {"Location": f"http://127.0.0.1:{server.port}/elsewhere"}, b"")]
    with pytest.raises(EndpointFailed, match=r"answered 302: nothing\. It sends elsewhere, and that is not followed"):
        ask(server)
    assert [path for path, _, _ in server.requests] == ["/v1/chat/completions"]


def test_a_busy_endpoint_is_asked_again_after_the_time_that_it_names(server: Asked) -> None:
    server.answers = [(429, {"Retry-After": "7"}, b"busy"), (503, {}, b""), (200, {}, told("At last."))]
    waits: list[float] = []
    assert ask(server, waits=waits).text == "At last."
    assert waits == [7.0, 4.0]


def test_what_it_refuses_is_not_asked_again(server: Asked) -> None:
    server.answers = [(401, {}, b"wrong key")]
    with pytest.raises(EndpointFailed, match=r"answered 401: wrong key\. Its key is read from PROOFROOM_ENDPOINT_KEY"):
        ask(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize("content", [b"<html>", b"{}", b'{"choices": []}', told(None), b'{"choices": "x"}'])
def test_an_answer_without_a_text_is_said(server: Asked, content: bytes) -> None:
    server.answers = [(200, {}, content)]
    with pytest.raises(EndpointFailed, match="answers with no text"):
        ask(server)


def test_an_endpoint_that_does_not_run_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Asked()
    server.port = port
    with pytest.raises(EndpointFailed, match="cannot be reached"):
        ask(server)


@pytest.mark.parametrize(
    ("url", "says"),
    [("models.example/v1", "is no address"), ("ftp://models.example", "is no address"), ("https://", "is no address"),
     ("https://name:word@models.example/v1", "is no address"), ("https://models.example/v1?key=1", "is no address"),
     ("http://models.example/v1", "Without https"), ("https://models.example/v1/chat/completions", "up to and with /v1")],
)  # fmt: skip
def test_what_is_no_safe_address_is_refused(url: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        checked_url(url, allows_private=False)


def test_on_ones_own_network_it_may_go_without_https() -> None:
    assert checked_url(" http://10.0.0.8:8000/v1/ ", allows_private=True) == "http://10.0.0.8:8000/v1"

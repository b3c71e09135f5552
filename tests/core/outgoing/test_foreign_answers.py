"""Answers of servers that others wrote, replayed as they came: what a person reads of them, and what of a text is kept."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from core.outgoing.chat_endpoint import Answer, ChatEndpoint, EndpointFailed
from core.outgoing.endpoint_key import EndpointKey
from tests.core.outgoing import foreign_answers as foreign
from tests.core.outgoing.listening import Asked, told

# The server takes the request and cuts the connection.
RESET = b""
NEWER = (
    b'{"error":{"message":"Unsupported parameter: \'max_tokens\' is not supported with this model. Use \'max_completion_tokens\' instead.",'
    b'"type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}'
)
ONLY_ONE = (
    b'{"error":{"message":"Unsupported value: \'temperature\' does not support 0.7 with this model. Only the default (1) value is supported.",'
    b'"type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}'
)

Replaying = Callable[..., str]


@pytest.fixture
def replaying() -> Iterator[Replaying]:
    """Starts a server that answers one request after the other with these bytes, the last ones for good. Returns its address."""
    opened: list[tuple[socket.socket, threading.Thread]] = []

    def start(*answers: bytes) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(listening, list(answers)))
        thread.start()
        opened.append((listening, thread))
        return f"http://127.0.0.1:{listening.getsockname()[1]}/v1"

    yield start
    for listening, thread in opened:
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        listening.close()


def _serve(listening: socket.socket, answers: list[bytes]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            while _took_a_request(connection):
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if not answer:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                connection.sendall(answer)
                if b"onnection: close" in answer:
                    break


def _took_a_request(connection: socket.socket) -> bool:
    """False where the client is gone."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65_536)
        if not part:
            return False
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return True


def ask(url: str, *, key: EndpointKey | None = None, waits: list[float] | None = None) -> Answer:
    endpoint = ChatEndpoint(
        url, "team/none", key=key or EndpointKey("secret"), allows_private=True, sleep=([] if waits is None else waits).append
    )  # fmt: skip
    try:
        return endpoint.ask("Write.", max_tokens=12, temperature=0.7, top_p=0.9, seed=5)
    finally:
        endpoint.close()


def failed(url: str, **options: EndpointKey) -> str:
    with pytest.raises(EndpointFailed) as raised:
        ask(url, **options)
    return str(raised.value)


@pytest.mark.parametrize(
    ("answer", "begins"), [(foreign.TRANSFORMERS_TEXT, "Dear God"), (foreign.LLAMA_TEXT, "Dear Hiring Editor")]
)
def test_a_text_is_taken_with_its_count_and_that_it_is_cut(replaying: Replaying, answer: bytes, begins: str) -> None:
    found = ask(replaying(answer))
    assert found.text.startswith(begins)
    assert (found.n_tokens, found.is_cut) == (12, True)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (foreign.LLAMA_401, "answered 401: Invalid API Key. Its key is read from PROOFROOM_ENDPOINT_KEY"),
        (foreign.LLAMA_404, "answered 404: File Not Found. Look at its address, up to and with /v1, and"),
        (foreign.LLAMA_TOO_LONG, "answered 400: request (4531 tokens) exceeds the available context size (1024 tokens), try increasing it. Look"),
        (foreign.LITELLM_NO_MODEL, "answered 400: /chat/completions: Invalid model name passed in model=team/none. Call `/v1/models` to view available "
         "models for your key. Look at the name of its model"),
        (foreign.TRANSFORMERS_422, "answered 422: JSON decode error. Look"),
        (foreign.TRANSFORMERS_500, "answered 500: Internal Server Error. Try again later; where that does not help, look at the name of its model and at "
         "its own log."),
    ],
)  # fmt: skip
def test_of_an_error_its_sentence_is_said_and_not_what_it_is_wrapped_in(
    replaying: Replaying, answer: bytes, says: str
) -> None:
    assert says in failed(replaying(answer))


def test_a_server_that_breaks_for_want_of_a_key_is_told_of_with_it(replaying: Replaying) -> None:
    said = failed(replaying(foreign.LITELLM_500), key=EndpointKey("", "No key is sent."))
    assert said.endswith("look at the name of its model and at its own log. No key is sent.")


def test_a_connection_that_is_cut_after_an_error_does_not_hide_the_error(replaying: Replaying) -> None:
    answers = (foreign.TRANSFORMERS_500, RESET, foreign.TRANSFORMERS_500)
    assert "answered 500: Internal Server Error" in failed(replaying(*answers))


def test_a_server_that_is_started_anew_in_the_middle_is_asked_again(replaying: Replaying) -> None:
    waits: list[float] = []
    assert ask(replaying(RESET, foreign.LLAMA_TEXT), waits=waits).n_tokens == 12
    assert waits == [2.0]


def test_one_that_dies_of_each_request_is_said_to(replaying: Replaying) -> None:
    assert "ended the connection without an answer, 4 times. Look whether it still runs" in failed(replaying(RESET))


def test_one_that_says_nothing_is_given_up_and_how_long_it_had_is_said(replaying: Replaying) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        endpoint = ChatEndpoint(url, "m", key=EndpointKey(""), allows_private=True, seconds=0.2)
        with pytest.raises(EndpointFailed, match="gave no answer within 0 seconds"):
            endpoint.ask("Write.", max_tokens=12, temperature=0.7, top_p=0.9, seed=5)
        endpoint.close()


def test_where_nothing_listens_no_number_of_an_error_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "cannot be reached: Connection refused. Look whether it runs" in failed(f"http://127.0.0.1:{port}/v1")


def test_a_key_that_the_answer_quotes_is_not_said(server: Asked) -> None:
    server.answers = [(401, {}, b'{"error": {"message": "Unknown key secret-1."}}')]
    said = failed(f"http://127.0.0.1:{server.port}/v1", key=EndpointKey("secret-1"))
    assert "answered 401: Unknown key (the key). Its" in said
    assert "secret-1" not in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body></html>", "answered 502: 502 Bad Gateway. Try"),
        (b"<p>Down &amp; out</p><script>x()</script>", "answered 502: Down & out. Try"),
        (b'{"error": "model failed to load"}', "answered 502: model failed to load. Try"),
        (b"", "answered 502: nothing. Try"),
        (b'{"odd": [1]}', 'answered 502: {"odd": [1]}. Try'),
        (b"[" * 100_000, "answered 502: [[["),
    ],
)  # fmt: skip
def test_a_page_for_people_and_other_shapes_of_errors_are_said_in_words(
    server: Asked, content: bytes, says: str
) -> None:
    server.answers = [(502, {}, content)]
    assert says in failed(f"http://127.0.0.1:{server.port}/v1")


def test_a_model_that_does_not_take_a_setting_is_asked_without_it(server: Asked) -> None:
    """Their own answers, as people who met them tell."""
    server.answers = [(400, {}, NEWER), (400, {}, ONLY_ONE), (200, {}, told("One.")), (200, {}, told("Two."))]
    endpoint = ChatEndpoint(
        f"http://127.0.0.1:{server.port}/v1", "m", key=EndpointKey(""), allows_private=True, sleep=lambda _: None
    )
    for text in ("One.", "Two."):
        assert endpoint.ask("Write.", max_tokens=12, temperature=0.7, top_p=0.9, seed=5).text == text
    endpoint.close()
    asked = [{name for name in body if name not in ("model", "messages")} for _, _, body in server.requests]
    assert asked[0] == {"max_tokens", "temperature", "top_p", "seed"}
    assert asked[1] == {"max_completion_tokens", "temperature", "top_p", "seed"}
    assert asked[2] == asked[3] == {"max_completion_tokens", "top_p", "seed"}


def test_a_setting_that_is_refused_again_and_again_ends_it(server: Asked) -> None:
    server.answers = [(400, {}, NEWER)]
    assert "answered 400: Unsupported parameter" in failed(f"http://127.0.0.1:{server.port}/v1")
    assert len(server.requests) == 2

"""Messages on a pipe: whole or not at all."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from core.serving.protocol import LENGTH, MAX_BYTES, BrokenMessage, packed, read, receive
from core.serving.text_request import (
    Ended,
    EndReason,
    Event,
    Failed,
    Piece,
    Started,
    TextRequest,
    event_from_json,
    event_to_json,
)


@pytest.fixture
def pipe() -> Iterator[tuple[socket.socket, socket.socket]]:
    a, b = socket.socketpair()
    yield a, b
    a.close()
    b.close()


def read_all(sent: bytes) -> list[object]:
    async def reading() -> list[object]:
        reader = asyncio.StreamReader()
        reader.feed_data(sent)
        reader.feed_eof()
        found: list[object] = []
        while (message := await read(reader)) is not None:
            found.append(message)
        return found

    with asyncio.Runner() as runner:
        return runner.run(reading())


def test_messages_arrive_in_order_and_whole(pipe: tuple[socket.socket, socket.socket]) -> None:
    messages = [{"text": "é😀\n\0"}, {"text": "x" * 100_000}, {}]
    sent = b"".join(map(packed, messages))
    assert read_all(sent) == messages
    pipe[0].sendall(packed(messages[0]))
    assert receive(pipe[1]) == messages[0]


@pytest.mark.parametrize("n_bytes", [0, 2, 10])
def test_an_end_that_closes_in_the_middle_has_said_nothing(
    pipe: tuple[socket.socket, socket.socket], n_bytes: int
) -> None:
    cut = packed({"a": "a longer text"})[:n_bytes]
    assert read_all(cut) == []
    pipe[0].sendall(cut)
    pipe[0].close()
    assert receive(pipe[1]) is None


@pytest.mark.parametrize("sent", [LENGTH.pack(3) + b"xyz", LENGTH.pack(2) + b"[]", LENGTH.pack(MAX_BYTES + 1)])
def test_what_is_no_message_is_refused(sent: bytes) -> None:
    with pytest.raises(BrokenMessage):
        read_all(sent)


def test_half_a_character_travels_too() -> None:
    assert read_all(packed({"text": "\ud83d"})) == [{"text": "\ud83d"}]


def test_a_request_comes_back_as_it_was() -> None:
    asked = TextRequest("x", (1, 2), 9, adapter="/a", temperature=0.5, stop=("end",), seed=-3)
    (sent,) = read_all(packed(asked.to_json()))
    assert TextRequest.from_json(sent) == asked  # type: ignore[arg-type]


@pytest.mark.parametrize("event", [Started("x"), Piece("x", "é"), Ended("x", EndReason.STOP, 3), Failed("x", "no")])
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert event_from_json(event_to_json(event)) == event

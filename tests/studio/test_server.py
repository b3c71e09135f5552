"""The listening socket: where it listens, and that small answers leave at once."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from core.errors import Invalid
from studio.server import _listen


def test_small_answers_are_sent_without_waiting_for_an_acknowledgement() -> None:
    async def accepted_without_delay(listening: socket.socket) -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted: socket.socket = writer.get_extra_info("socket")
            told.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(accept, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            result = await told
            writer.close()
            await writer.wait_closed()
        return result

    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with closing(_listen("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, accepted_without_delay(listening)).result() != 0


def test_a_port_that_is_taken_is_refused_with_another_way() -> None:
    with (
        closing(_listen("127.0.0.1", 0)) as taken,
        pytest.raises(Invalid, match=f"Port {taken.getsockname()[1]} .* cannot be used") as error,
    ):
        _listen("127.0.0.1", taken.getsockname()[1])
    assert "--port" in error.value.remedy

"""Messages between the server and a generator: JSON objects, each behind its length in four bytes.

One end reads with asyncio, the other from a socket in a thread. Nothing but JSON is ever unpacked.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import Any

Message = dict[str, Any]
LENGTH = struct.Struct(">I")
# A prompt of a million tokens; more is a mistake on the other side.
MAX_BYTES = 16 * 1024 * 1024


class BrokenMessage(Exception):
    """The other end sent what no message looks like."""


def packed(message: Message) -> bytes:
    """The message as it travels. Raises BrokenMessage when it is longer than the other end accepts."""
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    if len(body) > MAX_BYTES:
        raise BrokenMessage(f"a message of {len(body):,} bytes; {MAX_BYTES:,} are possible")
    return LENGTH.pack(len(body)) + body


def receive(source: socket.socket) -> Message | None:
    """The next message; None when the other end has closed, also in the middle of one. Raises BrokenMessage."""
    head = _exactly(source, LENGTH.size)
    if head is None:
        return None
    body = _exactly(source, _checked_length(head))
    return None if body is None else _unpacked(body)


async def read(source: asyncio.StreamReader) -> Message | None:
    """As `receive`, without blocking the loop."""
    try:
        head = await source.readexactly(LENGTH.size)
        return _unpacked(await source.readexactly(_checked_length(head)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _exactly(source: socket.socket, n_bytes: int) -> bytes | None:
    found = bytearray()
    while len(found) < n_bytes:
        try:
            piece = source.recv(n_bytes - len(found))
        except ConnectionError:
            return None
        if not piece:
            return None
        found += piece
    return bytes(found)


def _checked_length(head: bytes) -> int:
    (length,) = LENGTH.unpack(head)
    if length > MAX_BYTES:
        raise BrokenMessage(f"a message of {length:,} bytes; {MAX_BYTES:,} are possible")
    return int(length)


def _unpacked(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise BrokenMessage(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise BrokenMessage("not a JSON object")
    return message

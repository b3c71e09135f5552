"""Refuses a JSON body that no field of the API could take, before any route sees it.

Halves of characters (lone surrogates), numbers that are none (NaN, infinite) or need more than 64 bits, nesting without end: each
would break a route somewhere behind the checks of its fields. The size is counted while the body comes in.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Invalid

# The largest is a file of briefs, of which JSON escapes every line and quote.
MOST_BODY_BYTES = 40 * 2**20
LONG = 100_000
MAX_DEPTH = 64
LARGEST = 2**63 - 1
# Take files as they are, of any kind, and count them themselves.
STREAMED = ("/uploads", "/personal-data/files")


class SoundBody:
    """refuse: makes the answer of an error."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _has_json(scope):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body += message.get("body", b"")
                if len(body) > MOST_BODY_BYTES:
                    raise HTTPException(413)
                if not message.get("more_body"):
                    break
            # Of a long one the parsing takes seconds, in which nobody else would be answered.
            if len(body) > LONG:
                await asyncio.to_thread(_check, bytes(body))
            else:
                _check(bytes(body))
        except (Invalid, HTTPException) as error:
            await (await self._refuse(Request(scope), error))(scope, receive, send)
            return
        await self._app(scope, _once(bytes(body), receive), send)


def _has_json(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    if scope["path"].removeprefix(scope.get("root_path", "")) in STREAMED:
        return False
    kind = dict(scope["headers"]).get(b"content-type", b"")
    return not kind or b"json" in kind.lower()


def _once(body: bytes, receive: Receive) -> Receive:
    """The body as one message; afterwards what else comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


def _check(body: bytes) -> None:
    """Raises Invalid naming what is wrong. A body that is no JSON at all is the route's to refuse."""
    try:
        value = json.loads(body, parse_constant=_no_number, parse_float=_finite, parse_int=_kept)
    except json.JSONDecodeError:
        return
    except UnicodeDecodeError:
        raise _unsound("is not UTF-8") from None
    except RecursionError:
        raise _unsound("is nested too deep") from None
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner += [*one, *one.values()]
            elif isinstance(one, list):
                inner += one
            elif isinstance(one, str):
                _check_text(one)
        if not inner:
            return
        level = inner
    raise _unsound("is nested too deep")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _unsound("holds half of a character (a lone surrogate)") from None


def _no_number(word: str) -> float:
    raise _unsound(f"holds {word}, which is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _unsound("holds a number that is too large")
    return number


def _kept(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST:
        raise _unsound("holds a number that needs more than 64 bits")
    return int(digits)


def _unsound(what: str) -> Invalid:
    return Invalid(f"The body of the request {what}.", remedy="See /api/openapi.json.")

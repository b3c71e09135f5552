"""Who may come in: the local token, the roles that routes need, and hosts that may be asked for.

Until sign-in exists everything is local: the server listens on loopback, a script shows a token
from a file that only its owner can read, and holds every role.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from fastapi import Depends, Header, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Forbidden, Unauthenticated
from core.nouns import Role

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
        b"form-action 'self'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}


def ensure_token(file: Path) -> str:
    """The token of this data folder; made on first use, readable by its owner alone."""
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(secrets.token_urlsafe(32))
    return file.read_text(encoding="ascii").strip()


def needs(role: Role) -> Any:
    """The dependency by which a route declares its role; a test walks all routes and misses none."""

    def check(request: Request, authorization: Annotated[str, Header()] = "") -> None:
        expected = f"Bearer {request.app.state.token}"
        if not hmac.compare_digest(authorization.encode(), expected.encode()):
            raise Unauthenticated(
                "The request shows no valid token.",
                remedy="Send `Authorization: Bearer …` with the token of the data folder.",
            )
        # The local token holds every role; narrower ones come with sign-in.
        if role not in list(Role):
            raise Forbidden(f"The role {role!r} is unknown.")

    check.__dict__["role"] = role
    return Depends(check)


def acting_person(x_proofroom_by: Annotated[str, Header()] = "") -> str:
    """The name that is stored with what the request does; letters beyond ASCII come percent-encoded."""
    return unquote(x_proofroom_by) or "local"


class LocalOnly:
    """Refuses requests for another host or from another site, and adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not (_is_local(headers.get(b"host", "")) and _is_same_site(headers)):
            await _refuse(scope, send)
            return
        await self._app(scope, receive, _with_headers(send) if scope["type"] == "http" else send)


def _is_local(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name in LOCAL_HOSTS


def _is_same_site(headers: dict[bytes, str]) -> bool:
    origin = headers.get(b"origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc == headers.get(b"host", "")


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"This studio answers only to this machine and to its own pages."
    await send(
        {"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain; charset=utf-8")]}
    )
    await send({"type": "http.response.body", "body": body})


def _with_headers(send: Send) -> Callable[[Message], Any]:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *((n, v) for n, v in HEADERS.items() if n not in present)]
        await send(message)

    return sender

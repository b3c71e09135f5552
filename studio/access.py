"""Who asks, the roles that routes need, and hosts that may be asked for.

Without accounts everything is local: a script shows a token from a file that only its owner can read, and holds every role.
With accounts that token is for commands at the machine itself; everybody else shows an access token of their own.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from fastapi import Depends, Header, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Forbidden, Unauthenticated
from core.nouns import Role
from core.people.roles import EVERYWHERE, Caller, Need
from core.workflows.access_tokens import caller_of_token
from core.workflows.people import OBJECTS, home_of, project_for
from core.workflows.projects import list_projects
from studio import running
from studio.running import workspace

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
# Over an encrypted connection, which is known where the server itself or a proxy that it trusts says so. Of this machine's own names
# a browser must not remember it: other programs answer there, unencrypted. Nor of the host's subdomains, which are not the studio's.
STAY_ENCRYPTED = {b"strict-transport-security": b"max-age=31536000"}


def ensure_token(file: Path) -> str:
    """The token of this data folder; made on first use, readable by its owner alone."""
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(secrets.token_urlsafe(32))
    return file.read_text(encoding="ascii").strip()


def needs(role: Role, *, auditors: bool = False, somewhere: bool = False, at_the_machine: bool = False) -> Any:
    """The dependency by which a route declares the least role that it needs; a test walks all routes and misses none.

    The role is needed in the project that the path names, by itself or by an object of it; everywhere, where it names none.
    auditors: they may too. somewhere: in any project; the route then tells of those alone where the caller has it.
    at_the_machine: writes into a folder of the machine, so that no account but only a command there may.
    """
    need = Need(role, auditors)

    def check(request: Request) -> None:
        caller = caller_of(request)
        if not caller.account:
            # Who reads the token file owns the data folder; a name that does not exist is the workflow's to refuse.
            return
        if at_the_machine:
            raise Forbidden(
                "This writes into a folder of the machine that the studio runs on.",
                remedy="Use the command on that machine, under the account that the studio runs under.",
            )
        if somewhere:
            is_met = caller.may_somewhere(need, [row["id"] for row in list_projects(workspace())])
        else:
            is_met = caller.may(need, _place_of(request, caller))
        if not is_met:
            raise Forbidden(f"This needs the role {need.role}.", remedy="Ask an owner to give it to you.")

    check.__dict__.update(role=role, need=need, somewhere=somewhere, at_the_machine=at_the_machine)
    return Depends(check)


def caller_of(request: Request) -> Caller:
    """Who asks, by the token that the request shows; found once for each request. Raises Unauthenticated."""
    if not hasattr(request.state, "caller"):
        request.state.caller = _caller(request)
    caller: Caller = request.state.caller
    return caller


def _caller(request: Request) -> Caller:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    is_local = hmac.compare_digest(shown.encode(), request.app.state.token.encode()) and scheme == "Bearer"
    if is_local and not running.asks_for_sign_in():
        return Caller(_typed_name(request) or "local", {EVERYWHERE: Role.OWNER})
    if is_local and is_on_this_machine(request.scope):
        # Marked, so that nobody at the machine is taken for a person with an account.
        return Caller(f"{_typed_name(request)[:60] or 'local'} (this machine)", {EVERYWHERE: Role.OWNER})
    if running.asks_for_sign_in() and scheme == "Bearer":
        return caller_of_token(workspace(), shown)
    raise Unauthenticated(
        "The request shows no valid token.",
        remedy="Send `Authorization: Bearer …` with the token of the data folder.",
    )


def _typed_name(request: Request) -> str:
    return unquote(request.headers.get("x-proofroom-by", ""))


def acting_person(request: Request, x_proofroom_by: Annotated[str, Header()] = "") -> str:
    """The name that is stored with what the request does: of who asks. Where nobody signs in it is the header's; letters beyond ASCII come percent-encoded."""
    return caller_of(request).name


def visible(
    request: Request, rows: list[dict[str, Any]], role: Role, *, key: str = "project_id"
) -> list[dict[str, Any]]:
    """Those rows whose project, under `key` by id or name, the caller may see into with the role; one of no project is everybody's."""
    caller = caller_of(request)
    if not caller.account:
        return rows
    ids = {row["name"]: row["id"] for row in list_projects(workspace())}
    return [row for row in rows if not row[key] or caller.may(Need(role), ids.get(row[key], row[key]))]


def is_on_this_machine(scope: Scope) -> bool:
    """Whether the connection begins where it ends."""
    client, server = scope.get("client"), scope.get("server")
    return client is not None and (client[0] in LOCAL_HOSTS or (server is not None and client[0] == server[0]))


def _place_of(request: Request, caller: Caller) -> str:
    """The id of the project that the path is about; EVERYWHERE where it is about none. Raises NotFound."""
    named = request.path_params
    asked = request.query_params.get("project")
    if asked is not None:
        project_for(workspace(), asked, caller)
    if "project" in named:
        return project_for(workspace(), named["project"], caller)
    for noun in OBJECTS:
        if noun in named:
            found, project = home_of(workspace(), noun, named[noun], caller)
            # The route reads the path after this: a name that several projects have is now the one that was looked at.
            named[noun] = found
            return project
    return EVERYWHERE


class TokenFirst:
    """Refuses a request without a valid token before anything of its body is read, which may be of any size."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            request = Request(scope)
            try:
                await asyncio.to_thread(caller_of, request)
            except Unauthenticated as error:
                await (await self._refuse(request, error))(scope, receive, send)
                return
        await self._app(scope, receive, send)


class LocalOnly:
    """Refuses requests for another host or from another origin's page, but for a link to here that is followed, and adds the security headers.

    names: hosts beside this machine's own under which people reach the studio.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] = ()) -> None:
        self._app, self._names = app, LOCAL_HOSTS | set(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = host_of(headers.get(b"host", ""))
        if host not in self._names or not _is_same_origin(headers) or _is_from_elsewhere(scope, headers):
            await _refuse(scope, send)
            return
        added = HEADERS | (STAY_ENCRYPTED if scope.get("scheme") == "https" and host not in LOCAL_HOSTS else {})
        await self._app(scope, receive, _with_headers(send, added) if scope["type"] == "http" else send)


def host_of(header: str) -> str:
    """Of a Host header, without its port."""
    return header.rsplit(":", 1)[0] if not header.endswith("]") else header


def _is_same_origin(headers: dict[bytes, str]) -> bool:
    origin = headers.get(b"origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc == headers.get(b"host", "")


def _is_from_elsewhere(scope: Scope, headers: dict[bytes, str]) -> bool:
    """Whether the browser says that another origin's page asks, by itself or in a frame; a picture or a script is asked for without `Origin`.

    A link that is followed may lead here, as the identity provider's answer does: no GET changes anything but the trail, and that answer
    counts in the browser that began it alone. A websocket is told by its
    `Origin`, which it always has; commands and clients of the API say nothing of the kind.
    """
    if scope["type"] != "http" or headers.get(b"sec-fetch-site", "none") in ("none", "same-origin"):
        return False
    asked = (scope["method"], headers.get(b"sec-fetch-mode"), headers.get(b"sec-fetch-dest"))
    return asked not in (("GET", "navigate", "document"), ("HEAD", "navigate", "document"))


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"This studio answers only to this machine and to its own pages."
    await send(
        {"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain; charset=utf-8")]}
    )
    await send({"type": "http.response.body", "body": body})


def _with_headers(send: Send, added: dict[bytes, bytes]) -> Callable[[Message], Any]:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *((n, v) for n, v in added.items() if n not in present)]
        await send(message)

    return sender

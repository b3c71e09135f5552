"""The gate before everything that the server answers, where people sign in: pages, files and websockets alike.

A session's cookie opens it. What has a way in of its own passes: the API and clients' API, which want a token, and the pages
that sign people in. A websocket is looked after for as long as it is open: it ends when its session does.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from urllib.parse import quote, urlencode

from google.protobuf.message import DecodeError
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.workflows import signing_in
from core.workflows.signing_in import Session
from studio import running

COOKIE = "proofroom_session"
# Whole paths: below one of them Streamlit would answer.
WAYS_IN = frozenset({"/healthz", "/metrics", "/sign-in", "/sign-on", "/sign-out", "/join", "/account"})
WITH_OWN_TOKENS = ("/api/", "/v1/")
# So soon a websocket on which nothing is sent knows that its session has ended; one on which something is, at once.
LOOK_SECONDS = 2.0
POLICY_VIOLATION = 1008
MOST_REMEMBERED = 10_000

# Streamlit's sessions by id, and the sign-in that each was begun under.
_begun_under: OrderedDict[str, str] = OrderedDict()


def note_streamlit_session(streamlit_session: str, session: Session) -> None:
    """What a tab remembers belongs to the sign-in under which it began; called whenever a page is drawn."""
    _begun_under[streamlit_session] = session.id
    _begun_under.move_to_end(streamlit_session)
    while len(_begun_under) > MOST_REMEMBERED:
        _begun_under.popitem(last=False)


def session_in(scope: Scope) -> Session | None:
    """The open session whose cookie the request shows."""
    return signing_in.session_of(running.workspace(), cookie_in(scope))


def cookie_in(scope: Scope, name: str = COOKIE) -> str:
    for header, value in scope["headers"]:
        if header == b"cookie":
            found: str = cookie_parser(value.decode("latin-1")).get(name, "")
            return found
    return ""


class Gate:
    """Lets through who is signed in. Where nobody signs in, everybody on this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["type"] in ("http", "websocket") and running.asks_for_sign_in()
        if not is_asked or (
            scope["type"] == "http" and (scope["path"] in WAYS_IN or scope["path"].startswith(WITH_OWN_TOKENS))
        ):
            await self._app(scope, receive, send)
            return
        session = await asyncio.to_thread(session_in, scope)
        if session is None:
            await _turn_away(scope, send)
        elif scope["type"] == "http":
            await self._app(scope, receive, send)
        else:
            await self._as_long_as_signed_in(session, scope, receive, send)

    async def _as_long_as_signed_in(self, session: Session, scope: Scope, receive: Receive, send: Send) -> None:
        ended = asyncio.Event()
        watch = asyncio.create_task(_watch(session, ended))
        noted_at, is_turned_out = 0.0, False

        async def guarded() -> Message:
            nonlocal noted_at, is_turned_out
            message = await _first(receive, ended)
            if message is not DISCONNECT and message["type"] != "websocket.receive":
                return message
            is_open = message is not DISCONNECT and await asyncio.to_thread(
                signing_in.is_open, running.workspace(), session.id
            )
            if not is_open:
                is_turned_out = True
                return DISCONNECT
            if time.monotonic() - noted_at > signing_in.NOTED_EVERY.total_seconds() and _is_by_a_person(message):
                noted_at = time.monotonic()
                await asyncio.to_thread(signing_in.note_use, running.workspace(), session.id)
            return message

        try:
            await self._app(_with_own_tab(scope, session), guarded, send)
        finally:
            watch.cancel()
        if is_turned_out:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})


DISCONNECT: Message = {"type": "websocket.disconnect", "code": POLICY_VIOLATION}


async def _watch(session: Session, ended: asyncio.Event) -> None:
    while await asyncio.to_thread(signing_in.is_open, running.workspace(), session.id):
        await asyncio.sleep(LOOK_SECONDS)
    ended.set()


async def _first(receive: Receive, ended: asyncio.Event) -> Message:
    """What is received, or the end of the session, whichever comes first."""
    coming, ending = asyncio.ensure_future(receive()), asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
        return DISCONNECT if ending.done() else coming.result()
    finally:
        coming.cancel()
        ending.cancel()


def _is_by_a_person(message: Message) -> bool:
    """A page left open asks for its running jobs every few seconds; that is nobody's doing."""
    sent = BackMsg()
    try:
        sent.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        return False
    return sent.WhichOneof("type") == "rerun_script" and not sent.rerun_script.is_auto_rerun


def _with_own_tab(scope: Scope, session: Session) -> Scope:
    """Without the Streamlit session that a tab wants to go on with, where another sign-in began it: it would act in that one's name."""
    headers = []
    for name, value in scope["headers"]:
        if name == b"sec-websocket-protocol":
            parts = value.decode("latin-1").split(",")
            if len(parts) > 2 and _begun_under.get(parts[2].strip()) != session.id:
                value = ",".join(parts[:2]).encode("latin-1")
        headers.append((name, value))
    return {**scope, "headers": headers}


async def _turn_away(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    wants_page = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
    if wants_page and scope["method"] in ("GET", "HEAD"):
        asked = quote(scope["path"]) + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
        place = "/sign-in" + (f"?{urlencode({'next': asked})}" if asked != "/" else "")
        await _answer(send, 303, [(b"location", place.encode("latin-1"))], b"")
    else:
        await _answer(send, 401, [], b"Sign in first.")


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    start = {"type": "http.response.start", "status": status}
    kind = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send(start | {"headers": [*kind, *headers]})
    await send({"type": "http.response.body", "body": body})

"""Asks an OpenAI-compatible endpoint elsewhere for one text at a time: no redirects, no retries of what was refused."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

from core.errors import ProofroomError, Refused
from core.outgoing.checked_backend import CheckedBackend

KEY_VARIABLE = "PROOFROOM_ENDPOINT_KEY"
SECONDS = 120.0
TRIES, LONGEST_WAIT = 4, 30.0
MOST_BYTES = 4 * 1024 * 1024
# It would not write this, or cannot: too long, not allowed.
OF_REQUEST = (400, 413, 422)


class EndpointFailed(ProofroomError):
    """The endpoint did not answer, or not with a text. is_of_request: it would not answer this request, and may answer another."""

    code = "endpoint_failed"

    def __init__(self, message: str, *, remedy: str = "", is_of_request: bool = False) -> None:
        super().__init__(message, remedy=remedy)
        self.is_of_request = is_of_request


@dataclass(frozen=True, slots=True)
class Answer:
    """is_cut: the endpoint says that its limit was reached."""

    text: str
    n_tokens: int
    is_cut: bool


class ChatEndpoint:
    """url: up to and with /v1. key: sent to that host alone; empty for none. Not for several threads at once."""

    def __init__(
        self, url: str, model: str, *, key: str, allows_private: bool, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._url, self._model, self._key, self._sleep = url.rstrip("/"), model, key, sleep
        parts = urlsplit(url)
        host = parts.hostname or ""
        backend = CheckedBackend(
            host,
            allows_private=allows_private,
            needs_private=parts.scheme == "http",
            if_private="If that is meant, set the endpoint up again and allow private addresses by name (--allow-private).",
            if_in_the_clear="Set the endpoint up again with https.",
        )
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=backend, max_connections=1
        )

    def close(self) -> None:
        self._pool.close()

    def ask(self, request: str, *, max_tokens: int, temperature: float, top_p: float, seed: int) -> Answer:
        """One text for one message. Raises EndpointFailed with what it answered, and Refused where its address is not allowed."""
        body = {
            "model": self._model, "messages": [{"role": "user", "content": request}], "max_tokens": max_tokens,
            "temperature": temperature, "top_p": top_p, "seed": seed,
        }  # fmt: skip
        for turn in range(1, TRIES + 1):
            status, headers, content = self._send(json.dumps(body).encode())
            if status == 200:
                return _answer(content)
            if (status != 429 and status < 500) or turn == TRIES:
                raise EndpointFailed(
                    f"{self._url} answered {status}: {_said(content)}.", remedy=_remedy(status), is_of_request=status in OF_REQUEST
                )  # fmt: skip
            self._sleep(min(LONGEST_WAIT, _seconds(headers) or 2.0**turn))
        raise AssertionError("the last turn returns or raises")

    def _send(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers: dict[bytes | str, bytes | str] = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        timeouts = {"connect": 20.0, "read": SECONDS, "write": SECONDS, "pool": SECONDS}
        try:
            with self._pool.stream(
                "POST", f"{self._url}/chat/completions", headers=headers, content=body, extensions={"timeout": timeouts}
            ) as response:
                parts, n_bytes = [], 0
                for part in response.iter_stream():
                    parts.append(part)
                    n_bytes += len(part)
                    if n_bytes > MOST_BYTES:
                        raise EndpointFailed(f"{self._url} answers with more than {MOST_BYTES >> 20} MB.")
                told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                return response.status, told, b"".join(parts)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as error:
            raise EndpointFailed(
                f"{self._url} cannot be reached: {error or type(error).__name__}.",
                remedy="Look whether it runs and whether its address is right, then write the drafts again.",
            ) from error


def checked_url(url: str, *, allows_private: bool) -> str:
    """The address of an endpoint without a slash at its end. Raises Refused where it is none, or its key would go in the clear."""
    try:
        parts = urlsplit(url.strip())
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        parts, has_port = urlsplit(""), False
    if (
        not has_port
        or not (parts.hostname or "").isascii()
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username
        or parts.query
        or parts.fragment
    ):
        raise Refused(f"{url!r} is no address of an endpoint.", remedy="Write it up to and with /v1: https://host/v1.")
    if parts.scheme == "http" and not allows_private:
        raise Refused(
            "Without https everybody on the way can read what is sent.",
            remedy="Use https, or allow private addresses where it stands on your own network.",
        )
    return url.strip().rstrip("/")


def _answer(content: bytes) -> Answer:
    try:
        answer: dict[str, Any] = json.loads(content)
        choice = answer["choices"][0]
        text = choice["message"]["content"]
        is_cut = choice.get("finish_reason") == "length"
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise EndpointFailed(f"The endpoint answers with no text: {_said(content)}.") from error
    if not isinstance(text, str):
        raise EndpointFailed(f"The endpoint answers with no text: {_said(content)}.", is_of_request=True)
    return Answer(text.replace("\x00", "").strip(), _n_tokens(answer), is_cut)


def _n_tokens(answer: dict[str, Any]) -> int:
    """As the endpoint counts them; 0 where it does not."""
    usage = answer.get("usage")
    told = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return told if isinstance(told, int) else 0


def _said(content: bytes) -> str:
    return " ".join(content[:400].decode("utf-8", "replace").split()) or "nothing"


def _remedy(status: int) -> str:
    if status in (401, 403):
        return f"Its key is read from {KEY_VARIABLE}, where the studio was started."
    return "Look at its address and the name of its model." if status in (404, 400, 422) else "Try again later."


def _seconds(headers: dict[str, str]) -> float | None:
    told = headers.get("retry-after", "")
    return float(told) if told.isdigit() else None

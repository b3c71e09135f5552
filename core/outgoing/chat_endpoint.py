"""Asks an OpenAI-compatible endpoint elsewhere for one text at a time: no redirects, no retries of what was refused."""

from __future__ import annotations

import html
import json
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

from core.errors import ProofroomError, Refused
from core.outgoing.checked_backend import CheckedBackend
from core.outgoing.endpoint_key import KEY_VARIABLE, EndpointKey

# A long text of a small machine comes in one piece, after minutes.
SECONDS = 300.0
TRIES, LONGEST_WAIT = 4, 30.0
MOST_BYTES = 4 * 1024 * 1024
# It would not write this, or cannot: too long, not allowed.
OF_REQUEST = (400, 413, 422)
# Models that reason take no setting of how words are drawn, and have another name for the longest length.
SETTINGS = frozenset({"max_tokens", "temperature", "top_p", "seed"})
NEWER_NAMES = {"max_tokens": "max_completion_tokens"}
NOT_TAKEN = frozenset({"unsupported_parameter", "unsupported_value"})
# The connection was there and was cut, as by a server that is started anew or that lets go of one it keeps open.
CUT = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)
SENTENCE_OF_PAGE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)
ERRNO = re.compile(r"^(\[Errno -?\d+\]|_ssl\.c:\d+:) ")
TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


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
    """url: up to and with /v1. key: the one for that address. seconds: how long it may be silent. Not for several threads at once."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: EndpointKey,
        allows_private: bool,
        seconds: float = SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._model, self._key, self._sleep = url.rstrip("/"), model, key, sleep
        self._seconds = seconds
        # Settings that it says it does not take.
        self._refused: set[str] = set()
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
        asked = {"model": self._model, "messages": [{"role": "user", "content": request}]}
        settings: dict[str, Any] = {"max_tokens": max_tokens, "temperature": temperature, "top_p": top_p, "seed": seed}
        for turn in range(1, TRIES + 1):
            told: dict[str, str] = {}
            try:
                status, told, content = self._send(asked, settings)
                while status == 400 and (name := _refused_setting(content)) and name not in self._refused:
                    self._refused.add(name)
                    status, told, content = self._send(asked, settings)
            except CUT as error:
                if turn == TRIES:
                    raise self._not_reached(error) from error
            else:
                if status == 200:
                    return self._answer(content)
                if (status != 429 and status < 500) or turn == TRIES:
                    raise EndpointFailed(
                        f"{self._url} answered {status}: {self._said(content)}.", remedy=self._remedy(status), is_of_request=status in OF_REQUEST
                    )  # fmt: skip
            self._sleep(min(LONGEST_WAIT, _seconds(told) or 2.0**turn))
        raise AssertionError("the last turn returns or raises")

    def _send(self, asked: dict[str, Any], settings: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and content. Raises EndpointFailed, Refused, and what CUT holds."""
        taken = {
            NEWER_NAMES.get(name, "") if name in self._refused else name: value for name, value in settings.items()
        }
        body = json.dumps(asked | {name: value for name, value in taken.items() if name}).encode()
        headers: dict[bytes | str, bytes | str] = {
            "Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity",
        }  # fmt: skip
        if self._key.value:
            headers["Authorization"] = f"Bearer {self._key.value}"
        timeouts = {"connect": 20.0, "read": self._seconds, "write": self._seconds, "pool": self._seconds}
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
        except CUT:
            raise
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as error:
            raise self._not_reached(error) from error

    def _not_reached(self, error: Exception) -> EndpointFailed:
        if isinstance(error, httpcore.ReadTimeout):
            return EndpointFailed(
                f"{self._url} gave no answer within {self._seconds:.0f} seconds.",
                remedy="Ask for shorter drafts, or let it run where it is faster.",
            )
        if isinstance(error, CUT):
            return EndpointFailed(
                f"{self._url} ended the connection without an answer, {TRIES} times.", remedy="Look whether it still runs, and at its own log."
            )  # fmt: skip
        return EndpointFailed(
            f"{self._url} cannot be reached: {_reason(error)}.", remedy=f"Look whether it runs and whether its address is right{_scheme_of(self._url)}."
        )  # fmt: skip

    def _answer(self, content: bytes) -> Answer:
        try:
            answer: dict[str, Any] = json.loads(content)
            choice = answer["choices"][0]
            text = choice["message"]["content"]
            is_cut = choice.get("finish_reason") == "length"
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise EndpointFailed(
                f"The endpoint answers with no text: {self._said(content)}.",
                remedy="Look at its address, up to and with /v1.",
            ) from error
        if not isinstance(text, str):
            raise EndpointFailed(f"The endpoint answers with no text: {self._said(content)}.", is_of_request=True)
        return Answer(text.replace("\x00", "").strip(), _n_tokens(answer), is_cut)

    def _said(self, content: bytes) -> str:
        """The sentence in its answer, without the key, which some quote."""
        said = " ".join(_sentence(content).split())
        if self._key.value:
            said = said.replace(self._key.value, "(the key)")
        return said[:400].rstrip(" .") or "nothing"

    def _remedy(self, status: int) -> str:
        """What to look at; where no key was sent, that too, since not all say 401 then."""
        without_key = f" {self._key.why_not}" if self._key.why_not else ""
        if status in (401, 403):
            return self._key.why_not or f"Its key is read from {KEY_VARIABLE}, where the studio was started."
        if 300 <= status < 400:
            return "It sends elsewhere, and that is not followed: set up the address that it has now."
        if status in (404, 405):
            return "Look at its address, up to and with /v1, and at the name of its model."
        if status in OF_REQUEST:
            return "Look at the name of its model, at its key, and at how much it takes at once."
        if status == 429:
            return "It is asked too often, or what was paid for is used up: try again later."
        return (
            f"Try again later; where that does not help, look at the name of its model and at its own log.{without_key}"
        )


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
        or parts.path.rstrip("/").endswith("/chat/completions")
    ):
        raise Refused(f"{url!r} is no address of an endpoint.", remedy="Write it up to and with /v1: https://host/v1.")
    if parts.scheme == "http" and not allows_private:
        raise Refused(
            "Without https everybody on the way can read what is sent.",
            remedy="Use https, or allow private addresses where it stands on your own network.",
        )
    return url.strip().rstrip("/")


def _n_tokens(answer: dict[str, Any]) -> int:
    """As the endpoint counts them; 0 where it does not."""
    usage = answer.get("usage")
    told = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return told if isinstance(told, int) else 0


def _refused_setting(content: bytes) -> str:
    """The setting that this model does not take, as OpenAI says it; empty where that is not why it refuses."""
    try:
        error = json.loads(content)["error"]
        name, code = error["param"], error["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return name if isinstance(name, str) and name in SETTINGS and code in NOT_TAKEN else ""


def _sentence(content: bytes) -> str:
    """What an error says, whichever way it is wrapped: as OpenAI has it, as FastAPI and others do, or as a page for people."""
    text = content.decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        title = SENTENCE_OF_PAGE.search(text)
        return html.unescape(title.group(1) if title else TAG.sub(" ", text))
    try:
        return _message(json.loads(text)) or text
    except (ValueError, RecursionError):
        return text


def _message(told: object) -> str:
    """Empty where there is none that is known."""
    if isinstance(told, str):
        return told
    if isinstance(told, list):
        return "; ".join(found for one in told if (found := _message(one)))
    if not isinstance(told, dict):
        return ""
    return next((found for name in ("error", "message", "detail", "msg") if (found := _message(told.get(name)))), "")


def _reason(error: Exception) -> str:
    return ERRNO.sub("", str(error)) or type(error).__name__


def _scheme_of(url: str) -> str:
    return ", and whether it speaks https" if url.startswith("https") else ""


def _seconds(headers: dict[str, str]) -> float | None:
    told = headers.get("retry-after", "")
    return float(told) if told.isdigit() else None

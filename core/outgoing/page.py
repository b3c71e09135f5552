"""Fetches one page from a host that was allowed by name, within limits of size and time.

A redirect is followed to allowed hosts alone, and the address of each is looked at when the connection to it is made. Nothing is sent but
the address that is asked for: no cookie, no key, no word of the studio's. What a page would load or run is not fetched, and what came
compressed is not unpacked.

Not covered: pages that a browser puts together from scripts, and pages behind a sign-in.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from core.errors import Invalid, Refused, Unavailable
from core.outgoing.checked_backend import CheckedBackend

MOST_BYTES = 8 * 1024 * 1024
MOST_SECONDS = 30.0
MOST_REDIRECTS = 5
MOST_CHARACTERS = 2_000
REDIRECTS = (301, 302, 303, 307, 308)
USUAL_PORTS = {"https": 443, "http": 80}
HOST = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::(\d{1,5}))?")
# What the readers of documents read, by the kind that the host says it is.
ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
}
HEADERS: dict[bytes | str, bytes | str] = {
    "Accept": ", ".join(ENDINGS),
    "Accept-Encoding": "identity",
    "User-Agent": "proofroom",
}
# Signs of an address that stand for themselves; what else is in it is sent as bytes.
SAFE = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """name: where it came from, without scheme and with the ending of its kind."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PageAddress:
    """host: as an allowed one is named. url: as it is asked for."""

    scheme: str
    host: str
    url: str
    path: str


def checked_host(host: str) -> str:
    """A host as it is compared: in small letters, with its port where that is not the usual one of https. Raises Invalid."""
    found = HOST.fullmatch(host.strip().lower())
    port = int(found[2] or USUAL_PORTS["https"]) if found else 0
    if found is None or not 0 < port < 65_536:
        raise Invalid(
            f"{host!r} is no name of a host.", remedy="Write it as in the address, without https://: www.example.com."
        )
    return _host(found[1], port)


def page_address(url: str) -> PageAddress:
    """The parts of an address of a page. Raises Invalid."""
    try:
        parts = urlsplit(url.strip())
        name, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        parts, name, port = urlsplit(""), "", None
    is_web = parts.scheme in USUAL_PORTS and HOST.fullmatch(name) is not None and port != 0
    if not is_web or parts.username is not None or len(url) > MOST_CHARACTERS:
        raise Invalid(
            f"{url[:200]!r} is no address of a page.", remedy="Write it whole, as in https://www.example.com/prices."
        )
    usual = USUAL_PORTS[parts.scheme]
    port = port or usual
    written = name if port == usual else f"{name}:{port}"
    path = quote(parts.path or "/", safe=SAFE) + (f"?{quote(parts.query, safe=SAFE + '?')}" if parts.query else "")
    return PageAddress(parts.scheme, _host(name, port), f"{parts.scheme}://{written}{path}", path)


def fetch_page(
    url: str, hosts: Mapping[str, bool], *, most_bytes: int = MOST_BYTES, most_seconds: float = MOST_SECONDS
) -> FetchedPage:
    """The page at an address. hosts: those that are allowed, each with whether its address may be private.

    most_seconds: for everything, redirects included. Raises Invalid, Refused for what is not allowed, Unavailable with what happened.
    """
    ends_at = time.monotonic() + most_seconds
    asked = page_address(url)
    for _ in range(MOST_REDIRECTS + 1):
        check_is_allowed(asked, hosts)
        status, headers, content = _get(asked, allows_private=hosts[asked.host], most_bytes=most_bytes, ends_at=ends_at)
        if status not in REDIRECTS:
            return _page(asked, status, headers, content)
        asked = page_address(urljoin(asked.url, headers.get("location", "")))
    raise Unavailable(f"{url} leads on more than {MOST_REDIRECTS} times.", remedy="Write the address that it ends at.")


def check_is_allowed(asked: PageAddress, hosts: Mapping[str, bool]) -> None:
    """Raises Refused where the host was not allowed, or the page would come in the clear."""
    if asked.host not in hosts:
        raise Refused(
            f"Pages of {asked.host} are not fetched.",
            remedy=f"An owner allows the host by name: `proofroom fact-store allow {asked.host}`.",
        )
    if asked.scheme == "http" and not hosts[asked.host]:
        raise Refused(
            f"{asked.url} is not encrypted, so anybody on the way could change the facts.",
            remedy="Write the address with https.",
        )


def _get(
    asked: PageAddress, *, allows_private: bool, most_bytes: int, ends_at: float
) -> tuple[int, dict[str, str], bytes]:
    backend = _Backend(asked, allows_private=allows_private, ends_at=ends_at)
    content = bytearray()
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=backend, max_connections=1
            ) as pool,
            pool.stream("GET", asked.url, headers=HEADERS) as answer,
        ):
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            for part in answer.iter_stream() if answer.status == 200 else ():
                content += part
                if len(content) > most_bytes:
                    raise Unavailable(f"{asked.url} is longer than {most_bytes:,} bytes.")
            return answer.status, told, bytes(content)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as error:
        raise Unavailable(f"{asked.url} cannot be fetched: {error or type(error).__name__}.") from error


class _Backend(CheckedBackend):
    """Connections whose every step ends when the time for all of them does: a host may send byte after byte, each of them in time."""

    def __init__(self, asked: PageAddress, *, allows_private: bool, ends_at: float) -> None:
        super().__init__(
            urlsplit(asked.url).hostname or "",
            allows_private=allows_private,
            needs_private=asked.scheme == "http",
            if_private="If that is meant, have the host allowed again with private addresses (--allow-private).",
            if_in_the_clear="Write the address with https.",
        )
        self._ends_at = ends_at

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        left = _left(self._ends_at)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options), self._ends_at)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, ends_at: float) -> None:
        self._inner, self._ends_at = inner, ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._ends_at))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._ends_at))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, _left(self._ends_at))
        return _Stream(inner, self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("it takes too long")
    return left


def _page(asked: PageAddress, status: int, headers: Mapping[str, str], content: bytes) -> FetchedPage:
    if status != 200:
        raise Unavailable(f"{asked.url} answers {status}.")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Unavailable(f"{asked.url} comes compressed, though it was asked for as it is.")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ENDINGS:
        raise Unavailable(
            f"{asked.url} is of the kind {kind[:80] or 'that the host does not name'}.",
            remedy=f"Read are {', '.join(ENDINGS)}.",
        )
    name = f"{asked.host}{asked.path}"
    name = f"{name}index" if name.endswith("/") else name
    return FetchedPage(name if name.lower().endswith(ENDINGS[kind]) else f"{name}{ENDINGS[kind]}", content)


def _host(name: str, port: int) -> str:
    return name if port == USUAL_PORTS["https"] else f"{name}:{port}"

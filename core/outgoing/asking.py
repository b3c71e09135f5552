"""One request to the identity provider: its address looked at when the connection is made, no redirects, an answer of bounded size."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore

from core.errors import ProofroomError
from core.outgoing.checked_backend import CheckedBackend

SECONDS = 10.0
MOST_BYTES = 512 * 1024


class NotReached(ProofroomError):
    """A server elsewhere did not answer, or not in a way that can be used."""

    code = "not_reached"


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    content: bytes


def ask(
    method: str, url: str, *, allows_private: bool, headers: Mapping[str, str] | None = None, content: bytes = b""
) -> Answered:
    """What the server answers, whatever its status. Raises NotReached, and Refused where its address is not allowed."""
    parts = urlsplit(url)
    backend = CheckedBackend(
        parts.hostname or "",
        allows_private=allows_private,
        needs_private=parts.scheme == "http",
        if_private="If that is meant, start the studio with --oidc-allow-private.",
        if_in_the_clear="Name it with https.",
    )
    timeouts = {"connect": SECONDS, "read": SECONDS, "write": SECONDS, "pool": SECONDS}
    sent = {"Accept": "application/json", **(headers or {})}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool,
            pool.stream(
                method, url, headers=list(sent.items()), content=content, extensions={"timeout": timeouts}
            ) as response,
        ):
            received = b""
            for part in response.iter_stream():
                received += part
                if len(received) > MOST_BYTES:
                    raise NotReached(f"{parts.hostname} answers with more than {MOST_BYTES >> 10} KB.")
            return Answered(response.status, received)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as error:
        raise NotReached(
            f"{parts.hostname} cannot be reached: {error or type(error).__name__}.", remedy="Try again in a while."
        ) from error

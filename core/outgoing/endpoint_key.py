"""The key of the endpoint elsewhere: from the environment alone, and for the one address that the environment names.

Whoever starts the studio gives the key; an owner of it may set up another address later, in a browser. So the key goes to no
address but that for which it was given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from core.config import ENDPOINT_KEY

KEY_VARIABLE = ENDPOINT_KEY
FOR_VARIABLE = "PROOFROOM_ENDPOINT_KEY_FOR"
WHERE = "where the studio is started"
# As a header may hold it.
KEY = re.compile(r"[\x21-\x7e]+")
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class EndpointKey:
    """value: empty for none; never shown. why_not: why none is sent, a sentence; empty where one is. is_kept_back: there is one, for elsewhere or unusable."""

    value: str = field(repr=False)
    why_not: str = ""
    is_kept_back: bool = False


def key_for(url: str, environment: Mapping[str, str] = os.environ) -> EndpointKey:
    """The key to send to the endpoint at this address, up to and with /v1."""
    key, told = environment.get(KEY_VARIABLE, "").strip(), environment.get(FOR_VARIABLE, "").strip()
    if not key:
        return EndpointKey("", f"No key is sent, since there is none in {KEY_VARIABLE} {WHERE}.")
    if not KEY.fullmatch(key):
        return EndpointKey("", f"No key is sent, since what is in {KEY_VARIABLE} holds characters that no key has.", is_kept_back=True)  # fmt: skip
    if not told:
        return EndpointKey("", f"The key is not sent, since nothing says whom it is for: whoever starts the studio writes {FOR_VARIABLE}={url} beside it.", is_kept_back=True)  # fmt: skip
    if _address(told) != _address(url):
        return EndpointKey("", f"The key is not sent, since it was given for another address, the one in {FOR_VARIABLE} {WHERE}.", is_kept_back=True)  # fmt: skip
    return EndpointKey(key)


def _address(url: str) -> tuple[object, ...]:
    """What two spellings of one address have in common. The path counts: on a host of many, another one may be somebody else's."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return (url,)
    return parts.scheme, (parts.hostname or ""), port, parts.path.rstrip("/"), parts.query, parts.username

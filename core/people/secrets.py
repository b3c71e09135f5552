"""Secrets that are shown once: of a session, an invitation, an access token.

Each is 256 random bits, which nobody guesses, so one plain SHA-256 keeps it: a slow hash is for what people think up
themselves. The first part names the row; the whole is compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

SHAPE = re.compile(r"([a-z]+)-([0-9a-f]{12})-[\w-]{43}", re.ASCII)
SESSION, INVITATION, ACCESS_TOKEN = "session", "invitation", "token"


@dataclass(frozen=True, slots=True)
class Secret:
    """shown: the only time that it is there to be read. id: of its row. sha256: what is kept."""

    id: str
    shown: str
    sha256: str


def new_secret(kind: str) -> Secret:
    row = secrets.token_hex(6)
    shown = f"{kind}-{row}-{secrets.token_urlsafe(32)}"
    return Secret(row, shown, sha256_of(shown))


def row_of(kind: str, shown: str) -> str:
    """The id of the row that a secret of this kind names; empty where it cannot be one."""
    found = SHAPE.fullmatch(shown)
    return found[2] if found and found[1] == kind else ""


def fits(shown: str, sha256: str | None) -> bool:
    """Whether this is the secret that was kept. None takes the same time, so that it does not tell whether there is a row."""
    is_right = hmac.compare_digest(sha256_of(shown), sha256 or sha256_of(""))
    return is_right and sha256 is not None


def sha256_of(shown: str) -> str:
    return hashlib.sha256(shown.encode("utf-8", "backslashreplace")).hexdigest()

"""Passwords: what is allowed, and their hashes by Argon2id.

A hash takes a tenth of a second and 64 MB by intention; callers make it in a thread, few at a time.
Source: RFC 9106, second recommended setting, which is the library's default.
"""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.errors import Invalid

# NIST SP 800-63B counts length alone: rules on kinds of characters make passwords worse.
LEAST_CHARACTERS, MOST_CHARACTERS = 12, 256

_hasher = PasswordHasher()


def checked_password(password: str, *, name: str) -> str:
    """The password if it is allowed. Raises Invalid, which never quotes it."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        raise Invalid(
            f"A password of {len(password):,} characters is not possible.",
            remedy=f"Choose {LEAST_CHARACTERS} to {MOST_CHARACTERS}; a sentence is easy to remember.",
        )
    if len(set(password)) < 5 or (name.casefold() in password.casefold() and len(password) < len(name) + 6):
        raise Invalid("That password would be among the first to be tried.", remedy="Choose one that is not your name.")
    return password


def password_hash(password: str) -> str:
    return _hasher.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the one behind the hash. None, for a name that nobody has, takes as long and is always wrong."""
    try:
        _hasher.verify(hashed or _nobodys(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return hashed is not None


@cache
def _nobodys() -> str:
    return password_hash(secrets.token_urlsafe(32))

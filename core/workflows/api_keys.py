"""Keys for clients of /v1: made, shown once, told by their hash, limited, revoked.

A key is 256 random bits, which nobody guesses, so one plain SHA-256 keeps it: a slow or a keyed hash is for what people
think up themselves. Its first part names the row; the rest is compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from core.errors import Conflict, Invalid, NotFound, Unauthenticated
from core.store import api_keys as key_rows
from core.store.connection import Row, utc_now
from core.workflows.serving import model_names
from core.workflows.workspace import Workspace, checked_name, checked_person

KEY_PREFIX = "proofroom-"
KEY = re.compile(KEY_PREFIX + r"([0-9a-f]{12})-[\w-]{43}", re.ASCII)
DEFAULT_PER_MINUTE, DEFAULT_AT_ONCE = 120, 16
MOST_PER_MINUTE, MOST_AT_ONCE = 100_000, 256
# A use is noted again only after this long: a write for every request would be most of its work.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """key: the only time that it is shown."""

    id: str
    name: str
    key: str
    models: tuple[str, ...]
    requests_per_minute: int
    requests_at_once: int


def create_key(
    workspace: Workspace,
    name: str,
    *,
    by: str,
    models: Sequence[str] = (),
    requests_per_minute: int = DEFAULT_PER_MINUTE,
    requests_at_once: int = DEFAULT_AT_ONCE,
) -> NewKey:
    """Make a key. models: those that it may use, none for all there are and will be. Raises Invalid, Conflict."""
    person = checked_person(by)
    checked_name(name, "key")
    _check_limit("requests a minute", requests_per_minute, MOST_PER_MINUTE)
    _check_limit("requests at once", requests_at_once, MOST_AT_ONCE)
    chosen = tuple(dict.fromkeys(models))
    known = model_names(workspace)
    unknown = [model for model in chosen if model not in known]
    if unknown:
        raise Invalid(f"There is no model {unknown[0]!r}.", remedy=f"Models here: {', '.join(known)}.")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = f"{KEY_PREFIX}{key_id}-{secret}"
    with workspace.store.transaction() as tx:
        if any(row["name"] == name and row["revoked_at"] is None for row in key_rows.keys(tx)):
            raise Conflict(
                f"A key called {name!r} is in use already.", remedy="Choose another name, or revoke that one."
            )
        key_rows.insert_key(
            tx, key_id, name=name, key_sha256=_hash(key), models=chosen, requests_per_minute=requests_per_minute,
            requests_at_once=requests_at_once, by=person,
        )  # fmt: skip
        tx.event("created", "api_key", key_id, by=person)
    return NewKey(key_id, name, key, chosen, requests_per_minute, requests_at_once)


def key_as_json(key: NewKey) -> dict[str, Any]:
    return asdict(key)


def list_keys(workspace: Workspace) -> list[Row]:
    """Every key without what would open anything, revoked ones too, newest first."""
    return key_rows.keys(workspace.store)


def revoke_key(workspace: Workspace, key: str, *, by: str) -> Row:
    """Take a key back; the next request that shows it is refused. key: its id, or the name of one in use. Raises NotFound, Conflict."""
    person = checked_person(by)
    with workspace.store.transaction() as tx:
        rows = key_rows.keys(tx)
        found = [row for row in rows if row["name"] == key and row["revoked_at"] is None]
        found = found or [row for row in rows if key in (row["id"], row["name"])]
        if not found:
            raise NotFound(f"There is no key {key!r}.", remedy="`proofroom keys list` shows them.")
        row = found[0]
        if row["revoked_at"] is not None:
            raise Conflict(
                f"The key {row['name']} was revoked already, on {row['revoked_at']:%Y-%m-%d} by {row['revoked_by']}."
            )
        key_rows.revoke(tx, row["id"], by=person)
        tx.event("revoked", "api_key", row["id"], by=person)
    return {"id": row["id"], "name": row["name"]}


def key_of(workspace: Workspace, shown: str) -> Row:
    """The key's row, when it is one that is in use; its use is noted. Raises Unauthenticated, with the same words for whatever is wrong."""
    found = KEY.fullmatch(shown)
    row = key_rows.key(workspace.store, found[1]) if found else None
    # Compared in any case, so that the time does not tell whether there is such a row.
    is_right = hmac.compare_digest(_hash(shown), row["key_sha256"] if row else _hash(""))
    if row is None or not is_right or row["revoked_at"] is not None:
        raise Unauthenticated(
            "The request shows no key that is in use here.",
            remedy="Send `Authorization: Bearer …` with a key from `proofroom keys create`.",
        )
    if row["last_used_at"] is None or utc_now() - row["last_used_at"] > NOTED_EVERY:
        with workspace.store.transaction() as tx:
            key_rows.note_use(tx, row["id"])
    return row


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()


def _check_limit(what: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise Invalid(f"{value:,} {what} are not possible.", remedy=f"Choose 1 to {most:,}.")

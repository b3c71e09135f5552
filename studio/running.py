"""The one open workspace of this server process, and whether it asks people to sign in, for pages and API alike."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from core.config import DataFolder
from core.store.refresher import Refresher
from core.workflows import people
from core.workflows.importing import drop_old_uploads
from core.workflows.workspace import Workspace, open_workspace
from studio.rounds import Rounds

if TYPE_CHECKING:
    from core.outgoing.identity_provider import IdentityProvider

_lock = threading.Lock()
_current: Workspace | None = None
_refresher: Refresher | None = None
_rounds: Rounds | None = None
_asks_for_sign_in = False
_public_address = ""
_identity_provider: IdentityProvider | None = None


def start(folder: DataFolder, *, sign_in: bool = False) -> Workspace:
    """Open the workspace, watch its jobs and keep its answers fresh. Raises StoreBusy, StoreTooNew.

    sign_in: ask people to sign in; a folder with accounts always does.
    """
    global _current, _refresher, _rounds, _asks_for_sign_in
    with _lock:
        if _current is None:
            workspace = open_workspace(folder)
            drop_old_uploads(workspace)
            workspace.supervisor.start()
            _refresher = Refresher(workspace.store)
            _refresher.start()
            # Accounts are only ever made while this is on, so what holds at the start holds until the end.
            _asks_for_sign_in = sign_in or people.has_accounts(workspace)
            _rounds = Rounds(workspace)
            _rounds.start()
            _current = workspace
        return _current


def workspace() -> Workspace:
    """The open workspace of this process."""
    if _current is None:
        raise RuntimeError("no workspace is open; pages are served by `proofroom serve`, not by streamlit run")
    return _current


def asks_for_sign_in() -> bool:
    return _asks_for_sign_in


def set_public_address(address: str) -> None:
    global _public_address
    _public_address = address


def public_address() -> str:
    """Where people who are not at this machine reach the studio; empty where nobody said it."""
    return _public_address


def set_identity_provider(provider: IdentityProvider | None) -> None:
    global _identity_provider
    _identity_provider = provider


def provider_host() -> str:
    """Of the identity provider; "" without one."""
    return _identity_provider.host if _identity_provider else ""


def identity_provider() -> IdentityProvider | None:
    """With which people sign on; None where whoever started the studio named none."""
    return _identity_provider


def stop() -> None:
    global _current, _refresher, _rounds, _asks_for_sign_in, _identity_provider
    with _lock:
        if _rounds is not None:
            _rounds.stop()
            _rounds = None
        if _refresher is not None:
            _refresher.stop()
            _refresher = None
        if _current is not None:
            _current.close()
            _current = None
        _asks_for_sign_in = False
        _identity_provider = None

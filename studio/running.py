"""The one open workspace of this server process, for pages and API alike."""

from __future__ import annotations

import threading

from core.config import DataFolder
from core.store.refresher import Refresher
from core.workflows.importing import drop_old_uploads
from core.workflows.workspace import Workspace, open_workspace
from studio.rounds import Rounds

_lock = threading.Lock()
_current: Workspace | None = None
_refresher: Refresher | None = None
_rounds: Rounds | None = None


def start(folder: DataFolder) -> Workspace:
    """Open the workspace, watch its jobs and keep its answers fresh. Raises StoreBusy, StoreTooNew."""
    global _current, _refresher, _rounds
    with _lock:
        if _current is None:
            workspace = open_workspace(folder)
            drop_old_uploads(workspace)
            workspace.supervisor.start()
            _refresher = Refresher(workspace.store)
            _refresher.start()
            _rounds = Rounds(workspace)
            _rounds.start()
            _current = workspace
        return _current


def workspace() -> Workspace:
    """The open workspace of this process."""
    if _current is None:
        raise RuntimeError("no workspace is open; pages are served by `proofroom serve`, not by streamlit run")
    return _current


def stop() -> None:
    global _current, _refresher, _rounds
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

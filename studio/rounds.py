"""What the studio does by itself while it is open: it notes what expired, erases what is to be erased then, and starts the runs whose version is there by now."""

from __future__ import annotations

import logging
import threading
import time

from core.incidents import places_of
from core.workflows import upkeep
from core.workflows.workspace import Workspace

log = logging.getLogger(__name__)

ROUND_SECONDS = 5.0


class Rounds:
    """One thread on one workspace; stopped before the workspace is closed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stops = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rounds", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stops.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                upkeep.look_after(self._workspace)
            except Exception as error:  # noqa: BLE001 - the frame of the thread: what goes wrong once must not keep an expiry from being seen later
                log.error("a round of the studio failed after %.1f s\n%s", time.monotonic() - began, places_of(error))
            if self._stops.wait(ROUND_SECONDS):
                return

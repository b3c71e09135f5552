"""Reads anew, beside the pages, what they will ask for again.

A decision makes the counts of every page untrue; the page on which it was made reads its own at once, and the others
find theirs read when somebody opens them. Each answer is still checked when it is given: this thread saves time, and
nothing depends on it.
"""

from __future__ import annotations

import logging
import threading
import time

import duckdb

from core.incidents import in_a_word
from core.store.connection import Store

log = logging.getLogger(__name__)

# After the last write, so that the page that wrote is drawn first.
QUIET_SECONDS = 0.4
# After the last read that somebody waited for.
ASIDE_SECONDS = 0.2
LEAST_SECONDS = 0.005


class Refresher:
    """One thread on one store; stopped before the store is closed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._store.answers.changed.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        changed = self._store.answers.changed
        while not self._is_stopping:
            changed.wait()
            while changed.is_set() and not self._is_stopping:
                changed.clear()
                changed.wait(QUIET_SECONDS)
            self._refresh()

    def _refresh(self) -> None:
        """Until all is read, or the next write makes some of it untrue again."""
        for sql, parameters in self._store.answers.outdated(least_seconds=LEAST_SECONDS):
            if self._is_written_while_others_ask():
                return
            try:
                self._store.read_anew(sql, parameters)
            except duckdb.Error as error:
                log.warning("an answer could not be read anew: %s", in_a_word(error))

    def _is_written_while_others_ask(self) -> bool:
        """Let a page that is being drawn have the engine first. True as soon as something is written."""
        answers = self._store.answers
        while (seconds := answers.missed_at + ASIDE_SECONDS - time.monotonic()) > 0:
            if answers.changed.wait(seconds):
                return True
        return answers.changed.is_set()

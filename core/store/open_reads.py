"""Who reads just now, so that the database file can be changed under nobody.

Whoever wants to be alone waits until nobody reads at one moment; readers never wait for those who wait, since a reader that holds a
snapshot may have to read more before it can let go.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import Unavailable

WAIT_SECONDS = 60.0


class OpenReads:
    """Counts those who read. Safe to use from every thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._n_open = 0
        self._is_alone = False

    def begin(self) -> None:
        with self._changed:
            while self._is_alone:
                self._changed.wait()
            self._n_open += 1

    def end(self) -> None:
        with self._changed:
            self._n_open -= 1
            self._changed.notify_all()

    @contextmanager
    def reading(self) -> Iterator[None]:
        self.begin()
        try:
            yield
        finally:
            self.end()

    @contextmanager
    def alone(self, *, seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """While nobody reads. Raises Unavailable where somebody has not ended after so long."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._n_open or self._is_alone:
                if not self._changed.wait(deadline - time.monotonic()):
                    raise Unavailable(
                        "The database is being read without a pause, so its file cannot be written anew now.",
                        remedy="It is tried again by itself.",
                    )
            self._is_alone = True
        try:
            yield
        finally:
            with self._changed:
                self._is_alone = False
                self._changed.notify_all()

"""How often somebody may try: failed attempts by account and by address, within a sliding quarter of an hour.

Kept in memory with a bound: a restart forgets them, which costs an attacker more than it gives. An attempt counts when it
begins, so that many at once are not more than their number.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from threading import Lock

from core.errors import Busy

WINDOW_SECONDS = 900.0
MOST_BY_ACCOUNT, MOST_BY_ADDRESS = 10, 30
MOST_REMEMBERED = 10_000


class Attempts:
    """Failed attempts by key; the oldest key is forgotten where there are too many."""

    def __init__(self, most: int, *, window_seconds: float = WINDOW_SECONDS, remembers: int = MOST_REMEMBERED) -> None:
        self._most, self._window, self._remembers = most, window_seconds, remembers
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def begin(self, key: str, *, now: float) -> None:
        """Count one. now: seconds of a clock that only goes on. Raises Busy where there were too many, which then counts no more."""
        with self._lock:
            times = self._times.setdefault(key, deque())
            self._times.move_to_end(key)
            while times and now - times[0] >= self._window:
                times.popleft()
            if len(times) >= self._most:
                minutes = max(1, round((self._window - (now - times[0])) / 60))
                raise Busy(
                    f"Too many attempts; the next one is possible in {minutes} min.",
                    remedy="Wait that long. An owner can make a link for a new password.",
                    retry_after_seconds=minutes * 60,
                )
            times.append(now)
            while len(self._times) > self._remembers:
                self._times.popitem(last=False)

    def take_back(self, key: str) -> None:
        """The newest attempt went well and does not count; those before it still do."""
        with self._lock:
            if self._times.get(key):
                self._times[key].pop()

    def forget(self, key: str) -> None:
        """An attempt went well: what failed before does not count any more."""
        with self._lock:
            self._times.pop(key, None)

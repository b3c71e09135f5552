"""How often somebody may try: failed attempts by account, by address and by both, within a sliding quarter of an hour.

Kept in memory with a bound: a restart forgets them, which costs an attacker more than it gives. An attempt counts when it
begins, so that many at once are not more than their number.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from core.errors import Busy

WINDOW_SECONDS = 900.0
# By account alone many more: else whoever knows a name could keep its person out.
MOST_BY_ACCOUNT_AND_ADDRESS, MOST_BY_ADDRESS, MOST_BY_ACCOUNT = 10, 30, 100
MOST_PASSWORD_CHANGES = 10
# What one household or office is given of IPv6: each of its 2**64 addresses is as near to hand as the next.
BITS_OF_NETWORK = 64
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


def place_of(address: str) -> str:
    """What attempts from an address are counted by: itself, or its network in IPv6. What is no address counts as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), BITS_OF_NETWORK), strict=False))

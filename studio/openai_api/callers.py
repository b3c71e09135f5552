"""Who calls /v1: the key that a request shows, how often it may ask and how much at once.

Counted in this process, which is the only one: a restart forgets the last minute.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request

from core.errors import Busy
from core.workflows.api_keys import key_of
from studio.running import workspace

WINDOW_SECONDS = 60.0


class Callers:
    """The requests of the last minute, and those under way, by key. Belongs to one event loop."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._asked_at: dict[str, deque[float]] = defaultdict(deque)
        self._n_under_way: dict[str, int] = defaultdict(int)

    async def caller(self, request: Request) -> dict[str, Any]:
        """The key's row. Raises Unauthenticated, and Busy when it has asked too often."""
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        row = await asyncio.to_thread(key_of, workspace(), shown.strip() if scheme.lower() == "bearer" else "")
        self.count(row)
        return row

    def count(self, key: dict[str, Any]) -> None:
        """One more request of the key. Raises Busy, with the seconds until the oldest of the minute is over."""
        asked, now = self._asked_at[key["id"]], self._now()
        while asked and asked[0] <= now - WINDOW_SECONDS:
            asked.popleft()
        if len(asked) >= key["requests_per_minute"]:
            seconds = math.ceil(asked[0] + WINDOW_SECONDS - now)
            raise Busy(
                f"The key {key['name']} may ask {key['requests_per_minute']} times a minute, and has.",
                remedy=f"Send it again in {seconds} seconds.",
                retry_after_seconds=seconds,
            )
        asked.append(now)

    @contextmanager
    def turn(self, key: dict[str, Any]) -> Iterator[None]:
        """A text of the key is under way. Raises Busy when as many are as it may have at once."""
        if self._n_under_way[key["id"]] >= key["requests_at_once"]:
            raise Busy(
                f"The key {key['name']} may have {key['requests_at_once']} requests under way at once, and has.",
                remedy="Wait for one of them.",
                retry_after_seconds=1,
            )
        self._n_under_way[key["id"]] += 1
        try:
            yield
        finally:
            self._n_under_way[key["id"]] -= 1


def may_use(key: dict[str, Any], model: str) -> bool:
    return not key["models"] or model in key["models"]

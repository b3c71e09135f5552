"""Waiting for another machine in a job, no longer than the person who started it wants to.

A request that waits for its answer sees no cancel file, for minutes where the other machine is slow. So it is made in a thread of its
own, which is left behind when the job is cancelled: the worker ends soon after, and with it the thread and its connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from core.jobs.context import JobContext

SECONDS_BETWEEN_LOOKS = 0.25

Answer = TypeVar("Answer")


def unless_cancelled(context: JobContext, ask: Callable[[], Answer]) -> Answer:
    """What `ask` returns or raises. Raises JobCancelled soon after the job is cancelled, whatever `ask` still does then."""
    answer: Future[Answer] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - it is for whoever waits, whatever it is
            answer.set_exception(error)

    threading.Thread(target=work, name="asking", daemon=True).start()
    while not wait([answer], timeout=SECONDS_BETWEEN_LOOKS).done:
        context.stop_if_cancelled()
    return answer.result()

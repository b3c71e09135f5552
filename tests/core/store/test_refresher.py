"""The thread that reads anew what pages will ask for again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import connection, refresher
from core.store.answers import Answer
from core.store.connection import Store
from core.store.refresher import Refresher

COUNT = "SELECT count(*) AS n FROM framing_lines"
SECONDS = 10.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "p.duckdb")
    yield opened
    opened.close()


def write(store: Store) -> None:
    with store.transaction() as tx:
        tx.execute("INSERT INTO framing_lines VALUES ('p', 'a line')")


def until(is_so: object) -> bool:
    deadline = time.monotonic() + SECONDS
    while not is_so() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)
    return bool(is_so())  # type: ignore[operator]


def test_what_was_asked_twice_is_read_anew_after_a_write(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresher, "QUIET_SECONDS", 0.01)
    monkeypatch.setattr(refresher, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(refresher, "ASIDE_SECONDS", 0.01)
    running = Refresher(store)
    running.start()
    for _ in range(2):
        store.read(COUNT)
    write(store)
    question = store.answers.question(COUNT, ())
    assert question is not None
    assert until(lambda: (found := store.answers.find(question)) is not None and found.rows == [(1,)])
    running.stop()


def test_it_waits_while_somebody_waits_for_the_engine(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresher, "ASIDE_SECONDS", SECONDS)
    running = Refresher(store)
    store.read(COUNT)
    assert store.answers.missed_at > 0
    waiting = threading.Thread(target=running._is_written_while_others_ask)
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    write(store)
    waiting.join(SECONDS / 2)
    assert not waiting.is_alive()


def test_it_ends_at_once_when_it_is_stopped(store: Store) -> None:
    running = Refresher(store)
    running.start()
    running.stop()
    assert not any(thread.name == "refresher" for thread in threading.enumerate())


def test_two_who_ask_the_same_at_once_wait_for_one_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    both, n_asked, ask = threading.Barrier(2), [0], connection._ask

    def slowly(*rest: object) -> Answer:
        n_asked[0] += 1
        time.sleep(0.1)
        return ask(*rest)  # type: ignore[arg-type]

    monkeypatch.setattr(connection, "_ask", slowly)
    told: list[list[dict[str, object]]] = []

    def one() -> None:
        both.wait()
        told.append(store.read(COUNT))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [[{"n": 0}], [{"n": 0}]]
    assert n_asked == [1]

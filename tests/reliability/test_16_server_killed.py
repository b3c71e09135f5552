"""Checklist 16: kill -9 of the server in the middle of writes. Whatever was acknowledged is there after the restart, once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from core.config import DataFolder
from core.store.connection import Store
from tests.reliability.busy_studio import STORED, Busy, Told, build, joined, lost, stored
from tests.reliability.faults import faults_of
from tests.reliability.served_runs import ENDED, start_run, steps_of, wait_for_steps
from tests.reliability.trail_check import checked
from tests.served import ServedStudio

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture
def signed_in(tmp_path: Path) -> Iterator[ServedStudio]:
    served = ServedStudio(tmp_path, options=("--sign-in",))
    yield served
    served.stop()


def test_16_every_acknowledged_write_of_every_kind_survives_kill_9_of_the_server(signed_in: ServedStudio) -> None:
    records, draw, told = build(signed_in.data), Random(16), Told()
    signed_in.start()
    before = signed_in.get("/doctor")["problems"]
    kills = faults_of(16, "many kinds of writes")
    for round_, _ in enumerate(kills):
        busy = Busy(signed_in, records, round_)
        busy.start()
        busy.wait_until_all_write()
        time.sleep(draw.uniform(0.0, 1.5))
        signed_in.kill_9()
        busy.stop()
        assert busy.refused == []
        told = joined(told, busy.told())
        store = Store(DataFolder(signed_in.data).database)
        assert lost(store, told) == {}
        for kind in STORED:
            found = stored(store, kind)
            # A write that was stored when its answer was lost.
            assert found.total() - len(told[kind]) <= round_ + 1 + (kind == "import"), kind
            assert kind in ("decision", "guide") or max(found.values(), default=1) == 1, kind
        assert (checked(store).findings, checked(store).n_behind) == ([], 0)
        store.close()
        signed_in.start()
    for _, job in told["import"]:
        assert signed_in.wait(job, until=ENDED)["state"] == "done"
    for _, job in told["freeze"]:
        ended = signed_in.wait(job, until=ENDED)
        # Its inputs are written beside the answer: where the server died in between, it says so and can be asked for again.
        assert ended["state"] == "done" or "Start it again" in ended["reason"], ended
    assert signed_in.get("/doctor")["problems"] == before


def test_16_every_acknowledged_decision_survives_kill_9_of_the_server(studio: ServedStudio) -> None:
    studio.import_posts("p", 30)
    ids = [row["id"] for row in studio.get("/projects/p/records")]
    acknowledged: list[tuple[str, str]] = []

    def decide_on_and_on() -> None:
        with httpx.Client(base_url=studio.http.base_url, headers=studio.http.headers, trust_env=False) as client:
            for turn in range(1_000):
                record, decision = ids[turn % len(ids)], ("keep", "reject")[turn // len(ids) % 2]
                try:
                    answer = client.post(f"/projects/p/records/{record}/decisions", json={"decision": decision})
                except httpx.HTTPError:
                    return
                if answer.is_success:
                    acknowledged.append((record, decision))

    writer = threading.Thread(target=decide_on_and_on)
    writer.start()
    time.sleep(1.5)
    studio.kill_9()
    writer.join()
    studio.start()
    assert len(acknowledged) > 20
    wanted: dict[str, list[str]] = {}
    for record, decision in acknowledged:
        wanted.setdefault(record, []).append(decision)
    for record, decisions in wanted.items():
        stored = [h["decision"] for h in studio.get(f"/projects/p/records/{record}/details")["history"]]
        # The last request may have been stored and killed before it was acknowledged.
        assert stored[: len(decisions)] == decisions
        assert len(stored) <= len(decisions) + 1


def test_16_a_run_goes_on_while_the_server_is_killed_and_is_found_again(studio: ServedStudio, tiny: Path) -> None:
    started = start_run(studio, tiny, steps=200)
    wait_for_steps(studio, started["run"], 3)
    studio.kill_9()
    studio.start()
    assert studio.wait(started["job"], until=ENDED, seconds=180)["state"] == "done"
    assert steps_of(studio, started["run"]) == list(range(1, 201))
    assert studio.get("/doctor")["problems"] == []

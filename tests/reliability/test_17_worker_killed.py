"""Checklist 17: kill -9 of a worker. The job ends as lost with a reason; a run goes on from its checkpoint, other work is started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.faults import faults_of
from tests.reliability.served_runs import ENDED, start_run, steps_of, wait_for_steps
from tests.served import ServedStudio, kill_9

pytestmark = [pytest.mark.slow, pytest.mark.alone]


def test_17_a_killed_worker_is_a_lost_run_that_resumes_from_its_checkpoint(studio: ServedStudio, tiny: Path) -> None:
    started = start_run(studio, tiny, steps=400)
    wait_for_steps(studio, started["run"], 60)
    kill_9(studio.worker_of(started["job"]))
    lost = studio.wait(started["job"], until=ENDED)
    assert lost["state"] == "lost"
    assert lost["reason"].startswith(
        "The worker process died without a last word; it was killed, or the machine ran out of memory. Resume the run: it goes on from its last "
        "checkpoint. If memory was short, start a run with fewer tokens at a time, "
    )
    assert studio.get(f"/runs/{started['run']}")["status"] == "lost"
    resumed = studio.post(f"/runs/{started['run']}/resume")
    assert studio.wait(resumed["job"], until=ENDED, seconds=180)["state"] == "done"
    first = studio.get(f"/jobs/{resumed['job']}/events")
    first_step = next(event["step"] for event in first if event["kind"] == "step")
    assert first_step > 1
    (sentence,) = [event["sentence"] for event in first if event["kind"] == "resumed"]
    assert sentence == f"Goes on from step {first_step - 1}."
    assert steps_of(studio, started["run"]) == list(range(1, 401))


def test_17_a_run_cancelled_stops_with_a_checkpoint_and_resumes(studio: ServedStudio, tiny: Path) -> None:
    started = start_run(studio, tiny, steps=400)
    wait_for_steps(studio, started["run"], 5)
    studio.post(f"/jobs/{started['job']}/cancel")
    cancelled = studio.wait(started["job"], until={"cancelled", "done"})
    assert (cancelled["state"], cancelled["reason"]) == ("cancelled", "Cancelled on request.")
    resumed = studio.post(f"/runs/{started['run']}/resume")
    assert studio.wait(resumed["job"], until=ENDED, seconds=180)["state"] == "done"
    assert studio.get(f"/runs/{started['run']}")["n_steps"] == 400


def test_17_a_killed_import_is_lost_and_the_same_files_get_in_again(studio: ServedStudio) -> None:
    studio.post("/projects", {"name": "p", "goal": "voice"})
    started = studio.start_import("p")
    kill_9(studio.worker_of(started["job"]))
    ended = studio.wait(started["job"], until=ENDED)
    assert (ended["state"], studio.get("/projects/p/records")) == ("lost", [])
    assert "died without a last word" in ended["reason"]
    again = studio.start_import("p")
    assert studio.wait(again["job"], until=ENDED)["state"] == "done"
    assert len(studio.get("/projects/p/records")) == 12


def test_17_a_killed_freeze_is_lost_and_its_name_is_free(studio: ServedStudio) -> None:
    studio.import_posts("p")
    started = studio.post("/projects/p/versions", {"name": "v", "recipe": "everything"})
    kill_9(studio.worker_of(started["job"]))
    ended = studio.wait(started["job"], until=ENDED)
    assert (ended["state"], studio.get("/projects/p/versions")) == ("lost", [])
    assert "died without a last word" in ended["reason"]
    again = studio.post("/projects/p/versions", {"name": "v", "recipe": "everything"})
    assert studio.wait(again["job"], until=ENDED)["state"] == "done"
    assert [version["name"] for version in studio.get("/projects/p/versions")] == ["v"]


def test_17_every_fault_of_a_worker_has_its_test() -> None:
    assert len(faults_of(17)) == sum(name.startswith("test_17_a_") for name in globals())

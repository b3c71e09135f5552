"""What estimates of a run are learnt from: runs on this machine, and the lengths of the examples that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.store import runs as run_rows
from core.store import versions as version_rows
from core.training.hardware import Hardware, gpu_names, hardware
from core.training.machine import machine_facts
from core.workflows import projects
from core.workflows.run_plans import earlier_runs_on, plan_run
from core.workflows.workspace import Workspace

HERE = {"processor": hardware().processor, "cores": hardware().cores, "threads": 2, "gpu": "none"}
ELSEWHERE = HERE | {"processor": "Another processor"}


@pytest.fixture
def studio(workspace: Workspace) -> Workspace:
    """A project with a version of ten training examples: eight of 100 tokens, one of 400 and one of 800."""
    project = projects.create_project(workspace, name="p", goal="voice", by="Ann")
    lengths = [100] * 8 + [400, 800]
    with workspace.store.transaction() as tx:
        version_rows.insert_version(
            tx, "v_1", project_id=project["id"], name="v1", recipe="everything", seed=17, content_sha256="0", n_records=10,
            n_examples={"train": 10, "validation": 0, "test": 0}, n_train_tokens=sum(lengths), card={"sources": []}, by="Ann",
        )  # fmt: skip
        for n, length in enumerate(lengths):
            tx.execute("INSERT INTO version_examples VALUES ('v_1', ?, ?, 'train', ?)", [f"e{n}", f"r{n}", length])
        tx.execute("INSERT INTO version_examples VALUES ('v_1', 'held', 'held', 'test', 9000)")
    return workspace


def ran(workspace: Workspace, speed: float, machine: dict[str, Any] | None, **metrics: Any) -> None:
    """A finished run that trained so many tokens a second."""
    told = {
        "tokens_per_second": speed,
        "seconds": 300.0,
        "job_seconds": 410.0,
        "peak_memory_mb": 3_000.0,
        "energy_wh": 4.1,
    }
    (project,) = projects.list_projects(workspace)
    with workspace.store.transaction() as tx:
        run_rows.insert_run(
            tx, f"r_{speed:.0f}", project_id=project["id"], version_id="v_1", name="r", job_id=f"j_{speed:.0f}", config={"base": "embedded"},
            estimate={"n_evaluation_tokens": 12_000, "guessed_memory_mb": 4_000.0}, by="Ann",
        )  # fmt: skip
        run_rows.finish_run(
            tx, f"j_{speed:.0f}", status="done", metrics=told | metrics | ({"machine": machine} if machine else {})
        )


def speeds(workspace: Workspace, *, gpus: tuple[str, ...] = ()) -> list[float]:
    here = Hardware(HERE["processor"], HERE["cores"], gpus)
    return [run.tokens_per_second for run in earlier_runs_on(here, workspace, "embedded", processes=1)]


def test_what_a_worker_tells_of_a_machine_is_what_the_server_sees_of_it() -> None:
    told, here = machine_facts(), hardware()
    assert (told["processor"], told["cores"]) == (here.processor, here.cores)
    assert here.may_have(told["gpu"])


def test_runs_on_another_machine_say_nothing_of_this_one(studio: Workspace) -> None:
    ran(studio, 900.0, ELSEWHERE)
    ran(studio, 800.0, HERE | {"cores": HERE["cores"] + 1})
    assert speeds(studio) == []
    assert not plan_run(studio, "p", "v1")["estimate"]["is_measured_here"]
    ran(studio, 200.0, HERE)
    assert speeds(studio) == [200.0]


def test_runs_that_do_not_say_where_they_were_count_where_there_is_no_other(studio: Workspace) -> None:
    ran(studio, 300.0, None)
    ran(studio, 900.0, ELSEWHERE)
    assert speeds(studio) == [300.0]
    ran(studio, 200.0, HERE)
    assert speeds(studio) == [200.0]


def test_the_newest_run_says_which_graphics_processor_it_is_now(studio: Workspace) -> None:
    ran(studio, 200.0, HERE)
    ran(studio, 5_000.0, HERE | {"gpu": "A"})
    ran(studio, 9_000.0, HERE | {"gpu": "C"})
    assert speeds(studio, gpus=("A", "B")) == [5_000.0]
    assert speeds(studio) == [200.0]


def test_what_a_run_held_on_a_graphics_processor_is_learnt_from_beside_the_machines_memory(studio: Workspace) -> None:
    assert plan_run(studio, "p", "v1")["estimate"]["device_memory_mb"] is None
    ran(studio, 5_000.0, HERE, device_memory_mb=6_000.0)
    estimate = plan_run(studio, "p", "v1")["estimate"]
    assert estimate["device_memory_mb"] == pytest.approx(estimate["guessed_memory_mb"] * 1.5)
    assert estimate["peak_memory_mb"] == pytest.approx(estimate["guessed_memory_mb"] * 0.75)


def test_the_longest_examples_are_counted_as_long_as_they_are(studio: Workspace) -> None:
    def n_tokens(**settings: Any) -> int:
        estimate: dict[str, Any] = plan_run(studio, "p", "v1", settings={"batch_size": 1, "epochs": 1.0, **settings})[
            "estimate"
        ]
        return int(estimate["n_train_tokens"])

    assert n_tokens() == 2_000
    assert n_tokens(take="longest:2") == 1_200
    assert n_tokens(take="random:2") == 400
    # The longest of every half of the records: of five, about as long as two of all ten.
    assert n_tokens(take="longest:1", train_share=0.5) == 600


def test_names_of_graphics_processors_are_read_where_the_system_tells_them(tmp_path: Path) -> None:
    device = tmp_path / "nvidiactl"
    assert gpu_names(tmp_path, (device,)) == ()
    device.touch()
    assert gpu_names(tmp_path, (device,)) is None
    (tmp_path / "0000:00:1e.0").mkdir()
    (tmp_path / "0000:00:1e.0" / "information").write_text("Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 11\n")
    assert gpu_names(tmp_path, (device,)) == ("NVIDIA H100 80GB HBM3",)
    assert Hardware("x", 2, None).may_have("NVIDIA H100 80GB HBM3")
    assert not Hardware("x", 2, ()).may_have("NVIDIA H100 80GB HBM3")

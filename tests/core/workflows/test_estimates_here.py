"""What estimates of a run are learnt from: runs on this machine, and the lengths of the examples that it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.curate.versions import read_version, write_version
from core.nouns import Example, Split
from core.store import runs as run_rows
from core.store import versions as version_rows
from core.training.chosen_examples import chosen_examples
from core.training.hardware import Hardware, gpu_names, hardware
from core.training.machine import machine_facts
from core.training.presets import TrainConfig
from core.workflows import projects
from core.workflows.run_plans import earlier_runs_on, plan_run
from core.workflows.workspace import Workspace

HERE = {"processor": hardware().processor, "cores": hardware().cores, "threads": 2, "gpu": "none"}
ELSEWHERE = HERE | {"processor": "Another processor"}


@pytest.fixture
def studio(workspace: Workspace) -> Workspace:
    """A project with a version of ten training examples: eight of 100 tokens, one of 400 and one of 800.

    The one of 400 is long by its question: the answers of the first and the last are the longest.
    """
    project = projects.create_project(workspace, name="p", goal="voice", by="Ann")
    lengths = [100] * 8 + [400, 800]
    splits: dict[Split, list[Example]] = {Split.TRAIN: examples_with([300, *[90] * 7, 10, 500])}
    sha256 = write_version(workspace.folder.versions / "v_1", splits, [], {})
    with workspace.store.transaction() as tx:
        version_rows.insert_version(
            tx, "v_1", project_id=project["id"], name="v1", recipe="everything", seed=17, content_sha256=sha256, n_records=10,
            n_examples={"train": 10, "validation": 0, "test": 0}, n_train_tokens=sum(lengths), card={"sources": []}, by="Ann",
        )  # fmt: skip
        for n, length in enumerate(lengths):
            tx.execute("INSERT INTO version_examples VALUES ('v_1', ?, ?, 'train', ?)", [f"e{n}", f"r{n}", length])
        tx.execute("INSERT INTO version_examples VALUES ('v_1', 'held', 'held', 'test', 9000)")
    return workspace


def examples_with(n_characters: list[int]) -> list[Example]:
    """Examples whose answers have so many characters."""
    return [
        Example(f"e{i}", f"r{i}", f"x{i}", f"g{i}", ({"role": "user", "content": "?"}, {"role": "assistant", "content": "a" * n}))
        for i, n in enumerate(n_characters)
    ]  # fmt: skip


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


def planned(workspace: Workspace, **settings: Any) -> tuple[int, int]:
    """(examples, tokens) of one pass."""
    plan = plan_run(workspace, "p", "v1", settings={"batch_size": 1, "epochs": 1.0, **settings})
    return plan["n_train"], plan["estimate"]["n_train_tokens"]


def test_the_examples_with_the_longest_answers_are_counted_as_they_are_chosen(studio: Workspace) -> None:
    assert planned(studio) == (10, 2_000)
    # Not the two of the most tokens: what is long there is a question.
    assert planned(studio, take="longest:2") == (2, 900)
    assert planned(studio, take="random:2") == (2, 400)


def test_of_a_share_of_the_records_the_longest_answers_are_those_of_the_share(studio: Workspace) -> None:
    frozen = read_version(studio.folder.versions / "v_1").examples[Split.TRAIN]
    (longest,) = chosen_examples(frozen, TrainConfig(take="longest:1", train_share=0.5))
    lengths = {"e8": 400, "e9": 800}
    assert planned(studio, take="longest:1", train_share=0.5) == (1, lengths.get(longest.id, 100))
    assert planned(studio, take="longest:8", train_share=0.5)[0] == 5


def test_of_the_longest_answers_as_much_is_learnt_as_they_are_of_all(studio: Workspace) -> None:
    with studio.store.transaction() as tx:
        tx.execute("UPDATE versions SET card = ?", [{"sources": [], "n_answer_tokens": {"train": 1_440}}])
    settings = {"batch_size": 1, "epochs": 1.0, "take": "longest:2"}
    # 800 of 1,440 characters.
    assert plan_run(studio, "p", "v1", settings=settings)["estimate"]["n_answer_tokens"] == 800


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

"""Model cards, drafts of runs and the order of jobs on the command line, and so by the API."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.config import DataFolder
from core.workflows import training
from core.workflows.workspace import open_workspace
from tests.command_line import CommandLine, answer
from tests.core.jobs.test_supervisor import HeldExecutor
from tests.core.workflows.test_draft_comparison import judged, written
from tests.core.workflows.test_run_registry import template
from tests.e2e import made_up

__all__ = ["template"]
HERE = ("--project", "p")


@dataclass(frozen=True, slots=True)
class Desk:
    """Commands, and the jobs that wait: three runs behind one that is under way."""

    proofroom: CommandLine
    waiting: list[str]


@pytest.fixture(scope="module")
def desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("commands") / "data"
    shutil.copytree(template, data)
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    for run in ("a", "b"):
        written(workspace, run, "van", "bench")
    judged(workspace, by="Bo")
    judged(workspace, by="Cy")
    written(workspace, "a", "bench", systems=("base",))
    workspace.close()
    # This process holds the running job's lock, as a worker would: the studio behind the commands sees it at work.
    executor = HeldExecutor()
    workspace = open_workspace(DataFolder(data), executor=executor)
    started = [training.start_run(workspace, "p", "v1", by="Ann", name=f"run {n}")["job"] for n in range(4)]
    workspace.supervisor.poll()
    workspace.close()
    commands = CommandLine(data)
    yield Desk(commands, started[1:])
    commands.stop()
    for job in list(executor.locks):
        executor.die(job)


def test_a_model_card_is_printed_and_written_to_a_file(desk: Desk, tmp_path: Path) -> None:
    assert desk.proofroom("models", "card", "a", *HERE).stdout.startswith("# a\n\nModel card, written on ")
    assert answer(desk.proofroom("models", "card", "a", *HERE, "--json"))["run"]["name"] == "a"
    file = tmp_path / "card.md"
    told = answer(desk.proofroom("models", "card", "a", *HERE, "--to", str(file), "--json"))
    assert told == {"file": str(file), "n_bytes": file.stat().st_size}
    assert file.read_text(encoding="utf-8").startswith("# a\n")
    assert "exists already" in desk.proofroom("models", "card", "a", *HERE, "--to", str(file), code=1).stderr
    nowhere = str(tmp_path / "none" / "card.md")
    assert "cannot be written" in desk.proofroom("models", "card", "a", *HERE, "--to", nowhere, code=1).stderr
    assert "run 1 has no adapter" in desk.proofroom("models", "card", "run 1", *HERE, code=1).stderr


def test_drafts_of_runs_are_told_but_those_under_review(desk: Desk) -> None:
    told = answer(desk.proofroom("runs", "drafts", "a", "b", *HERE, "--json"))
    assert [brief["brief"] for brief in told["briefs"]] == ["van"]
    assert [draft["name"] for draft in told["briefs"][0]["drafts"]] == ["a", "b"]
    assert (told["held_back"]["n_briefs"], told["held_back"]["n_waiting"]) == (1, 1)
    at_end = told["held_out"]["requests"]
    assert all([draft["name"] for draft in one["drafts"]] == ["a", "b"] for one in at_end)
    assert at_end
    words = desk.proofroom("runs", "drafts", "a", "b", *HERE).stdout
    assert words.startswith("van, a:\n")
    assert "1 brief is held back: 1 draft of it waits for a verdict" in words
    only = answer(desk.proofroom("runs", "drafts", "a", "b", *HERE, "--brief", "bench", "--json"))
    assert (only["briefs"], only["held_back"]["n_briefs"]) == ([], 1)
    assert "Of a brief 'x'" in desk.proofroom("runs", "drafts", "a", "b", *HERE, "--brief", "x", code=1).stderr


def test_any_setting_is_said_by_name_and_reaches_the_runs(desk: Desk) -> None:
    started = answer(
        desk.proofroom("train", "v1", *HERE, "--set", "rank=8", "--set", "keep_best=false", "--epochs", "1", "--json")
    )
    assert {name: started["config"][name] for name in ("rank", "keep_best", "epochs")} == {
        "rank": 8, "keep_best": False, "epochs": 1.0,
    }  # fmt: skip
    for command in ("sweep", "learning-curve"):
        runs = answer(desk.proofroom(command, "v1", *HERE, "--set", "rank=4", "--json"))["runs"]
        told = [answer(desk.proofroom("runs", "show", run["run"], "--json")) for run in runs]
        assert [run["config"]["rank"] for run in told] == [4, 4, 4]
        for run in (started, *told):
            desk.proofroom("runs", "cancel", run["run"])


def test_groups_of_runs_are_listed_and_the_report_of_one_is_printed_and_written(desk: Desk, tmp_path: Path) -> None:
    started = answer(desk.proofroom("sweep", "v1", *HERE, "--json"))
    listed = answer(desk.proofroom("runs", "groups", *HERE, "--json"))["groups"]
    assert listed[0]["id"] == started["group"]
    line = f"Rates on v1 ({started['group']}): 0 of 3 runs have ended"
    assert desk.proofroom("runs", "groups", *HERE).stdout.splitlines()[0] == line
    assert desk.proofroom("runs", "group", "Rates on v1", *HERE).stdout.startswith(
        "# Rates on v1\n\nWhich learning rate"
    )
    assert answer(desk.proofroom("runs", "group", started["group"], *HERE, "--json"))["group"] == started["group"]
    file = tmp_path / "report.json"
    told = answer(
        desk.proofroom("runs", "group", "Rates on v1", *HERE, "--format", "json", "--to", str(file), "--json")
    )
    assert told == {"file": str(file), "n_bytes": file.stat().st_size}
    assert json.loads(file.read_text(encoding="utf-8"))["runs"][0]["part"] == "half the rate"
    assert "exists already" in desk.proofroom("runs", "group", "Rates on v1", *HERE, "--to", str(file), code=1).stderr
    assert "Groups: Rates on v1" in desk.proofroom("runs", "group", "Rates", *HERE, code=1).stderr
    for run in started["runs"]:
        desk.proofroom("runs", "cancel", run["run"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("train", "v1", "--set", "rank=0"), "rank is 0. Choose a value from 1 to 256."),
        (("preflight", "v1", "--set", "rank=0"), "rank is 0. Choose a value from 1 to 256."),
        (("sweep", "v1", "--set", "ranks=8"), "There is no setting 'ranks'. Settings are base, rank,"),
        (("learning-curve", "v1", "--set", "rank=many"), "rank is 'many'. Give a whole number."),
        (("curation", "v1", "--set", "schedule=steps"), "schedule is 'steps'. Choose cosine, linear, constant."),
        (
            ("train", "v1", "--epochs", "2", "--set", "epochs=3"),
            "epochs is said twice, by --epochs and by --set. Say it once.",
        ),
        (("train", "--bundle", "x.zip", "--set", "rank=8"), "A bundle says its version and settings itself."),
    ],
)
def test_a_setting_that_is_not_possible_is_refused_by_name(desk: Desk, words: tuple[str, ...], told: str) -> None:
    assert desk.proofroom(*words, *HERE, code=1).stderr.startswith(told)


def test_every_held_out_text_is_told_with_its_losses_worst_first(desk: Desk) -> None:
    texts = answer(desk.proofroom("runs", "held-out", "a", *HERE, "--json"))["texts"]
    assert [one["tuned"] for one in texts] == sorted((one["tuned"] for one in texts), reverse=True)
    first = desk.proofroom("runs", "held-out", "a", *HERE).stdout.splitlines()[0]
    assert first.startswith(f"{texts[0]['tuned']:.3f} ({texts[0]['base']:.3f} before, ")
    assert first.endswith(texts[0]["title"])
    assert "Nothing was held out." in desk.proofroom("runs", "held-out", "run 1", *HERE).stdout


def test_a_waiting_job_is_moved_and_put_back(desk: Desk) -> None:
    def order() -> list[str]:
        return [job["id"] for job in answer(desk.proofroom("jobs", "waiting", "--json"))["jobs"]]

    first, second, third = desk.waiting
    assert order() == [first, second, third]
    moved = desk.proofroom("jobs", "move", third, "--to", "next", "--by", "Bo").stdout
    assert moved == f"{third} Training: queued, number 1 of 3 that wait.\n"
    assert order() == [third, first, second]
    assert desk.proofroom("jobs", "waiting").stdout.splitlines()[0] == (
        f"{third} Training run 3 (p), asked for by Ann, moved by hand"
    )
    desk.proofroom("jobs", "move", third, "--to", "usual")
    assert order() == [first, second, third]
    assert "cannot be moved to 'up'" in desk.proofroom("jobs", "move", third, "--to", "up", code=1).stderr

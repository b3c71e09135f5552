"""Runs planned, offered, compared, noted, cancelled and resumed, models with their cards, and the order of jobs: by command, and so by the API."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.config import DataFolder
from core.workflows import training
from core.workflows.workspace import open_workspace
from studio.commands.run_groups import _command, _offer_words
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


def ended(proofroom: CommandLine, run: str) -> dict[str, Any]:
    """A run that was told to stop while it waited; the studio's own thread ends it."""
    deadline = time.monotonic() + 60
    while (told := answer(proofroom("runs", "show", run, *HERE, "--json")))["status"] == "queued":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert isinstance(told, dict)
    return told


def test_experiments_are_offered_with_what_one_types_to_start_them(desk: Desk) -> None:
    (offer,) = answer(desk.proofroom("runs", "offers", "v1", *HERE, "--json"))["offers"]
    assert (offer["kind"], offer["freezes"]) == ("learning_curve", "")
    assert offer["command"] == "proofroom learning-curve v1 --project p --wait"
    words = desk.proofroom("runs", "offers", *HERE).stdout
    assert words == f"{offer['sentence']} To start it: proofroom learning-curve --project p --wait\n"
    assert "There is no version 'v9'" in desk.proofroom("runs", "offers", "v9", *HERE, code=1).stderr


def test_an_offer_says_what_is_frozen_first_and_quotes_names_for_the_shell() -> None:
    offer = {
        "sentence": "Choosing may pay.",
        "freezes": "every record",
        "command": _command("experiment", "v 1", "my posts"),
    }
    assert _offer_words(offer) == (
        "Choosing may pay. It freezes every record first. To start it: proofroom curation 'v 1' --project 'my posts' --wait"
    )


def test_a_plan_says_what_a_run_would_take_and_starts_nothing(desk: Desk) -> None:
    def n_runs() -> int:
        return len(answer(desk.proofroom("runs", "list", *HERE, "--json"))["runs"])

    before = n_runs()
    told = answer(desk.proofroom("train", "v1", *HERE, "--set", "rank=8", "--plan", "--json"))
    estimate = told["estimate"]
    assert desk.proofroom("train", "v1", *HERE, "--set", "rank=8", "--plan").stdout.splitlines() == [
        f"{told['n_train']} examples of v1, {estimate['n_train_tokens']:,} tokens to read.",
        f"{estimate['n_steps']} steps, about {estimate['minutes']:.0f} min, {estimate['peak_memory_mb'] / 1024:.1f} GB of memory and "
        f"{estimate['energy_wh']:.1f} Wh.",
        "rank: 8 instead of the preset's 16.",
    ]
    assert n_runs() == before


def test_a_run_is_cancelled_by_its_job_and_resumed_once(desk: Desk) -> None:
    started = desk.proofroom("train", "v1", *HERE, "--name", "stops")
    assert re.fullmatch(r"\d+ steps, about \d+ min, \d+\.\d GB of memory and \d+\.\d Wh\.\n", started.stderr)
    run = answer(desk.proofroom("runs", "show", "stops", *HERE, "--json"))
    assert desk.proofroom("jobs", "cancel", run["job"], "--by", "Bo").stdout.startswith(f"{run['job']} Training: ")
    cancelled = ended(desk.proofroom, "stops")
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "Cancelled before it began.")
    assert answer(desk.proofroom("jobs", "cancel", run["job"], "--json"))["state"] == "cancelled"
    resumed = answer(desk.proofroom("runs", "resume", "stops", *HERE, "--by", "Bo", "--json"))
    assert (resumed["run"], resumed["status"]) == (run["run"], "queued")
    assert resumed["job"] != run["job"]
    again = desk.proofroom("runs", "resume", "stops", *HERE, code=1).stderr
    assert again.startswith("The run stops is queued; only one that stopped early can be resumed.")
    desk.proofroom("runs", "cancel", "stops", *HERE)
    assert ended(desk.proofroom, "stops")["status"] == "cancelled"


def test_runs_are_compared_with_the_settings_that_differ(desk: Desk) -> None:
    first, second, last = desk.proofroom("runs", "compare", "a", "b", *HERE).stdout.splitlines()
    assert re.match(
        r"a: done, hold-out loss \d\.\d{3} \(\d\.\d{3} to \d\.\d{3}, \d+ texts\), voice distance 1\.31 ", first
    )
    assert second.startswith("b: done, ")
    assert "+0.000 (+0.000 to +0.000) against the first, may be chance" in second
    assert last == "All settings are the same."
    narrow = ("runs", "compare", "a", "narrow", *HERE)
    desk.proofroom("train", "v1", *HERE, "--name", "narrow", "--set", "rank=8", "--set", "keep_best=false")
    assert answer(desk.proofroom(*narrow, "--json"))["differs"] == {"rank": [16, 8], "keep_best": [True, False]}
    assert desk.proofroom(*narrow).stdout.splitlines()[1:] == [
        "narrow: queued", "Set differently:", "  rank: 16 (a), 8 (narrow)", "  keep best: True (a), False (narrow)",
    ]  # fmt: skip
    desk.proofroom("runs", "cancel", "narrow", *HERE)
    ended(desk.proofroom, "narrow")
    assert "1 run cannot be compared." in desk.proofroom("runs", "compare", "a", *HERE, code=1).stderr


def test_a_note_is_written_beside_a_run_and_a_later_word_leaves_its_tags(desk: Desk) -> None:
    note = ("runs", "note", "a", *HERE)
    assert desk.proofroom(*note).stdout == "No note.\n"
    written = desk.proofroom(*note, "--text", "The one to beat.", "--tag", "base line", "--tag", "spring", "--by", "Bo")
    assert written.stdout == "The one to beat.\nbase line, spring\n"
    later = answer(desk.proofroom(*note, "--text", "Beaten.", "--by", "Cy", "--json"))
    assert (later["note"], later["tags"], later["written_by"]) == ("Beaten.", ["base line", "spring"], "Cy")
    assert "cannot be a tag" in desk.proofroom(*note, "--tag", "a,b", code=1).stderr


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
        (("train", "--bundle", "x.zip", "--plan"), "A bundle says its version and settings itself."),
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


def test_models_are_approved_rolled_back_taken_back_and_retired_by_name_and_reason(desk: Desk) -> None:
    def decided(*words: str) -> str:
        return desk.proofroom("models", *words, *HERE, "--by", "Bo").stdout

    def states() -> dict[str, str]:
        return {
            model["name"]: model["state"]
            for model in answer(desk.proofroom("models", "list", *HERE, "--json"))["models"]
        }

    why = ("--reason", "Two of us read ten drafts.")
    assert states() == {"a": "candidate", "b": "candidate"}
    assert desk.proofroom("models", "approve", "a", *HERE, code=2).stdout == ""
    run = answer(desk.proofroom("runs", "show", "a", *HERE, "--json"))["run"]
    assert decided("approve", "a", *why) == f"a ({run}): approved by Bo: Two of us read ten drafts.\n"
    decided("approve", "b", *why)
    assert states() == {"a": "retired", "b": "approved"}
    assert decided("roll-back", "--reason", "b repeats itself.") == f"a ({run}): approved by Bo: b repeats itself.\n"
    assert states() == {"a": "approved", "b": "retired"}
    decided("take-back", "a")
    assert states() == {"a": "retired", "b": "retired"}
    decided("take-back", "b")
    assert states() == {"a": "retired", "b": "approved"}
    assert decided("retire", "b", *why).endswith(": retired by Bo: Two of us read ten drafts.\n")
    assert "retired already" in desk.proofroom("models", "retire", "b", *HERE, *why, code=1).stderr
    assert len(desk.proofroom("models", "list", *HERE).stdout.splitlines()) == 2

"""Drafts side by side on the command line, and so by the API: made, judged, taken back, counted, withdrawn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataFolder
from core.workflows import drafting
from core.workflows.workspace import open_workspace
from tests.command_line import CommandLine, answer
from tests.core.workflows.test_draft_comparison import written
from tests.core.workflows.test_pairwise import settled
from tests.core.workflows.test_run_registry import template
from tests.e2e import made_up

__all__ = ["template"]
HERE = ("--project", "p")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Systems by text."""
    return {}


@pytest.fixture(scope="module")
def proofroom(template: Path, tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> Iterator[CommandLine]:
    data = tmp_path_factory.mktemp("pairwise") / "data"
    shutil.copytree(template, data)
    workspace = open_workspace(DataFolder(data), executor=made_up.MadeUpWorkers())
    written(workspace, "a", "van", "bench", systems=("tuned", "base"))
    texts |= {row["text"]: row["system"] for row in drafting.list_drafts(workspace, "p")}
    settled(workspace)
    workspace.close()
    commands = CommandLine(data)
    yield commands
    commands.stop()


def test_pairs_are_made_judged_taken_back_counted_and_withdrawn(proofroom: CommandLine, texts: dict[str, str]) -> None:
    assert proofroom("pairwise", "next", *HERE, "--by", "Ann").stdout.strip() == "No pair waits for you."
    plan = answer(proofroom("pairwise", "plan", *HERE, "--json"))
    assert (plan["run"], [(one["comparison"], one["n"]) for one in plan["possible"]]) == ("a", [("base", 2)])
    assert (
        "base: Tuned model and base model, 2 new pairs, 0 made already" in proofroom("pairwise", "plan", *HERE).stdout
    )
    assert "x cannot be compared side by side" in proofroom("pairwise", "make", *HERE, "--compare", "x", code=1).stderr
    assert proofroom("pairwise", "make", *HERE, "--compare", "base").stdout.strip() == "2 pairs to be judged."

    given = answer(proofroom("pairwise", "next", *HERE, "--by", "Ann", "--json"))
    assert set(given) == {
        "pair", "brief", "audience", "facts", "format", "length", "must_not_say", "looked_up", "a", "b", "n_left", "n_done",
    }  # fmt: skip
    assert {texts[given["a"]], texts[given["b"]]} == {"tuned", "base"}
    words = proofroom("pairwise", "next", *HERE, "--by", "Ann").stdout
    assert words.startswith(f"{given['pair']}\n\nBrief: {given['brief']}\n\nA:\n{given['a']}")
    choice = "a" if texts[given["a"]] == "tuned" else "b"
    proofroom("pairwise", "submit", given["pair"], "--choice", choice, "--by", "Ann")
    assert "no longer asked about" in proofroom(
        "pairwise", "submit", given["pair"], "--choice", "a", "--by", "Bo", code=1
    ).stderr  # fmt: skip
    told = answer(proofroom("results", *HERE, "--json"))["side_by_side"][0]
    assert (told["first"], told["second"], told["waiting"], told["is_enough"]) == (1, 0, 1, False)
    assert answer(proofroom("pairwise", "results", *HERE, "--json"))["side_by_side"] == [told]
    words = proofroom("pairwise", "results", *HERE).stdout
    assert "Tuned model, beside base model: not enough yet, 1 of at least 20 pairs have a preference." in words
    assert "1 pair judged: 1 and 0 preferred" in words

    assert "is open again" in proofroom("pairwise", "undo", *HERE, "--by", "Ann").stdout
    assert "nothing to undo" in proofroom("pairwise", "undo", *HERE, "--by", "Bo").stdout
    assert proofroom("pairwise", "withdraw", *HERE).stdout.strip() == "2 pairs withdrawn."
    assert proofroom("pairwise", "results", *HERE).stdout.strip() == "No pair was judged yet."
